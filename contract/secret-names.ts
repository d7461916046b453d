// The last word of a name says what it is: NACOS_AUTH_TOKEN is a token, NACOS_AUTH_TOKEN_EXPIRE_SECONDS is a duration and
// MYSQL_PASSWORD_FILE is a path. So only the end of a name decides.
const secretEnding = /(?:password|passwd|passphrase|secret|token|credentials?|apikey|privatekey|accesskey|secretkey)$/;
const secretKeys = new Set(["api", "private", "access", "secret", "encryption", "signing"]);
// Without another word, "pass" is a result of a test and "pwd" is the working directory.
const shortForms = new Set(["pass", "pwd"]);
// PASSWORD_VALUE and db.password.0 are still a password.
const transparent = /^(?:value|text|txt|data|string|plain|base64|b64|hex|\d+)$/;

/** Whether a variable, option or key of this name contains a secret, not a fact about a secret. */
export function namesSecret(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== "");
  // Nacos servers authenticate each other with this value. The name of its header is public.
  if (words.slice(-2).join(" ") === "identity value") return true;
  while (words.length > 1 && transparent.test(words[words.length - 1])) words.pop();

  const last = words.pop()?.replace(/\d+$/, "") ?? "";
  const before = words.pop();
  // The MySQL plugin is called validate_password.
  if (before === "validate" && last === "password") return false;
  if (last === "key") return before !== undefined && secretKeys.has(before);
  return secretEnding.test(last) || (shortForms.has(last) && before !== undefined);
}
