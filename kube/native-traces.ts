/**
 * Leaves stack traces to Node.js. Sucrase does not move lines, so the traces are right. Pulumi's SDK would look up the lines
 * in the libraries' sources for each promise that it creates, which is an eighth of a preview's time.
 */
(Error as { prepareStackTrace?: unknown }).prepareStackTrace = undefined;
