import assert from "node:assert/strict";
import { cpuMilli, formatCpu, formatMemory, memoryBytes, parseCpu, parseMemory } from "../../../contract/quantity";

describe("Kubernetes quantities", () => {
  it("reads CPU in cores and millicores", () => {
    assert.deepEqual(["500m", "1", "0.3", "1.5", "2500m"].map(parseCpu), [500, 1000, 300, 1500, 2500]);
  });

  it("reads memory in binary and decimal units", () => {
    assert.deepEqual(
      ["128", "1k", "1Ki", "512Mi", "512M", "1.5Gi", "2G", "1Ti"].map(parseMemory),
      [128, 1000, 1024, 536_870_912, 512_000_000, 1_610_612_736, 2_000_000_000, 1_099_511_627_776],
    );
  });

  it("refuses what is not a quantity, or not a whole number of its smallest unit", () => {
    for (const text of ["", "m", "1.5m", "0.0001", "-1", "1 ", "1e3", "one", "1Gi"])
      assert.equal(parseCpu(text), undefined, text);
    for (const text of ["", "Mi", "1mi", "512mb", "-1Gi", "0.5", "1 Gi", "1m"])
      assert.equal(parseMemory(text), undefined, text);
  });

  it("throws if a valid quantity was expected", () => {
    assert.throws(() => cpuMilli("lots"), /"lots" is not a Kubernetes quantity/);
    assert.throws(() => memoryBytes("lots"), /"lots" is not a Kubernetes quantity/);
  });

  it("writes the shortest exact form", () => {
    assert.deepEqual([2000, 1500, 0].map(formatCpu), ["2", "1500m", "0"]);
    assert.deepEqual([2 ** 31, 1.5 * 2 ** 30, 2048, 1000, 0].map(formatMemory), ["2Gi", "1536Mi", "2Ki", "1000", "0"]);
  });
});
