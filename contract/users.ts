/** Users that the containers run as. Volumes and Secrets are readable for the group of the same number. */
export const USERS = {
  /** `mysql` in MySQL's images. */
  mysql: 999,
  /** `node` in Node.js's images. */
  node: 1000,
  /** Has no entry in the passwd file of Nacos' images. */
  nacos: 1000,
} as const;
