/** Ports on 127.0.0.1. A stack's ports are these plus its offset, so that stacks and clusters can run side by side. */
const BASE = { api: 16443, nacos: 18848, console: 18080, mysql: 13306 };

/** Default offset of each stack; PORT_OFFSET sets another. */
const OFFSETS: Record<string, number> = { dev: 0, test: 100, prod: 200 };

export interface Ports {
  api: number;
  nacos: number;
  /** Nacos clients add 1000 to the port they are given. */
  nacosGrpc: number;
  /** The web console, which has a separate port from 3.0 on. */
  console: number;
  mysql: number;
}

export function portsOf(stack: string, offset: number | undefined): Ports {
  const plus = offset ?? OFFSETS[stack] ?? 300;
  return {
    api: BASE.api + plus,
    nacos: BASE.nacos + plus,
    nacosGrpc: BASE.nacos + 1000 + plus,
    console: BASE.console + plus,
    mysql: BASE.mysql + plus,
  };
}
