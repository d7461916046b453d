/** The HTTP calls for one configuration, relative to the server's address, and the name of their parameter for the group. */
export interface ConfigApi {
  /** POST, with the form fields dataId, content and the group. */
  readonly publish: string;
  /** GET, with the query parameters dataId and the group. */
  readonly read: string;
  readonly group: "group" | "groupName";
}

/**
 * The calls of a server's version: 3.x has only some of the previous calls, and 3.2 none.
 * Both kinds take the login from the headers `username` and `password`.
 */
export function configApi(version: string): ConfigApi {
  return Number(version.split(".")[0]) >= 3
    ? { publish: "/nacos/v3/admin/cs/config", read: "/nacos/v3/client/cs/config", group: "groupName" }
    : { publish: "/nacos/v1/cs/configs", read: "/nacos/v1/cs/configs", group: "group" };
}
