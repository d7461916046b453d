import { strict as assert } from "node:assert";
import { parseLibraries } from "../../../sandbox/images/programs";

const list = `\tlinux-vdso.so.1 (0x00007ffe3cde2000)
\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f7b9d2a4000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f7b9d0c3000)
\t/lib64/ld-linux-x86-64.so.2 => /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 (0x00007f7b9d2d0000)
`;

describe("sandbox image programs", () => {
  it("bring the libraries that the loader lists, and the loader at both of its places", () => {
    assert.deepEqual(parseLibraries(list), [
      "usr/lib/x86_64-linux-gnu/libz.so.1",
      "usr/lib/x86_64-linux-gnu/libc.so.6",
      "usr/lib64/ld-linux-x86-64.so.2",
      "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    ]);
  });

  it("are refused when a library is in none of the packages", () => {
    assert.throws(
      () => parseLibraries(`${list}\tlibicu.so.1 => not found\n`),
      /^Error: the library libicu\.so\.1 is in none of the packages$/,
    );
  });
});
