import assert from "node:assert/strict";
import { evaluateCertificates } from "../../../../../ops/diagnose/checks/certificates";
import { NOW } from "../objects";

describe("the check of certificates", () => {
  const of = (days: number) => {
    const end = new Date(NOW + days * 86_400_000);
    return evaluateCertificates(new Map([["mysql-0", { server: end, ca: new Date("2040-01-01") }]]), NOW);
  };

  it("watches one that expires within 30 days, and escalates one that has expired", () => {
    assert.deepEqual(of(40), { summary: "the servers' expire on 2030-02-10, their CA's on 2040-01-01", problems: [] });
    assert.deepEqual(
      [of(20), of(-1)].flatMap(({ problems }) => problems.map(({ verdict }) => verdict)),
      ["watch", "escalate"],
    );
  });

  it("does not know if no server presents one", () =>
    assert.throws(() => evaluateCertificates(new Map(), NOW), /no server presents a certificate/));
});
