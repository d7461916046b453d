import * as grpc from "@grpc/grpc-js";

const asIs = (bytes: Buffer) => bytes;

/**
 * Whether containerd serves its container runtime interface (CRI). It accepts connections, and serves `ctr`, a moment
 * before that. A kubelet that starts in this moment exits at once.
 */
export async function servesCri(socket: string): Promise<boolean> {
  const client = new grpc.Client(`unix://${socket}`, grpc.credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
  });
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest(
        "/runtime.v1.RuntimeService/Version",
        asIs,
        asIs,
        Buffer.alloc(0),
        { deadline: Date.now() + 5000 },
        (error) => resolve(error === null),
      );
    });
  } finally {
    client.close();
  }
}
