/** The stack's outputs that the sandbox uses. */
export interface Outputs {
  namespace: string;
  nacos: { version: string; replicas: number; services: { client: string; headless: string } };
  mysql: { database: string; services: { client: string } };
  /** Names of Secrets. */
  secrets: { nacosAdmin: string; mysqlRoot: string; mysqlRuntime: string };
}
