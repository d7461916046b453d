import assert from "node:assert/strict";
import { mostAdvanced, type Seen } from "../../../../runtime/mysql-controller/candidate";
import { received } from "../../../../runtime/mysql-controller/server";
import { following, gtids, letters } from "../../../support/fake-mysql";

function seen(name: string, executed: string, retrieved?: string): Seen<{ name: string }> {
  const replica = retrieved === undefined ? undefined : following("mysql-0", { retrieved: gtids(retrieved) });
  return {
    server: { name },
    state: {
      uuid: name,
      version: "8.4.7",
      writable: false,
      waitsFor: 0,
      executed: gtids(executed),
      logged: gtids(executed),
      cloning: false,
      replica,
    },
  };
}

function chosen(...servers: Seen<{ name: string }>[]): string {
  const choice = mostAdvanced(servers);
  return "winner" in choice ? choice.winner.server.name : letters(choice.conflict);
}

describe("what a server has received", () => {
  it("is what it has executed, and what waits in its relay log", () => {
    assert.equal(letters(received(seen("x", "a:1-5", "a:4-7").state).toString()), "a:1-7");
    assert.equal(letters(received(seen("x", "a:1-5").state).toString()), "a:1-5");
  });
});

describe("the most advanced server", () => {
  it("has received all that any has, applied or not", () => {
    assert.equal(chosen(seen("mysql-1", "a:1-6", ""), seen("mysql-2", "a:1-4", "a:5-7")), "mysql-2");
    assert.equal(chosen(seen("mysql-1", "a:1-7", ""), seen("mysql-2", "a:1-6", "a:6")), "mysql-1");
    assert.equal(chosen(seen("mysql-1", "a:1-7"), seen("mysql-2", "a:1-7,b:1"), seen("mysql-3", "a:1-2")), "mysql-2");
  });

  it("is the one that has least to apply of those that have the same, or else the first", () => {
    assert.equal(
      chosen(seen("mysql-1", "a:1-5"), seen("mysql-2", "a:1-7"), seen("mysql-3", "a:1-6", "a:7")),
      "mysql-2",
    );
    assert.equal(
      chosen(seen("mysql-1", "a:1-5"), seen("mysql-2", "a:1-6", "a:7"), seen("mysql-3", "a:1-7")),
      "mysql-3",
    );
    assert.equal(chosen(seen("mysql-2", ""), seen("mysql-1", "")), "mysql-2");
  });

  it("is one that can apply what it has, though it has more to apply", () => {
    const broken = seen("mysql-1", "a:1-6", "a:7");
    const error = { code: 1062, message: "Duplicate entry" };
    const state = { ...broken.state, replica: { ...following("mysql-0"), ...broken.state.replica, applyError: error } };
    assert.equal(chosen({ ...broken, state }, seen("mysql-2", "a:1-4", "a:5-7")), "mysql-2");
    assert.equal(chosen({ ...broken, state }, seen("mysql-2", "a:1-6")), "mysql-1");
  });

  it("is none that is being cloned: it is about to lose what it has", () => {
    const full = seen("mysql-1", "a:1-7");
    const cloning = { ...full, state: { ...full.state, cloning: true } };
    assert.equal(chosen(cloning, seen("mysql-2", "a:1-7")), "mysql-2");
    assert.equal(chosen(cloning, seen("mysql-2", "a:1-6")), "mysql-1 is being cloned; mysql-2 lacks a:7");
  });

  it("is none if each lacks something, and what each lacks is named", () => {
    assert.equal(
      chosen(seen("mysql-1", "a:1-7", "b:1"), seen("mysql-2", "a:1-9")),
      "mysql-1 lacks a:8-9; mysql-2 lacks b:1",
    );
  });

  it("is none if two would have to be combined, although a third lacks more", () => {
    assert.equal(
      chosen(seen("mysql-1", "a:1,b:1"), seen("mysql-2", "a:1,c:1"), seen("mysql-3", "a:1")),
      "mysql-1 lacks c:1; mysql-2 lacks b:1; mysql-3 lacks b:1,c:1",
    );
  });
});
