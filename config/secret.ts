/** A value that was encrypted in the stack file. It shows itself in no message, no log and no JSON. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for what keeps it secret in turn. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "(secret)";
  }

  toJSON(): string {
    return this.toString();
  }
}
