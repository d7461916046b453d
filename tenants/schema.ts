import { deletable, endpoint, tenantRules, tenants } from "../components/tenants/config";
import { text } from "../config/fields";
import { group, type ValueOf } from "../config/groups";
import { target } from "../config/target";
import { readerOf } from "../config/validate";

/** Every key that a stack may set below `nacos-tenants:`, with its default per environment. */
export const schema = group({
  environment: target.environment,
  platform: text({
    description: "Full name of the platform's stack.",
    allowed: "ORGANIZATION/PROJECT/STACK; in a self-managed backend, ORGANIZATION is organization",
    example: "organization/nacos-platform/dev",
    pattern: /^[\w.-]+(\/[\w.-]+){2}$/,
    default: {
      dev: "organization/nacos-platform/dev",
      test: "organization/nacos-platform/test",
      prod: "organization/nacos-platform/prod",
    },
  }),
  endpoint,
  tenants,
  deletable,
});

/** The complete configuration of a stack, checked and frozen. */
export type TenantsConfig = ValueOf<typeof schema>;

/** Readers of a stack's configuration, for the program and for code that has only the stack file. */
export const { validate, validateFile } = readerOf({
  project: "nacos-tenants",
  schema,
  rules: tenantRules,
  page: "docs/tenants-configuration.md",
});
