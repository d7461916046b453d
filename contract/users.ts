/** Users that the containers run as. The group with the same number may read volumes and Secrets. */
export const USERS = {
  /** `mysql` in MySQL's images. */
  mysql: 999,
  /** `node` in Node.js's images. */
  node: 1000,
  /** No user in the passwd file of Nacos' images. */
  nacos: 1000,
} as const;
