import assert from "node:assert/strict";
import { claimsIn, deletionProblem } from "../../../../components/tenants/claims";
import { record } from "../../../support/recorder";

describe("the deletion of a tenant's namespace", () => {
  /** Needs a run of the program, because the command that consents names the project. */
  const problem = async (claims: string[], deletable: string[] = []): Promise<string | undefined> =>
    (await record(() => ({ said: deletionProblem("shop", claims, deletable) }), { project: "nacos-tenants" })).result
      .said;

  it("needs no consent if it has no claim", async () => assert.equal(await problem([]), undefined));

  it("is refused if it has claims, with their names and the command that consents", async () => {
    assert.equal(
      await problem(["data-0"]),
      "namespace shop would be deleted with PersistentVolumeClaim data-0. Restore the configuration of tenant shop, or delete it first. To consent to the loss: pulumi config rm --path nacos-tenants:deletable && pulumi config set --path 'nacos-tenants:deletable[0]' shop",
    );
    assert.equal(
      await problem(["data-0", "data-1"], ["pay"]),
      "namespace shop would be deleted with PersistentVolumeClaims data-0, data-1. Restore the configuration of tenant shop, or delete them first. To consent to the loss: pulumi config rm --path nacos-tenants:deletable && pulumi config set --path 'nacos-tenants:deletable[0]' pay && pulumi config set --path 'nacos-tenants:deletable[1]' shop",
    );
  });

  it("is allowed with claims if the configuration names the tenant", async () =>
    assert.equal(await problem(["data-0"], ["pay", "shop"]), undefined));

  it("asks the API server for the namespace's claims", async () => {
    const asked: string[] = [];
    const api = {
      get: <T>(path: string) => Promise.resolve((asked.push(path), { items: [{ metadata: { name: "data-0" } }] }) as T),
    };
    assert.deepEqual(await claimsIn(api, "shop"), ["data-0"]);
    assert.deepEqual(asked, ["/api/v1/namespaces/shop/persistentvolumeclaims"]);
  });
});
