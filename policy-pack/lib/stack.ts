import type { PolicyResource } from "@pulumi/policy";
import { type Pod, podsOf } from "./pods";
import { at, NOT_YET_KNOWN, UNKNOWN } from "./read";
import { groupKind, type Resource, resourceOf } from "./resource";
import { type Answer, equal, every, same } from "./selector";
import { replicasOf, type Workload, workloadOf } from "./workload";

/** A resource, and what it waits for: URNs. */
export interface Linked extends Resource {
  readonly parent?: string;
  readonly dependencies: readonly string[];
  /** By property: the resources from which its value comes. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

/** The smallest and the largest number of pods of a workload. */
export interface Scale {
  readonly min: number | typeof UNKNOWN;
  readonly max: number | typeof UNKNOWN;
}

/** All resources of a stack, indexed. It is built once for all rules. */
export class Stack {
  readonly resources: readonly Linked[];
  readonly workloads: readonly Workload[];
  readonly pods: readonly Pod[];
  private readonly byUrn: ReadonlyMap<string, Linked>;
  private readonly byKind = new Map<string, Linked[]>();
  private readonly waits = new Map<string, ReadonlySet<string>>();

  /** @param inputs what the program asked for, by URN: policies of a stack only receive what came of it, defaults included */
  constructor(resources: readonly PolicyResource[], inputs: ReadonlyMap<string, unknown>) {
    // Pulumi hands them over in another order each time.
    const sorted = [...resources].sort((a, b) => (a.urn < b.urn ? -1 : 1));
    this.resources = sorted.map((resource) => ({
      ...resourceOf({ ...resource, props: inputs.get(resource.urn) ?? resource.props }),
      parent: resource.parent?.urn,
      dependencies: resource.dependencies.map(({ urn }) => urn),
      sources: Object.fromEntries(
        Object.entries(resource.propertyDependencies).map(([key, list]) => [key, list.map(({ urn }) => urn)]),
      ),
    }));
    this.byUrn = new Map(this.resources.map((resource) => [resource.urn, resource]));
    for (const resource of this.resources) {
      if (resource.group === undefined) continue;
      const key = groupKind(resource);
      this.byKind.set(key, [...(this.byKind.get(key) ?? []), resource]);
    }
    this.workloads = this.resources.flatMap((resource) => workloadOf(resource) ?? []);
    this.pods = this.workloads.flatMap(podsOf);
  }

  /** The objects of a kind, for example "core/Service". */
  all(kind: string): readonly Linked[] {
    return this.byKind.get(kind) ?? [];
  }

  byName(urn: string): Linked | undefined {
    return this.byUrn.get(urn);
  }

  /** The object of this name: UNKNOWN if there is none, but one whose name is not known yet. */
  find(kind: string, namespace: string, name: string): Linked | typeof UNKNOWN | undefined {
    const answers = this.all(kind).map((resource) => ({
      resource,
      found: every([same(namespace, resource.namespace), same(name, resource.objectName)]),
    }));
    const certain = answers.find(({ found }) => found === true)?.resource;
    return certain ?? (answers.some(({ found }) => found === UNKNOWN) ? UNKNOWN : undefined);
  }

  /** Whether the stack creates the namespace for workloads of its own: then nobody else creates anything in it. */
  owns(namespace: string): boolean {
    return (
      this.all("core/Namespace").some(({ objectName }) => objectName === namespace) &&
      this.workloads.some((workload) => workload.namespace === namespace)
    );
  }

  /** Everything that Pulumi has finished before it starts to create a resource: the children of a component wait with it. */
  waitsFor(urn: string): ReadonlySet<string> {
    const known = this.waits.get(urn);
    if (known !== undefined) return known;
    const found = new Set<string>();
    this.waits.set(urn, found);
    const { parent, dependencies = [] } = this.byUrn.get(urn) ?? {};
    for (const dependency of dependencies) {
      found.add(dependency);
      for (const further of this.waitsFor(dependency)) found.add(further);
    }
    if (parent !== undefined) for (const further of this.waitsFor(parent)) found.add(further);
    return found;
  }

  scaleOf(workload: Workload): Scale {
    const number = (value: unknown): Scale["min"] => (typeof value === "number" ? value : UNKNOWN);
    const autoscalers = this.all("autoscaling/HorizontalPodAutoscaler").map(
      ({ props, namespace }): Scale & { readonly targets: Answer } => {
        const target = at(props, "spec", "scaleTargetRef");
        return {
          targets: every([
            same(namespace, workload.namespace),
            equal(at(target, "kind"), workload.kind),
            workload.objectName === NOT_YET_KNOWN ? UNKNOWN : equal(at(target, "name"), workload.objectName),
          ]),
          min: number(at(props, "spec", "minReplicas") ?? 1),
          max: number(at(props, "spec", "maxReplicas")),
        };
      },
    );
    const certain = autoscalers.find(({ targets }) => targets === true);
    if (certain !== undefined) return certain;
    const replicas = autoscalers.some(({ targets }) => targets === UNKNOWN) ? UNKNOWN : replicasOf(workload);
    return { min: replicas, max: replicas };
  }
}
