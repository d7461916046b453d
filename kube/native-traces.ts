/**
 * Leaves stack traces to Node.js. Sucrase keeps every line where it was, so they are right. Pulumi's SDK would look up the
 * lines of the libraries' sources for each promise that it makes, which is an eighth of a preview's time.
 */
(Error as { prepareStackTrace?: unknown }).prepareStackTrace = undefined;
