import type { PolicyConfigSchema } from "@pulumi/policy";

export type JsonSchema = NonNullable<PolicyConfigSchema["properties"]>[string];
