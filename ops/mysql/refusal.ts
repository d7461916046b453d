/** A command that was not carried out, with the reason and the way on. Nothing was changed, or all of it was undone. */
export class Refusal extends Error {}
