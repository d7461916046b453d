import { Refusal } from "./refusal";

/**
 * The servers that the stack runs have other passwords than the stack. They take over the stack's passwords at their start. All of
 * them and the controller must restart together: otherwise servers with old and with new passwords refuse each other's logins.
 *
 * @param server "MySQL at mysql:3306"
 */
export function passwordRefused(server: string, user: string, namespace: string, options?: ErrorOptions): Refusal {
  return new Refusal(
    "MYSQL_PASSWORD_REFUSED",
    `${server} refuses the password of ${user}: the servers have other passwords than the stack. ` +
      "They use the stack's passwords after they all restart together, and nobody can write for a minute: " +
      `kubectl --namespace ${namespace} delete pods --selector 'app.kubernetes.io/name=mysql,app.kubernetes.io/component in (server,controller)'`,
    options,
  );
}
