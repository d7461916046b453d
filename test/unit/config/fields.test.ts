import assert from "node:assert/strict";
import {
  address,
  annotations,
  cidrs,
  cron,
  FIELDS,
  Mismatch,
  names,
  origin,
  parse,
  timeZone,
} from "../../../config/fields";

describe("a list of address ranges", () => {
  const field = cidrs({ description: "Where.", default: { dev: ["10.0.0.0/8"], test: [], prod: [] } });

  it("accepts IPv4 ranges, from all addresses to one, and keeps their spelling", () => {
    for (const ranges of [
      ["0.0.0.0/0"],
      ["255.255.255.255/32"],
      ["10.96.0.1/32", "192.168.199.250/29"],
      ["1.20.99.100/19"],
    ])
      assert.deepEqual(parse(field, ranges), ranges);
  });

  it("accepts IPv6 ranges", () => {
    for (const ranges of [["::/0"], ["fd00::a/128"], ["0.0.0.0/0", "2001:db8::/32"]])
      assert.deepEqual(parse(field, ranges), ranges);
  });

  it("refuses what is no range, alone and among valid ranges", () => {
    for (const wrong of [
      "10.0.0.0",
      "10.0.0/8",
      "10.0.0.0/33",
      "10.0.0.0/-1",
      "10.0.0.0/",
      "256.0.0.0/8",
      "10.0.0.300/8",
      "10.0.0.0.0/8",
      "::1",
      "::/129",
      "fd00::x/64",
      "api.example/32",
      " 10.0.0.0/8",
      "10.0.0.0/8\n",
      "",
      10,
      null,
      ["10.0.0.0/8"],
    ]) {
      assert.ok(parse(field, [wrong]) instanceof Mismatch, JSON.stringify(wrong));
      assert.ok(parse(field, ["10.0.0.0/8", wrong]) instanceof Mismatch, JSON.stringify(wrong));
    }
  });

  it("is a list that is not empty, because an empty one would allow every address", () => {
    for (const wrong of [[], "10.0.0.0/8", { 0: "10.0.0.0/8" }, null, undefined])
      assert.ok(parse(field, wrong) instanceof Mismatch, JSON.stringify(wrong));
  });

  it("describes what it accepts, with the default of dev as the example", () => {
    assert.deepEqual(
      [FIELDS.get(field)?.allowed, FIELDS.get(field)?.example],
      ["a list of one or more IPv4 or IPv6 ranges", '["10.0.0.0/8"]'],
    );
  });
});

describe("a list of names", () => {
  const field = names({
    description: "Who.",
    allowed: "letters",
    example: '["a"]',
    pattern: /^[a-z]+$/,
    not: ["root"],
  });

  it("accepts different names that match the pattern, and an empty list", () => {
    for (const list of [[], ["a"], ["b", "a"]]) assert.deepEqual(parse(field, list), list);
  });

  it("refuses a name twice, a name in use, an invalid name, and what is no list", () => {
    for (const wrong of [["a", "a"], ["a", "root"], ["A"], [""], [1], [null], [["a"]], "a", { 0: "a" }, null])
      assert.ok(parse(field, wrong) instanceof Mismatch, JSON.stringify(wrong));
  });
});

describe("a schedule", () => {
  const field = cron({ description: "When." });

  for (const good of [
    "* * * * *",
    "0 */6 * * *",
    "0-59/5 0-23 1-31 1-12 0-6",
    "59 23 31 12 6",
    "1,2,5-9/2 ? ? JAN-mar,12 Mon-FRI",
    "5/20 * * * *",
    "0 0 29 2 *",
    "0 0 30 2 0",
    "0 0 30 2 */2",
    "0 0 31 4,5 *",
  ]) {
    it(`may be ${good}`, () => assert.equal(parse(field, good), good));
  }

  for (const bad of [
    "60 * * * *",
    "* 24 * * *",
    "* * 32 * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * 0 *",
    "* * * * 7",
    "61 25 32 13 9",
    "*/0 * * * *",
    "5-1 * * * *",
    "FRI-MON * * * *",
    "* * * MON *",
    "* * * * JAN",
    "* * * * FRI-MON",
    "0 0 30 2 *",
    "0 0 31 4,6,9,11 ?",
    "0 0 30,31 FEB */1",
    "* * * *",
    "* * * * * *",
    " * * * * *",
    "*  * * * *",
    "",
    "@daily",
    "-1 * * * *",
    "1- * * * *",
    "1/ * * * *",
    "*-5 * * * *",
    ", * * * *",
    "0 0 L * *",
    "0 0 * * 1#2",
    "a * * * *",
    5,
    null,
  ]) {
    it(`may not be ${JSON.stringify(bad)}`, () => assert.ok(parse(field, bad) instanceof Mismatch));
  }
});

describe("a time zone", () => {
  const field = timeZone({ description: "Where." });

  for (const good of [
    "UTC",
    "Etc/UTC",
    "Etc/GMT+8",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Europe/Kyiv",
    "America/Argentina/Buenos_Aires",
    "America/Port-au-Prince",
    "US/East-Indiana",
  ]) {
    it(`may be ${good}`, () => assert.equal(parse(field, good), good));
  }

  for (const bad of [
    "Mars/Phobos",
    "asia/shanghai",
    "ASIA/SHANGHAI",
    "Asia/shanghai",
    "Local",
    "JST",
    "CST",
    "SystemV/AST4",
    "+08:00",
    "UTC+8",
    "Etc/UTC/",
    "",
    "Asia",
    8,
  ]) {
    it(`may not be ${JSON.stringify(bad)}`, () => assert.ok(parse(field, bad) instanceof Mismatch));
  }
});

describe("an address", () => {
  const field = address({ description: "Where.", example: "127.0.0.1:13306" });

  it("is a host and a port", () => {
    for (const good of ["127.0.0.1:1", "db.example.com:65535", "a:03306"]) assert.equal(parse(field, good), good);
    for (const bad of [
      "127.0.0.1:0",
      "127.0.0.1:65536",
      "127.0.0.1:99999",
      "127.0.0.1:",
      "127.0.0.1",
      ":3306",
      "a b:1",
      "-a:1",
      "a..b:1",
      "a-:1",
      "a:1:2",
      "a:-1",
      3306,
    ])
      assert.ok(parse(field, bad) instanceof Mismatch, String(bad));
  });
});

describe("an origin", () => {
  const field = origin({ description: "Where.", example: "https://s3.example.com" });

  it("is a scheme, a host, and optionally a port", () => {
    for (const good of ["https://s3.example.com", "http://10.0.0.1:9000", "https://s3:65535"])
      assert.equal(parse(field, good), good);
    for (const bad of [
      "https://s3:99999",
      "https://s3:0",
      "https://s3:",
      "https://",
      "https://..",
      "https://999.1.1.1",
      "https://s3/path",
      "ftp://s3",
      "s3.example.com",
    ])
      assert.ok(parse(field, bad) instanceof Mismatch, bad);
  });
});

describe("annotations", () => {
  const field = annotations({ description: "For the cloud." });

  it("have the names of Kubernetes, and any text", () => {
    const given = {
      "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
      empty: "",
      long: "a b ".repeat(99),
    };
    assert.deepEqual(parse(field, given), given);
    assert.deepEqual(parse(field, {}), {});
  });

  it("are texts, because Kubernetes takes no other values", () => {
    for (const wrong of [{ a: true }, { a: 1 }, { "/a": "b" }, { "a b": "c" }, ["a"], "a"])
      assert.ok(parse(field, wrong) instanceof Mismatch, JSON.stringify(wrong));
  });
});
