/** What Kubernetes says of an object. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** An object, or its part that has conditions. */
export interface Conditioned {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** The condition of this type, if it has this status: by default, if it holds. */
export function holds({ status }: Conditioned, type: string, value: "True" | "False" = "True"): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type && condition.status === value);
}
