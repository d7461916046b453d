/** A mistake or a condition that the user can fix. Only its message is printed, without a stack trace. */
export class UserError extends Error {}
