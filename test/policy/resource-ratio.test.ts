import * as assert from "node:assert/strict";
import { resourceRatio } from "../../policy-pack/rules/resources/resource-ratio";
import { changed, check, container, goodStatefulSet, passes, types, unknown, violations } from "./support";

describe("resource-ratio", () => {
  passes(resourceRatio);
  const path = `${container}.resources`;
  const of = (request: unknown, limit: unknown, resource = "cpu") => ({
    requests: { [resource]: request },
    limits: { [resource]: limit },
  });
  const says = (problem: string) => [`StatefulSet nacos/db, container "main": ${problem}`];
  check(resourceRatio, [
    { title: "passes ten times the cpu", path, value: of("100m", 1), says: [] },
    {
      title: "stops more than that",
      path,
      value: of("100m", "1.1"),
      says: says(
        'cpu has the request "100m" and the limit "1.1", more than 10 times as much. Raise the request, or lower the limit.',
      ),
    },
    {
      title: "passes four times the memory, in other units",
      path,
      value: of("512Mi", "2147483648", "memory"),
      says: [],
    },
    {
      title: "tells 512M from 512Mi",
      path,
      value: of("512M", "2Gi", "memory"),
      says: says(
        'memory has the request "512M" and the limit "2Gi", more than 4 times as much. Raise the request, or lower the limit.',
      ),
    },
    {
      title: "stops a limit below the request",
      path,
      value: of("1Gi", "512Mi", "memory"),
      says: says('memory has the request "1Gi" and the limit "512Mi", which is less. Kubernetes refuses that.'),
    },
    { title: "compares nothing that it cannot read", path, value: of("1e1m", "9"), says: [] },
    { title: "leaves no request at all to resources-required", path, value: of("0", "9"), says: [] },
    { title: "passes a limit that is not known yet", path, value: of("1m", unknown), says: [] },
  ]);

  it("goes by the factors that are configured", () => {
    const props = changed(goodStatefulSet, path, of("100m", "300m"));
    assert.equal(violations(resourceRatio, types.StatefulSet, props, [], { settings: { cpu: 2 } }).length, 1);
  });
});
