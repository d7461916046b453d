import { get, post, type NacosHttp } from "../nacos-http";
import { CREATE_NAMESPACE, namespaceForm, type Namespace } from "../nacos-namespace";
import { md5Of, PUBLIC, type Details } from "./configuration";

/** A configuration to publish. */
export interface Publication extends Details {
  /** ID of the namespace. */
  readonly namespace: string;
  readonly group: string;
  readonly dataId: string;
  readonly content: string;
  /** Checksum of the content. */
  readonly md5: string;
}

type Name = Pick<Publication, "namespace" | "group" | "dataId">;

/** Why a configuration was not published. */
export class NotPublished extends Error {}

/** Something else is published by now. */
export class Conflict extends NotPublished {
  constructor() {
    super("somebody has published or deleted it since the comparison");
  }
}

/** Instead of a checksum: to replace nothing, or what has none. */
export const ABSENT = "none";

/** Who has published, in Nacos' history. */
export const AUTHOR = "nacos-restore";

const STATE = get("/nacos/v3/admin/core/state");
/** In what servers answer if the checksum is not the expected one. */
const CONFLICT = /"code":20005\b|cas publish fail/i;

/** The configurations of a Nacos, by the HTTP calls of its series. */
export class ConfigurationsApi {
  private constructor(
    private readonly http: Pick<NacosHttp, "send">,
    readonly isThree: boolean,
  ) {}

  /** @throws Error if no server answers. */
  static async of(http: Pick<NacosHttp, "send" | "host">): Promise<ConfigurationsApi> {
    const { status, text } = await http.send(STATE);
    if (status !== 200 && status !== 404)
      throw new Error(`${http.host} answers GET ${STATE.path} with ${status}: ${text.slice(0, 200)}`);
    return new ConfigurationsApi(http, status === 200);
  }

  /** ID of a namespace in the database. */
  tenantOf(namespace: string): string {
    return namespace === PUBLIC && !this.isThree ? "" : namespace;
  }

  /**
   * Publishes as a client does: with history, and pushes to those that listen.
   *
   * @param replaced the checksum of what is replaced, or ABSENT; servers from 2.3 on refuse to replace anything else. undefined:
   *   whatever there is
   * @throws Conflict or NotPublished if the server refuses
   */
  async publish(configuration: Publication, replaced: string | undefined): Promise<void> {
    const { content, type, use, effect, schema, appName, tags, description, encryptedDataKey } = configuration;
    const shared = { content, type, use, effect, schema, appName, desc: description };
    const form = this.isThree
      ? { ...shared, configTags: tags, srcUser: AUTHOR, ...(encryptedDataKey === "" ? {} : { encryptedDataKey }) }
      : { ...shared, config_tags: tags, src_user: AUTHOR };
    await this.change(
      this.isThree ? "/nacos/v3/admin/cs/config" : "/nacos/v1/cs/configs",
      { ...this.names(configuration), ...form },
      replaced === undefined ? {} : { casMd5: replaced },
    );
  }

  /** @throws NotPublished if the server refuses */
  createNamespace(namespace: Namespace): Promise<void> {
    return this.change(CREATE_NAMESPACE[this.isThree ? "new" : "old"].path, namespaceForm(namespace));
  }

  private async change(
    path: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { status, text } = await this.http.send(post(path), new URLSearchParams(form), headers);
    if (status !== 200) throw CONFLICT.test(text) ? new Conflict() : new NotPublished(reasonOf(status, text));
    const done = this.isThree ? (JSON.parse(text) as { readonly data?: unknown }).data === true : text === "true";
    if (!done) throw new NotPublished(reasonOf(status, text));
  }

  /** The checksum of what a server gives to clients; undefined if it has nothing. */
  async servedMd5(configuration: Name): Promise<string | undefined> {
    const query = new URLSearchParams(this.names(configuration)).toString();
    const path = this.isThree ? "/nacos/v3/client/cs/config" : "/nacos/v1/cs/configs";
    const { status, text } = await this.http.send(get(`${path}?${query}`));
    if (status !== 200) return undefined;
    if (!this.isThree) return md5Of(text);
    return (JSON.parse(text) as { readonly data?: { readonly md5?: string } | null }).data?.md5;
  }

  private names({ namespace, group, dataId }: Name): Record<string, string> {
    return this.isThree
      ? { dataId, groupName: group, namespaceId: namespace }
      : { dataId, group, tenant: this.tenantOf(namespace) };
  }
}

/** The database's own words, if it is the database that refuses; otherwise the beginning of the answer. */
function reasonOf(status: number, text: string): string {
  const database = /error code \[\d+\]; (.+?)(?:; nested exception|;caused|"|$)/.exec(text)?.[1];
  return database ?? `Nacos answers ${status}: ${text.trim().slice(0, 200) || "nothing"}`;
}
