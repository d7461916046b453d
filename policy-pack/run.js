// Pulumi's own TypeScript support cannot be turned off for a policy pack. It would check the types at every start.
delete require.extensions[".ts"];
require("sucrase/register"); // takes the types off this project's own files
Error.prepareStackTrace = undefined; // as in native-traces.ts
require("./index.ts");
