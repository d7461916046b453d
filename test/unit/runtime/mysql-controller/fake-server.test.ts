import { describeServerContract } from "../../../contract/mysql-server";
import { useClock } from "../../../support/clock";
import { fakePair } from "../../../support/fake-pair";

// Real servers pass the same contract, in the end-to-end tests.
describe("fake servers behave as", () => {
  useClock();
  describeServerContract(fakePair);
});
