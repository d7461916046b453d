import { problem, type Check, type Found } from "../check";

export interface Service {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly selector?: object };
}

export interface Slice {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null;
}

/** Services that lead to no pod that is ready. */
export function evaluateServices(services: readonly Service[], slices: readonly Slice[]): Found {
  const selecting = services.filter(({ spec }) => spec.selector !== undefined);
  const counted = selecting.map(({ metadata: { name } }) => {
    const endpoints = slices
      .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name)
      .flatMap((slice) => slice.endpoints ?? []);
    return { name, ready: endpoints.filter(({ conditions }) => conditions?.ready === true).length };
  });
  return {
    summary: counted.map(({ name, ready }) => `${name} ${ready}`).join(", ") || "none",
    problems: counted
      .filter(({ ready }) => ready === 0)
      .map(({ name }) =>
        problem(
          "escalate",
          `Service ${name} leads to no pod that is ready`,
          `kubectl get endpointslices --selector kubernetes.io/service-name=${name}; docs/runbooks/troubleshooting.md#running-and-not-healthy`,
        ),
      ),
  };
}

export const services: Check = {
  name: "services",
  look: async (world) => {
    const [found, slices] = await Promise.all([
      world.list<Service>("v1", "services"),
      world.list<Slice>("discovery.k8s.io/v1", "endpointslices"),
    ]);
    return evaluateServices(found, slices);
  },
};
