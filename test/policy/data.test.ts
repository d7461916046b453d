import { explicitStorage } from "../../policy-pack/rules/data/explicit-storage";
import { secretVolumeMode } from "../../policy-pack/rules/data/secret-volume-mode";
import { changed, check, container, goodStatefulSet, passes, podSpec, types } from "./support";

const db = "StatefulSet nacos/db";
const volume = `${podSpec}.volumes.1`;

describe("secret-volume-mode", () => {
  passes(secretVolumeMode);
  const open = (mode: string) => [
    `${db}, volume "credentials": its files have mode ${mode}, with rights for every user. Set defaultMode to 0440 (288 in JSON).`,
  ];
  check(secretVolumeMode, [
    { title: "stops the default", path: `${volume}.secret.defaultMode`, value: undefined, says: open("0644") },
    { title: "passes 0440, which JSON writes as 288", path: `${volume}.secret.defaultMode`, value: 288, says: [] },
    {
      title: "stops the mode of a single file",
      path: `${volume}.secret.items`,
      value: [{ key: "a", path: "a", mode: 0o444 }],
      says: open("0444"),
    },
    {
      title: "stops a projected Secret",
      path: volume,
      value: { name: "credentials", projected: { sources: [{ secret: { name: "db" } }] } },
      says: open("0644"),
    },
    {
      title: "passes projected ConfigMaps and tokens",
      path: volume,
      value: { name: "credentials", projected: { sources: [{ configMap: { name: "db" } }] } },
      says: [],
    },
    {
      title: "stops files that do not follow the Secret",
      path: `${container}.volumeMounts`,
      value: [{ name: "credentials", mountPath: "/a", subPath: "a" }],
      says: [
        `${db}, volume "credentials": it is mounted with subPath, so its files never change. Mount the complete volume.`,
      ],
    },
  ]);
});

describe("explicit-storage", () => {
  passes(explicitStorage);
  const template = "spec.volumeClaimTemplates.0.spec";
  const className = (value: string) => [`${db}, claim "data": storageClassName is ${value}. Name a class.`];
  const good = { metadata: { name: "fast" }, reclaimPolicy: "Retain", allowVolumeExpansion: true };
  const storageClass = { type: types.StorageClass, from: { ...good, volumeBindingMode: "WaitForFirstConsumer" } };
  check(explicitStorage, [
    {
      title: "stops the default class",
      path: `${template}.storageClassName`,
      value: undefined,
      says: className("not set"),
    },
    { title: "stops no class", path: `${template}.storageClassName`, value: "", says: className('""') },
    {
      title: "passes no class for a volume that it names",
      from: changed(goodStatefulSet, `${template}.volumeName`, "disk"),
      path: `${template}.storageClassName`,
      value: "",
      says: [],
    },
    {
      title: "looks at claims",
      type: types.PersistentVolumeClaim,
      from: { metadata: { name: "db", namespace: "nacos" } },
      path: "spec",
      value: { storageClassName: "fast" },
      says: [
        "PersistentVolumeClaim nacos/db: resources.requests.storage is not set. Set a size.",
        'PersistentVolumeClaim nacos/db: accessModes is not set. Set one, such as "ReadWriteOnce".',
      ],
    },
    { ...storageClass, title: "passes a class that says everything", path: "parameters", value: {}, says: [] },
    {
      ...storageClass,
      title: "stops a class that leaves its data to the default",
      from: good,
      path: "reclaimPolicy",
      value: undefined,
      says: [
        'StorageClass fast: reclaimPolicy is not set, which means "Delete". Say which one is meant.',
        'advisory: StorageClass fast: volumeBindingMode is "Immediate", so a volume may be in a zone without room for its pod. Set "WaitForFirstConsumer".',
      ],
    },
    {
      ...storageClass,
      title: "stops volumes that cannot grow",
      path: "allowVolumeExpansion",
      value: false,
      says: ["StorageClass fast: allowVolumeExpansion is false. Set it to true."],
    },
  ]);
});
