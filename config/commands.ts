/** The commands that change a stack's configuration, as they are typed. Paths have no project prefix. */
export class Commands {
  constructor(private readonly project: string) {}

  /** The full key with the path below it. */
  key(path: string): string {
    return `${this.project}:${path}`;
  }

  /** @param value as it is typed; a list in JSON is set item by item, because Pulumi would read it as one text */
  set(path: string, value: string): string {
    if (!value.startsWith("[")) return `pulumi config set --path ${quoted(this.key(path))} ${quoted(value)}`;
    const items = JSON.parse(value) as string[];
    return [
      `pulumi config rm --path ${this.key(path)}`,
      ...items.map((item, i) => `pulumi config set --path '${this.key(path)}[${i}]' ${quoted(item)}`),
    ].join(" && ");
  }

  /** Pulumi asks for the value, so it is on no command line. */
  setSecret(path: string): string {
    return `pulumi config set --secret --path ${this.key(path)}`;
  }

  remove(path: string): string {
    return `pulumi config rm --path '${this.key(path)}'`;
  }
}

function quoted(value: string): string {
  return /^[\w.:/@-]+$/.test(value) ? value : `'${value}'`;
}
