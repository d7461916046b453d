import assert from "node:assert/strict";
import { propertiesFile } from "../../../../components/nacos/properties";

describe("the properties file of Nacos", () => {
  const line = (value: string): string => propertiesFile({ a: value }).split("\n").slice(3).join("\n");

  it("keeps each value unchanged for java.util.Properties", () => {
    assert.equal(line("plain = with: signs # and !"), "a=plain = with: signs # and !\n");
    assert.equal(line(" first"), "a=\\ first\n");
    assert.equal(line("C:\\x"), "a=C:\\\\x\n");
    assert.equal(line("two\nlines\t\r"), "a=two\\nlines\\t\\r\n");
    assert.equal(line("中😀"), "a=\\u4e2d\\ud83d\\ude00\n");
    assert.equal(line("${MY_SECRET}"), "a=${MY_SECRET}\n");
    assert.equal(line(""), "a=\n");
  });
});
