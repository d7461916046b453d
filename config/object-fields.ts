import { z } from "zod";
import { check, choice, everywhere, field, LABEL_KEY, LABEL_VALUE } from "./fields";
import { group } from "./groups";

/** Keys that the stack sets itself. */
const OWNED = /^(app\.kubernetes\.io|nacos-platform|pod-security\.kubernetes\.io|pulumi\.com)\//;

function texts(what: "labels" | "annotations", whose: string, value: z.ZodType<string>) {
  return field(
    {
      description: `Further ${what} of ${whose}.`,
      allowed: `an object of Kubernetes ${what} with text values, none of app.kubernetes.io, nacos-platform, pod-security.kubernetes.io and pulumi.com`,
      example: '{"team":"platform"}',
      default: everywhere<Readonly<Record<string, string>>>({}),
    },
    z
      .record(z.string().regex(LABEL_KEY), value)
      .superRefine(check((given) => Object.keys(given).every((key) => !OWNED.test(key)))),
  );
}

/** Further labels and annotations of objects. */
export function moreMetadata(whose: string) {
  return {
    labels: texts("labels", whose, z.string().regex(LABEL_VALUE)),
    annotations: texts("annotations", whose, z.string()),
  };
}

/** What a stack sets for all its pods. */
export const pods = group({
  ...moreMetadata("all pods. A change restarts the servers one by one"),
  userIds: choice(["fixed", "assigned"], {
    description:
      "Whether the pods name the users that they run as (`fixed`), or the cluster assigns users and groups to them (`assigned`), as OpenShift does.",
    default: everywhere("fixed" as const),
  }),
});

/** What a stack sets for all its Services. */
export const services = group({
  ...moreMetadata("all Services"),
  ipFamilyPolicy: choice(["SingleStack", "PreferDualStack", "RequireDualStack"], {
    description:
      "Whether Services have addresses of one IP family, of both if the cluster has both, or always of both.",
    default: everywhere("SingleStack" as const),
  }),
});
