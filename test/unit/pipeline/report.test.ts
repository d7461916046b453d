import assert from "node:assert/strict";
import { inMarkdown } from "../../../pipeline/report";

const OUTPUT = `Previewing update (prod):
 +  kubernetes:core/v1:Namespace namespace create
Policies:
    ❌ nacos-platform@v0.1.0 (local: policy-pack)
        - [mandatory]  no-latest-image  (kubernetes:apps/v1:StatefulSet: nacos-server)
          The image has no version.

Outputs:
    namespace: "nacos-prod"

Resources:
    + 120 to create
`;

describe("the report of previews", () => {
  it("has the policy pack's report, what would change, and all of the output below", () => {
    assert.equal(
      inMarkdown("Preview", [{ stack: "prod", passed: true, output: OUTPUT }]),
      `## Preview

### ✅ prod

\`\`\`text
Policies:
    ❌ nacos-platform@v0.1.0 (local: policy-pack)
        - [mandatory]  no-latest-image  (kubernetes:apps/v1:StatefulSet: nacos-server)
          The image has no version.

Resources:
    + 120 to create
\`\`\`

<details><summary>All of the output</summary>

\`\`\`text
${OUTPUT.trim()}
\`\`\`

</details>`,
    );
  });

  it("ends with the reason if a stack is refused", () => {
    const text = inMarkdown("Preview", [{ stack: "dev", passed: false, output: "…\nerror: kubeContext is not set\n" }]);
    assert.match(text, /### ❌ dev\n\n```text\n…\nerror: kubeContext is not set\n```/);
  });

  it("cannot be left by what a stack prints", () => {
    const text = inMarkdown("Preview", [{ stack: "dev", passed: false, output: "```\n# Merge me\n````" }]);
    assert.equal(text.split("\n`````text\n```\n# Merge me\n````\n`````\n").length, 3);
  });

  it("fits into a comment, and says what is missing", () => {
    const previews = ["dev", "test", "prod"].map((stack) => ({ stack, passed: false, output: "x".repeat(90_000) }));
    const text = inMarkdown("Preview", previews);
    assert.ok(text.length < 65_536);
    assert.match(text, /… The log of the job has the other 80000 characters\./);
  });
});
