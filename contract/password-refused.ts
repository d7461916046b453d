import { Refusal } from "./refusal";

/**
 * The stack's own servers have other passwords than the stack. They take over the stack's at their start: all at the same time,
 * and the controller with them. One by one hangs: a server with the new passwords and the others would refuse each other's logins.
 *
 * @param server "MySQL at mysql:3306"
 */
export function passwordRefused(server: string, user: string, namespace: string, options?: ErrorOptions): Refusal {
  return new Refusal("MYSQL_PASSWORD_REFUSED", `${server} refuses the password of ${user}: the servers have other passwords than the stack. ` +
    "They use the stack's passwords after they all restart together, and nobody can write for a minute: " +
    `kubectl --namespace ${namespace} delete pods --selector 'app.kubernetes.io/name=mysql,app.kubernetes.io/component in (server,controller)'`, options);
}
