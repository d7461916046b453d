import type { AddressInfo } from "node:net";
import { openForward } from "../../../clients/kubernetes/forward";
import { NACOS_ADMIN } from "../../../contract/accounts";
import { OBJECTS } from "../../../contract/objects";
import { NACOS_PORTS } from "../../../contract/ports";
import { Refusal } from "../../../contract/refusal";
import { checkToken, signIn } from "../../secrets/nacos-access";
import { problem, type Check, type Found } from "../check";
import { decoded } from "../world";

const RUNBOOK = "docs/runbooks/secrets-rotate.md";

export interface Access {
  /** With the password in the Secret. */
  readonly own: boolean;
  /** With Nacos' well-known password. */
  readonly wellKnown: boolean;
  /** Without any. */
  readonly open: boolean;
}

/** Who gets in. */
export function evaluateAccess({ own, wellKnown, open }: Access): Found {
  const doors = [
    ...(wellKnown
      ? [problem("stop", "Nacos accepts its well-known password: whoever reaches it is administrator", RUNBOOK)]
      : []),
    ...(open ? [problem("stop", "Nacos lists users' roles without a login: authentication is off", RUNBOOK)] : []),
  ];
  return {
    summary: `administrator: ${own ? "login works" : "login refused"}`,
    problems: own
      ? doors
      : [
          ...doors,
          problem(
            "watch",
            `the password in Secret ${OBJECTS.nacosAdmin} is refused: somebody has changed it in Nacos, or Nacos cannot read its database`,
            RUNBOOK,
          ),
        ],
  };
}

export const access: Check = {
  name: "access",
  look: async (world) => {
    const { config, namespace } = world.cluster;
    const secret = await world.secret(OBJECTS.nacosAdmin);
    const tunnel = await openForward(config, {
      listen: 0,
      namespace,
      to: { service: OBJECTS.nacos },
      port: NACOS_PORTS.http,
    });
    const url = `http://127.0.0.1:${(tunnel.unref().address() as AddressInfo).port}`;
    const ifAccepted = <T>(answer: Promise<T>): Promise<T | undefined> =>
      answer.catch((error: unknown) => {
        if (error instanceof Refusal) return undefined;
        throw error;
      });
    try {
      const [own, wellKnown] = await Promise.all(
        [decoded(secret, "password"), NACOS_ADMIN].map((password) => ifAccepted(signIn(url, NACOS_ADMIN, password))),
      );
      const isV3 = own?.isV3 ?? true;
      const open = await ifAccepted(checkToken(url, { token: "", isV3 }).then(() => true));
      return evaluateAccess({ own: own !== undefined, wellKnown: wellKnown !== undefined, open: open === true });
    } finally {
      tunnel.close();
    }
  },
};
