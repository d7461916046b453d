/** Of the SDK in package.json: the engine looks for the plugin under it. */
export const VERSION = "3.3.2";
