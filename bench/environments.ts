import type { Environment } from "../test/e2e/support/environments";

export const dev: Environment = { stack: "dev", cluster: "bench-dev", portOffset: 7000 };
export const prod: Environment = { stack: "prod", cluster: "bench-prod", portOffset: 7200 };
