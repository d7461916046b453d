/** A command that was not carried out, with the reason and the way on: told without a stack trace. */
export class Refusal extends Error {}

/** A command that came part of the way. The message says what was changed, and how to go on. */
export class Failure extends Refusal {}
