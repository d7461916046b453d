import { strict as assert } from "node:assert";
import { chooseMirror, parseDeb822, parseOneLine } from "../../../sandbox/images/apt-mirror";

const debian = `
# made by an installer
Types: deb deb-src
URIs: http://mirror.example/debian http://other.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

describe("sandbox apt mirror", () => {
  it("reads deb822 paragraphs", () => {
    assert.deepEqual(parseDeb822(debian)[0], {
      uris: ["http://mirror.example/debian", "http://other.example/debian"],
      suites: ["bookworm", "bookworm-updates"],
      components: ["main", "contrib"],
      signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg",
    });
    assert.equal(parseDeb822(debian).length, 2);
  });

  it("reads continuation lines and passes over comments between them", () => {
    const [source] = parseDeb822(
      "Types: deb\nURIs:\n http://mirror.example/debian\nSuites: sid\n# testing\nComponents: main\n",
    );
    assert.deepEqual(source, {
      uris: ["http://mirror.example/debian"],
      suites: ["sid"],
      components: ["main"],
      signedBy: "",
    });
  });

  it("leaves out disabled and source-only paragraphs", () => {
    assert.deepEqual(
      parseDeb822(
        "Types: deb\nEnabled: no\nURIs: http://a.example/debian\nSuites: sid\nComponents: main\n\nTypes: deb-src\nURIs: http://b.example/debian\nSuites: sid\nComponents: main\n",
      ),
      [],
    );
  });

  it("reads one-line lists", () => {
    const text = [
      "# deb http://off.example/debian bookworm main",
      "deb cdrom:[Debian GNU/Linux]/ bookworm main",
      "deb-src http://mirror.example/debian bookworm main",
      "deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://mirror.example/x bookworm main extra # note",
      "deb http://mirror.example/debian/ bookworm main",
    ].join("\n");
    assert.deepEqual(parseOneLine(text), [
      {
        uris: ["http://mirror.example/x"],
        suites: ["bookworm"],
        components: ["main", "extra"],
        signedBy: "/usr/share/keyrings/x.gpg",
      },
      { uris: ["http://mirror.example/debian/"], suites: ["bookworm"], components: ["main"], signedBy: "" },
    ]);
  });

  it("takes Debian itself, not another archive with a component main, nor its security archive", () => {
    const others = [
      ...parseOneLine("deb [signed-by=/usr/share/keyrings/vendor.gpg] http://vendor.example/apt bookworm main"),
      ...parseDeb822(
        "Types: deb\nURIs: http://node.example/node_20.x\nSuites: nodistro\nComponents: main\nSigned-By: /usr/share/keyrings/node.gpg\n",
      ),
    ];
    assert.equal(chooseMirror([...others, ...parseDeb822(debian).reverse()]), "http://mirror.example/debian");
    assert.equal(chooseMirror(others), undefined);
  });

  it("takes a mirror of any path from a list without keyring, and prefers one that ends in /debian", () => {
    const proxied = "deb http://proxy.example/debian-remote bookworm main";
    assert.equal(chooseMirror(parseOneLine(proxied)), "http://proxy.example/debian-remote");
    assert.equal(
      chooseMirror(parseOneLine(`${proxied}\ndeb http://mirror.example/debian bookworm main`)),
      "http://mirror.example/debian",
    );
  });
});
