import type { Product } from "./kube/product";

/** Workloads that run next to Nacos in every stack: one line each, as in examples/static-web. */
export const products: readonly Product[] = [];
