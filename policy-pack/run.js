require("sucrase/register"); // removes the types from this project's own files
require("./index.ts");
