import type { Identity } from "../../contract/identities";

/** Labels of what the stack creates for tenants. The pods of tenants have other labels. */
export const TENANT: Identity = { name: "nacos-platform", component: "tenant" };
