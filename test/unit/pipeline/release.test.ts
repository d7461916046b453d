import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { notesOf, release, withLinksTo } from "../../../pipeline/release";
import { ApiServer } from "./api-server";

const root = path.join(__dirname, "..", "..", "..");
const { version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
const REPOSITORY = { GITHUB_SERVER_URL: "https://git.example.com", GITHUB_REPOSITORY: "o/r" };
const BY_TAG = `GET /repos/o/r/releases/tags/v${version}`;

describe("a release", () => {
  let server: ApiServer;
  afterEach(() => server.stop());

  async function released(tag: string, answers: Record<string, unknown>): Promise<ApiServer> {
    server = new ApiServer(answers);
    await release(tag, { ...REPOSITORY, GITHUB_API_URL: await server.start(), GITHUB_TOKEN: "a-token" });
    return server;
  }

  it("has the notes of its version", async () => {
    const { received } = await released(`v${version}`, { [BY_TAG]: undefined, "POST /repos/o/r/releases": { id: 1 } });
    const body = received.at(-1)?.body;
    assert.equal(body?.tag_name, `v${version}`);
    const notes = notesOf(version, fs.readFileSync(path.join(root, "CHANGELOG.md"), "utf8"));
    assert.equal(body?.body, withLinksTo(`v${version}`, notes, REPOSITORY));
  });

  it("that exists gets its notes again", async () => {
    const { written } = await released(`v${version}`, {
      [BY_TAG]: { id: 4 },
      "PATCH /repos/o/r/releases/4": { id: 4 },
    });
    assert.deepEqual(written, ["PATCH /repos/o/r/releases/4"]);
  });

  it("is refused if the tag is not the version", async () => {
    await assert.rejects(released("v9.9.9", {}), /^Error: tag v9\.9\.9 is not the version of package\.json/);
    assert.deepEqual(server.received, []);
  });
});

describe("the notes of a version", () => {
  const CHANGELOG =
    "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2027-01-31)\n\n- More.\n\n### Fixed\n\n- Less.\n\n## 0.2.0-rc1\n\n- Some.\n";

  it("are its section of the change log", () => {
    assert.equal(notesOf("0.2.0", CHANGELOG), "- More.\n\n### Fixed\n\n- Less.");
  });

  it("have links to the files of the tag", () => {
    assert.equal(
      withLinksTo("v1.0.0", "[a](docs/a.md#b), [c](https://c.example.com), [d](#d)", REPOSITORY),
      "[a](https://git.example.com/o/r/blob/v1.0.0/docs/a.md#b), [c](https://c.example.com), [d](#d)",
    );
  });

  it("must exist", () => {
    for (const missing of ["0.3.0", "0.2", "Unreleased"])
      assert.throws(() => notesOf(missing, CHANGELOG), /CHANGELOG\.md has nothing under/);
  });
});
