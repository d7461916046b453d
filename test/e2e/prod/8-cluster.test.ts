import { prod } from "../support/environments";
import { itLeavesNothingBehind } from "../support/leaves-nothing";

describe("the embedded cluster of three nodes", () => itLeavesNothingBehind(prod));
