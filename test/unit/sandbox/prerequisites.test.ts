import * as assert from "node:assert/strict";
import { requireRoot } from "../../../sandbox/host/prerequisites";

describe("what changes an embedded cluster", () => {
  const { platform, getuid } = process;
  const pretend = (system: string, user: number): void => {
    Object.defineProperty(process, "platform", { value: system });
    process.getuid = () => user;
  };
  afterEach(() => {
    Object.defineProperty(process, "platform", { value: platform });
    process.getuid = getuid;
  });

  const otherWay = "Or deploy to a cluster of yours: make up CONTEXT=<kubeconfig context>";

  it("runs as root on Linux", () => {
    pretend("linux", 0);
    requireRoot();
  });

  it("is refused on another system, with both remedies", () => {
    pretend("darwin", 0);
    assert.throws(requireRoot, {
      message: `the embedded cluster needs Linux, and this is darwin. Run it in a Linux virtual machine. ${otherWay}`,
    });
  });

  it("is refused without root, with both remedies", () => {
    pretend("linux", 1000);
    assert.throws(requireRoot, {
      message: `the embedded cluster needs root: it makes network namespaces, mounts and cgroups. Run the same command as root (sudo -E make …). ${otherWay}`,
    });
  });
});
