require("sucrase/register"); // takes the types off this project's own files
require("./index.ts");
