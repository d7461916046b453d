import type { Identity } from "../../contract/identities";

/** Of what tenants are given. Their pods are their own, and carry other labels. */
export const TENANT: Identity = { name: "nacos-platform", component: "tenant" };
