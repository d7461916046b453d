require("sucrase/register"); // takes the types off this project's own files
Error.prepareStackTrace = undefined; // as in native-traces.ts
require("./index.ts");
