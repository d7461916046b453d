import type { Product } from "./kube/product";

/** What runs next to Nacos in every stack: a line for each, as in examples/static-web. */
export const products: readonly Product[] = [];
