import assert from "node:assert/strict";
import { ConfigError } from "../../../../config/error";
import { validate } from "../../../../schema";

const KEY = "nacos-platform:nacos.exposure";

function configured(exposure: object | undefined, nacos: object = {}) {
  return validate({
    project: "nacos-platform",
    stack: "dev",
    values: {
      "nacos-platform:environment": "dev",
      "nacos-platform:kubeContext": "my-cluster",
      "nacos-platform:mysql": '{"storageClass":"fast"}',
      "nacos-platform:nacos": JSON.stringify({ storageClass: "fast", exposure, ...nacos }),
    },
    isSecret: () => false,
  }).nacos.exposure;
}

/** What is wrong with it, a line each. */
function problems(exposure: object, nacos?: object): string[] {
  try {
    configured(exposure, nacos);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

const clients = (more: object) => ({ clients: { sourceRanges: ["192.0.2.0/24"], ...more } });
const console = (more: object) => ({
  console: { mode: "ingress", host: "nacos.example.com", className: "traefik", ...more },
});

describe("nacos.exposure", () => {
  it("opens nothing by default", () => {
    const nothing = { clients: { mode: "none" }, console: { mode: "none" } };
    assert.deepEqual(configured(undefined), nothing);
    assert.deepEqual(configured({}), nothing);
  });

  it("knows the ports of the nodes by one number, from which clients compute the other", () => {
    assert.deepEqual(configured(clients({ mode: "nodePort" })).clients, {
      mode: "nodePort",
      sourceRanges: ["192.0.2.0/24"],
      httpPort: 30_848,
    });
    assert.deepEqual(problems(clients({ mode: "nodePort", httpPort: 31_767 })), []);
    for (const httpPort of [29_999, 31_768, 30_848.5, "30848"]) {
      const [problem] = problems(clients({ mode: "nodePort", httpPort }));
      assert.ok(problem.includes(`${KEY}.clients.httpPort is ${JSON.stringify(httpPort)}`), problem);
      assert.ok(problem.includes("a whole number from 30000 to 31767"), problem);
    }
  });

  it("needs the addresses of the clients, and says how to set them", () => {
    for (const mode of ["loadBalancer", "nodePort"])
      assert.deepEqual(problems({ clients: { mode } }), [
        `${KEY}.clients.sourceRanges is not set; allowed: a list of one or more IPv4 or IPv6 ranges; fix: pulumi config rm --path ${KEY}.clients.sourceRanges && pulumi config set --path '${KEY}.clients.sourceRanges[0]' 192.0.2.0/24`,
      ]);
  });

  it("refuses keys of another mode, and keys without a mode", () => {
    assert.match(
      problems(clients({ mode: "loadBalancer", httpPort: 30_848 })).join("\n"),
      /clients\.httpPort is not valid here; allowed: with nacos\.exposure\.clients\.mode nodePort only;/,
    );
    assert.match(
      problems(clients({})).join("\n"),
      /clients\.mode is not set; allowed: none, loadBalancer, nodePort; keys of loadBalancer are set;/,
    );
  });

  it("does not let strangers reach 2.2, which they could change without a login", () => {
    const on = (tag: string) => problems(clients({ mode: "nodePort" }), { image: `nacos/nacos-server:${tag}` });
    for (const tag of ["v2.2.4", "v2.2.3"])
      assert.deepEqual(on(tag), [
        `${KEY}.clients.mode is nodePort; allowed: none with Nacos 2.2, whose members and log levels anybody can change without a login; fix: pulumi config set --path ${KEY}.clients.mode none`,
      ]);
    for (const tag of ["v2.5.3", "v3.1.2", "v3.2.3"]) assert.deepEqual(on(tag), []);
    assert.deepEqual(problems({}, { image: "nacos/nacos-server:v2.2.4" }), []);
  });

  it("needs to know where an ingress controller connects from", () => {
    assert.deepEqual(problems(console({})), [
      `${KEY}.console.controllerNamespace is not set; allowed: the namespace of the ingress controller, or instead of it controllerCidrs; fix: pulumi config set --path ${KEY}.console.controllerNamespace NAMESPACE`,
    ]);
    for (const from of [{ controllerNamespace: "traefik" }, { controllerCidrs: ["10.1.0.0/24"] }])
      assert.deepEqual(problems(console(from)), []);
  });

  it("reports a section that is no object, and a mode that does not exist, once", () => {
    assert.equal(problems({ clients: { mode: "nodeport", sourceRanges: [] } }).length, 1);
    assert.equal(problems({ console: { mode: "route" } }).length, 1);
  });
});
