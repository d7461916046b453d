/** The stack's outputs that the sandbox uses. */
export interface Outputs {
  namespace: string;
  nacos: { clientService: string; consoleService: string; consolePort: number; replicas: number; version: string };
  mysql: { service: string; database: string };
  secrets: { nacosAdmin: string; nacosDatabase: string };
}
