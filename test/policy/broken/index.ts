import { breakEachRule } from "./program";

breakEachRule();
