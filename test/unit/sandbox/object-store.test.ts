import { strict as assert } from "node:assert";
import { parseAllDocuments } from "yaml";
import { manifests, ObjectStore } from "../../../sandbox/object-store";

interface Manifest {
  kind: string;
  stringData?: Record<string, string>;
}

describe("sandbox object store", () => {
  const store: ObjectStore = {
    endpoint: "http://s3:9000",
    bucket: "backups",
    accessKeyId: "KEY",
    secretAccessKey: "word",
    data: "/state/c/object-store/data",
  };
  const text = manifests(store, "sandbox.local/object-store:1.76.0");
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest);

  it("comes with its namespace before all that is in it", () => {
    assert.deepEqual(
      objects.map(({ kind }) => kind),
      ["Namespace", "Secret", "NetworkPolicy", "Deployment", "Service"],
    );
  });

  it("has its credentials in the Secret, quoted as one item of a list, and nowhere else", () => {
    assert.deepEqual(objects.find(({ kind }) => kind === "Secret")?.stringData, { "auth-key": '"KEY,word"' });
    assert.doesNotMatch(JSON.stringify(objects.filter(({ kind }) => kind !== "Secret")), /KEY,|word/);
  });

  it("serves the machine's folder from the image given", () => {
    const deployment = JSON.stringify(objects.find(({ kind }) => kind === "Deployment"));
    assert.match(deployment, /"image":"sandbox\.local\/object-store:1\.76\.0"/);
    assert.match(deployment, /"hostPath":\{"path":"\/state\/c\/object-store\/data","type":"Directory"\}/);
    assert.doesNotMatch(text, /\$\{/);
  });
});
