import { prod } from "../support/environments";
import { clearing } from "../support/setup";

export const mochaHooks = clearing([prod.cluster]);
