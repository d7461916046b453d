import { describeConnecting } from "./connecting";
import { describeResources } from "./resources";
import { Server, ServerAddress } from "./server";

export type { ServerAddress } from "./server";

/**
 * The behaviours of the plugin of `@pulumi/mysql` that the platform relies on or has to tolerate, each seen with the
 * official plugin or read in its source. Creates and removes its own databases and accounts on the server.
 *
 * @param address is called once, when the tests begin.
 * @param pluginFile executable of the plugin; the stand-in of this checkout if it is left out.
 */
export function describeProviderContract(address: () => Promise<ServerAddress>, pluginFile?: string): void {
  describe("the plugin of @pulumi/mysql", function () {
    // The official plugin tries to connect for five minutes.
    this.timeout(pluginFile === undefined ? 20_000 : 700_000);
    let server: Server | undefined;

    before(async () => {
      server = await Server.at(await address(), pluginFile);
      await server.started();
    });

    after(() => server?.clean());

    const on = () => {
      if (server === undefined) throw new Error("the server is asked for before it is known");
      return server;
    };
    describeConnecting(on);
    describeResources(on);
  });
}
