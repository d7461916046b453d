import { deletable, endpoint, tenantRules, tenants } from "../components/tenants/config";
import { text } from "../config/fields";
import { group, type ValueOf } from "../config/groups";
import { target } from "../config/target";
import { readerOf } from "../config/validate";

/** Every key that a stack may set below `nacos-tenants:`, with its default per environment. */
export const schema = group({
  environment: target.environment,
  platform: text({
    description: "The platform's stack, by its full name.",
    allowed: "ORGANIZATION/PROJECT/STACK; in a backend of one's own the organization is called organization",
    example: "organization/nacos-platform/dev",
    pattern: /^[\w.-]+(\/[\w.-]+){2}$/,
    default: { dev: "organization/nacos-platform/dev", test: "organization/nacos-platform/test", prod: "organization/nacos-platform/prod" },
  }),
  endpoint,
  tenants,
  deletable,
});

/** The whole configuration of a stack, checked and frozen. */
export type TenantsConfig = ValueOf<typeof schema>;

/** How a stack's configuration is read, by the program and by everybody who has only its file. */
export const { validate, validateFile } = readerOf({ project: "nacos-tenants", schema, rules: tenantRules, page: "docs/tenants-configuration.md" });
