/** A mistake or a condition the user can mend: printed as its message alone, without a stack. */
export class UserError extends Error {}
