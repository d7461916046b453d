import assert from "node:assert/strict";
import { ConfigError } from "../../../config/error";
import { UsageError } from "../../../ops/command";
import { ApiError } from "../../../clients/kubernetes/api";
import { Failure, Refusal } from "../../../contract/refusal";
import { report } from "../../../ops/report";

/** What an error ends with. */
function told(error: unknown): { status: number; text: string } {
  const lines: string[] = [];
  const { error: before } = console;
  console.error = (line: string) => lines.push(line);
  try {
    return { status: report(error), text: lines.join("\n") };
  } finally {
    console.error = before;
  }
}

describe("an error of a command", () => {
  for (const [what, error, status, text] of [
    [
      "a refusal",
      new Refusal("MYSQL_REJOIN_UNREACHABLE", "mysql-2 does not answer."),
      1,
      "refused: mysql-2 does not answer. [MYSQL_REJOIN_UNREACHABLE: docs/runbooks/mysql-rejoin.md]",
    ],
    [
      "a failure",
      new Failure("RESTORE_INCOMPLETE", "half is done."),
      1,
      "failed: half is done. [RESTORE_INCOMPLETE: docs/runbooks/mysql-restore.md]",
    ],
    ["a configuration that is none", new ConfigError("bad"), 1, "refused: bad"],
    [
      "a wrong call",
      new UsageError("USAGE_COMMAND_INVALID", "there is no option --to.", "npm run ops"),
      2,
      "refused: there is no option --to. [USAGE_COMMAND_INVALID]\n\nnpm run ops",
    ],
    [
      "a refused connection",
      Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" }),
      1,
      "failed: connect ECONNREFUSED 127.0.0.1:1",
    ],
    [
      "several refused connections",
      new AggregateError([new Error("connect ECONNREFUSED ::1:1"), new Error("connect ECONNREFUSED 127.0.0.1:1")]),
      1,
      "failed: connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1",
    ],
    [
      "a fetch that failed",
      new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND repo.example") }),
      1,
      "failed: fetch failed: getaddrinfo ENOTFOUND repo.example",
    ],
    [
      "an event of a web socket",
      { message: "Unexpected server response: 403" },
      1,
      "failed: Unexpected server response: 403",
    ],
    ["nothing at all", undefined, 1, "failed: undefined"],
    [
      "credentials that have expired",
      new ApiError(401, "GET /x: 401 Unauthorized"),
      1,
      "failed: GET /x: 401 Unauthorized. The credentials of the kubeconfig's context are not accepted; have they expired?",
    ],
    [
      "a role that is missing",
      new ApiError(403, "GET /x: 403 forbidden"),
      1,
      "failed: GET /x: 403 forbidden. The user of the kubeconfig's context lacks a role that allows it.",
    ],
    [
      "an object that is missing",
      new ApiError(404, "GET /x: 404 not found"),
      1,
      "failed: GET /x: 404 not found. Is the stack deployed to this namespace of this cluster?",
    ],
    ["another answer of the API server", new ApiError(503, "GET /x: 503 etcd"), 1, "failed: GET /x: 503 etcd."],
  ] as const) {
    it(`is told without a stack trace: ${what}`, () => assert.deepEqual(told(error), { status, text }));
  }

  it("has its stack trace if it is a fault of the program", () => {
    const { status, text } = told(new TypeError("x is not a function"));
    assert.equal(status, 1);
    assert.match(
      text,
      /^failed: this is a fault of the program itself, please report it:\nTypeError: x is not a function\n +at /,
    );
  });
});
