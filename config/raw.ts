/** A project's configuration as Pulumi, or a stack file, has it. */
export interface RawConfig {
  readonly project: string;
  readonly stack: string;
  /** The stack's configuration from Pulumi: text by full key, objects as JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether the value of a full key was encrypted in the stack file; absent if `values` are those of the file. */
  readonly isSecret?: (key: string) => boolean;
  /** The configuration as it is in the stack file, if the file exists. Needed because Pulumi knows of an object only that something in it was encrypted. */
  readonly written?: Readonly<Record<string, unknown>>;
}

/** The text of a secret value that is still encrypted. */
export const ENCRYPTED = "(encrypted)";
