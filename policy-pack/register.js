// Lets Node.js load TypeScript: this project's own files and nothing else. By itself tsx also reads through every file of
// the libraries, which are JavaScript already, and they take twice as long to load.
const Module = require("node:module");

const javaScript = Module._extensions[".js"];
require("tsx/cjs");
Module._extensions[".js"] = javaScript;
