import assert from "node:assert/strict";
import { configurationTable } from "../../../config/docs";
import { everywhere, integer, names } from "../../../config/fields";
import { group, mapping } from "../../../config/groups";
import { stackFileSchema } from "../../../config/json-schema";
import { target } from "../../../config/target";
import { readerOf } from "../../../config/validate";

const schema = group({
  environment: target.environment,
  teams: mapping(
    {
      description: "Who works here.",
      allowed: "lower-case letters",
      placeholder: "<team>",
      pattern: /^[a-z]+$/,
      not: ["root"],
    },
    group({ seats: integer({ description: "Desks.", min: 1, max: 9, default: everywhere(2) }) }),
  ),
  gone: names({
    description: "Who left.",
    allowed: "a list of letters",
    example: '["a","b"]',
    pattern: /^[a-z]+$/,
    not: [],
    default: everywhere<readonly string[]>([]),
  }),
});
const { validate } = readerOf({
  project: "house",
  schema,
  page: "docs/house.md",
  rules: ({ teams }) =>
    Object.keys(teams).map((team) => ({
      path: `teams.${team}.seats`,
      uses: [],
      judge: (config) =>
        config.teams[team].seats > 5
          ? { value: String(config.teams[team].seats), allowed: "at most 5 in this house", use: "5" }
          : undefined,
    })),
});

const read = (values: Record<string, string>) =>
  validate({
    project: "house",
    stack: "dev",
    values: Object.fromEntries(
      Object.entries({ environment: "dev", ...values }).map(([key, value]) => [`house:${key}`, value]),
    ),
  });
const lines = (values: Record<string, string>): string[] => {
  try {
    read(values);
  } catch (error) {
    return (error as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
};

describe("a mapping from names to groups", () => {
  it("is empty by default, and gives each name its group with the defaults", () => {
    assert.deepEqual(read({}).teams, {});
    assert.deepEqual(read({ teams: '{"red":{},"blue":{"seats":3}}' }).teams, { red: { seats: 2 }, blue: { seats: 3 } });
  });

  it("reports every name and value that is wrong, and evaluates the rest", () => {
    assert.deepEqual(
      lines({
        teams: '{"Red":{},"root":{},"a.b":{},"blue":{"seats":0},"green":{"seat":1},"grey":7,"pink":{"seats":6}}',
      }),
      [
        "house:teams.Red has a name that is not allowed; allowed: lower-case letters; fix: set it under another name, and remove this one: pulumi config rm --path 'house:teams.Red'",
        "house:teams.root has a name that is not allowed; allowed: lower-case letters; fix: set it under another name, and remove this one: pulumi config rm --path 'house:teams.root'",
        'house:teams["a.b"] has a name that is not allowed; allowed: lower-case letters; fix: set it under another name, and remove this one: pulumi config rm --path \'house:teams["a.b"]\'',
        "house:teams.blue.seats is 0; allowed: a whole number from 1 to 9; fix: pulumi config set --path house:teams.blue.seats 2",
        "house:teams.green.seat is not a known key; allowed: seats; fix: rename it to seats, or remove it: pulumi config rm --path 'house:teams.green.seat'",
        "house:teams.grey is 7; allowed: an object with the keys seats; fix: see docs/house.md",
        "house:teams.pink.seats is 6; allowed: at most 5 in this house; fix: pulumi config set --path house:teams.pink.seats 5",
      ],
    );
  });

  it("is refused if it is no object", () => {
    assert.deepEqual(lines({ teams: "[1]" }), [
      "house:teams is [1]; allowed: an object whose keys are lower-case letters; fix: see docs/house.md",
    ]);
  });

  it("is documented with a placeholder for the name", () => {
    assert.deepEqual(configurationTable(schema).slice(3, 5), [
      "| `teams` | Who works here. | an object whose keys are lower-case letters | not set | not set | not set |",
      "| `teams.<team>.seats` | Desks. | a whole number from 1 to 9 | `2` | `2` | `2` |",
    ]);
  });

  it("is in the JSON schema of stack files, with the pattern of its names", () => {
    const { properties } = stackFileSchema("house", schema) as {
      properties: {
        config: { properties: Record<string, { description: string; propertyNames: { pattern: string } }> };
      };
    };
    const { description, propertyNames } = properties.config.properties["house:teams"];
    assert.deepEqual([description, propertyNames.pattern], ["Who works here. Keys: lower-case letters.", "^[a-z]+$"]);
  });
});

describe("a list at the top level", () => {
  it("is read from the text that Pulumi passes, and its fix sets it item by item", () => {
    assert.deepEqual(read({ gone: '["red"]' }).gone, ["red"]);
    assert.deepEqual(lines({ gone: "red" }), [
      "house:gone is \"red\"; allowed: a list of letters; fix: pulumi config rm --path house:gone && pulumi config set --path 'house:gone[0]' a && pulumi config set --path 'house:gone[1]' b",
    ]);
  });
});
