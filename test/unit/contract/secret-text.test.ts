import * as assert from "node:assert/strict";
import { namesSecret } from "../../../contract/secret-names";
import { findSecrets } from "../../../contract/secret-text";

describe("names of secrets", () => {
  for (const name of [
    "PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "mysqlPassword",
    "dbpassword",
    "db.password.0",
    "DB_PASS",
    "MYSQL_PWD",
    "root-passwd",
    "CLIENT_SECRET",
    "clientSecret",
    "NACOS_AUTH_TOKEN",
    "ACCESS_TOKEN",
    "CREDENTIALS",
    "PRIVATE_KEY",
    "API_KEY",
    "apiKey",
    "apikey",
    "AWS_SECRET_ACCESS_KEY",
    "nacos.core.auth.plugin.nacos.token.secret.key",
    "NACOS_AUTH_IDENTITY_VALUE",
    "TOKEN_VALUE",
    "password.txt",
    "PASSWORD2",
  ]) {
    it(`${name} is one`, () => assert.equal(namesSecret(name), true));
  }

  for (const name of [
    "",
    "_",
    "NACOS_AUTH_TOKEN_EXPIRE_SECONDS",
    "nacos.core.auth.plugin.nacos.token.expire.seconds",
    "MYSQL_PASSWORD_FILE",
    "TOKEN_PATH",
    "SECRET_NAME",
    "secretKeyRef",
    "AWS_ACCESS_KEY_ID",
    "NACOS_AUTH_IDENTITY_KEY",
    "validate_password",
    "validate_password.policy",
    "default_password_lifetime",
    "caching_sha2_password_private_key_path",
    "PWD",
    "PASS",
    "PUBLIC_KEY",
    "max_tokens",
    "KEY",
    "automountServiceAccountTokens",
    "rotate-password.sh",
    "db.user.0",
    "passwordless",
  ]) {
    it(`"${name}" is not`, () => assert.equal(namesSecret(name), false));
  }
});

describe("text with a secret", () => {
  const cases: [text: string, what: string][] = [
    ["password = x", '"password" has a literal value'],
    ["password=new.passw0rd", '"password" has a literal value'],
    ["password=x", '"password" has a literal value'],
    ["password: x", '"password" has a literal value'],
    ["  - password: 'x y'", '"password" has a literal value'],
    ['{"user": "a", "password": "x"}', '"password" has a literal value'],
    [String.raw`json: "{\"password\":\"x\"}"`, '"password" has a literal value'],
    ["#password=x", '"password" has a literal value'],
    ["--password=x", '"password" has a literal value'],
    ["tool --password x", '"--password" has a literal value'],
    ["tool --auth-token 'x'", '"--auth-token" has a literal value'],
    ["export MYSQL_PWD=hunter2", '"MYSQL_PWD" has a literal value'],
    ["kubectl create secret generic db --from-literal=password=x", '"password" has a literal value'],
    ["password=${PASSWORD:-hunter2}", '"password" has a literal value'],
    ["db.password.0=${MYSQL_SERVICE_PASSWORD:nacos}", '"db.password.0" has a literal value'],
    ["url=jdbc:mysql://db:3306/nacos?user=nacos&password=nacos", '"password" has a literal value'],
    ["url=jdbc:mysql://nacos:hunter2@db:3306/nacos", "a URL has a literal password"],
    [
      "nacos.core.auth.plugin.nacos.token.secret.key=VGhpc0lzTXlTZWNyZXQ=",
      '"nacos.core.auth.plugin.nacos.token.secret.key" has a literal value',
    ],
    ["token=/3eFGh+aBc/dEf==", '"token" has a literal value'],
    ["mysql -uroot -phunter2 -e 'select 1'", '"-p" of a MySQL client has a literal value'],
    ["/usr/bin/mysqldump -h db -p'hunter2' nacos", '"-p" of a MySQL client has a literal value'],
    ["CREATE USER 'a'@'%' IDENTIFIED BY 'x';", '"IDENTIFIED BY" has a literal value'],
    ['ALTER USER a identified with caching_sha2_password by "x"', '"IDENTIFIED BY" has a literal value'],
    ["CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD='x'", '"SOURCE_PASSWORD" has a literal value'],
    ["-----BEGIN PRIVATE KEY-----", "a PEM private key"],
    ["  -----BEGIN ENCRYPTED PRIVATE KEY-----", "a PEM private key"],
  ];
  for (const [text, what] of cases) it(text, () => assert.deepEqual(findSecrets(text), [{ line: 1, what }]));

  it("names each line, and each secret of a line once", () => {
    assert.deepEqual(findSecrets("a=1\ntoken=x token=y\npassword=z\n"), [
      { line: 2, what: '"token" has a literal value' },
      { line: 3, what: '"password" has a literal value' },
    ]);
  });
});

describe("text without a secret", () => {
  for (const text of [
    "",
    "password=",
    "password:",
    'password: ""',
    "password: null",
    "password:\n  valueFrom: x",
    "password=$PASSWORD",
    'password="$1"',
    'PASSWORD="${MYSQL_PASSWORD:?must be set}"',
    'PASSWORD="${PASSWORD:-}"',
    'PASSWORD="${PASSWORD:-$ROOT_PASSWORD}"',
    "short=${PASSWORD:0:4} token=${TOKEN:0:4}",
    "password=$(cat /run/secrets/x)",
    'password="$(< /run/secrets/mysql/password)"',
    "password=`cat /run/secrets/x`",
    "password=/etc/secret/password",
    "bearer_token_file: /var/run/secrets/kubernetes.io/serviceaccount/token",
    "credentials: /etc/prometheus/${NAME}",
    "password: {{ .Values.password }}",
    "password=%s",
    'printf \'[client]\\npassword="%s"\\n\' "$password"',
    "password=<your password>",
    "usage: tool --password=PASSWORD",
    "password=****",
    'mysql --defaults-extra-file=/run/my.cnf -e "select 1"',
    "mysql -h db -P3306 -p",
    'mysql -uroot -p"$PASSWORD"',
    "mkdir -p /var/lib/mysql; cp -pr a b",
    "mysql --protocol=tcp && mkdir -pv /x",
    "validate_password.policy=STRONG",
    "validate_password=FORCE_PLUS_PERMANENT",
    "default_password_lifetime=90",
    "mysql_native_password=OFF",
    "authentication_policy=caching_sha2_password",
    "caching_sha2_password_private_key_path=private_key.pem",
    "nacos.core.auth.plugin.nacos.token.expire.seconds=18000",
    "# the password: see the vault",
    "// token = what the server signs with",
    "-- password = 'set by the operator'",
    'if [ "$TOKEN" = "x" ]; then',
    'if [[ $token == "x" || "$token" != "y" ]]; then',
    'echo "waiting for the token: not there yet"',
    "token = read_token(path)",
    "ON DUPLICATE KEY UPDATE password = new.password",
    "flags_with_token=()",
    "can_use_credentials=1",
    'token = os.environ["TOKEN"]',
    'rate(requests{token=~"x.*"}[5m])',
    "automountServiceAccountToken: false",
    "secretName: mysql-root",
    "secretKeyRef: { name: mysql, key: password }",
    "read -r password < /run/secrets/x",
    "CREATE USER 'a'@'%' IDENTIFIED BY '${PASSWORD}';",
    "CREATE USER a IDENTIFIED BY '%s'; ALTER USER b IDENTIFIED BY RANDOM PASSWORD;",
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----",
    "grep -q 'BEGIN PRIVATE KEY' file",
    "http://nacos:8848/nacos http://$USER:$PASSWORD@nacos:8848 user@host:path",
    "jdbc:mysql://db:3306/nacos?user=nacos&password=${DB_PASSWORD}&useSSL=true",
  ]) {
    it(JSON.stringify(text), () => assert.deepEqual(findSecrets(text), []));
  }
});
