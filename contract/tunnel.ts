/** Where `npm run ops -- mysql tunnel` listens unless it is told otherwise. */
export const TUNNEL = "127.0.0.1:13306";
