// Lets Node.js load TypeScript: this project's own files and nothing else. By itself tsx also reads through every file of
// the libraries, which are JavaScript already, and they take twice as long to load.
const Module = require("node:module");

const javaScript = Module._extensions[".js"];
require("tsx/cjs");
Module._extensions[".js"] = javaScript;

// Half of the time in which Pulumi's SDK loads goes to what it needs only to send a program's functions elsewhere: these
// two wait until something of them is asked for.
const FOR_CLOSURES = ["typescript", "@npmcli/arborist"];
// The SDK notes where each promise was made, and this finds the line for each anew, in the libraries' sources too.
// It finds wrong ones for what tsx has loaded, where Node.js by itself finds those of TypeScript.
const FOR_STACK_TRACES = "source-map-support/register";
const load = Module._load;
Module._load = function (request, parent, ...rest) {
  if (request === FOR_STACK_TRACES) return {};
  const now = () => load.call(this, request, parent, ...rest);
  return FOR_CLOSURES.includes(request) && parent?.path.includes("/@pulumi/pulumi") ? whenAsked(now) : now();
};

/** A module that is loaded when one of its members is read. Said to be an ES module, because the members of others are copied. */
function whenAsked(load) {
  return new Proxy({}, { get: (_, member) => member === "__esModule" || load()[member] });
}
