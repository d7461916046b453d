import { CommandError } from "../../../sandbox/exec";
import type { Live } from "./environments";

/** The load lasts as long as this file exists. */
const FLAG = "/tmp/cpu-load";
const LONGEST_SECONDS = 2400;

/**
 * About 0.4 CPUs: busy for 40 ms, idle for 60 ms, without a process for each pause, which would take much of the time. It never
 * uses up the container's limit, so the server beside it waits for no CPU time, and it leaves the machine, which runs the whole
 * cluster, room for the others.
 */
const SCRIPT = `
touch ${FLAG}
exec {never}<> <(:)
while [[ -e ${FLAG} && $SECONDS -lt ${LONGEST_SECONDS} ]]; do
  end=$((\${EPOCHREALTIME/[.,]/} + 40000))
  while ((\${EPOCHREALTIME/[.,]/} < end)); do :; done
  read -rt 0.06 -u "$never"
done`;

function execute({ kubectl, outputs }: Live, pod: string, ...command: string[]): Promise<string> {
  return kubectl(["--namespace", outputs.namespace, "exec", pod, "--container", "nacos", "--", ...command]);
}

/** CPU load in the container of Nacos servers, which an autoscaler measures. */
export class CpuLoad {
  private ended = false;
  private problem: unknown;

  private constructor(
    private readonly environment: Live,
    private readonly pods: readonly string[],
  ) {}

  static start(environment: Live, pods: readonly string[]): CpuLoad {
    const load = new CpuLoad(environment, pods);
    for (const pod of pods)
      void execute(environment, pod, "nice", "-n", "19", "bash", "-c", SCRIPT).then(
        () => load.note(new Error(`the load in ${pod} has ended by itself`)),
        (error: unknown) => load.note(error),
      );
    return load;
  }

  private note(problem: unknown): void {
    if (!this.ended) this.problem ??= problem;
  }

  /** Throws if a load has not begun, or has ended. */
  assertRunning(): void {
    if (this.problem !== undefined) throw this.problem as Error;
  }

  async end(): Promise<void> {
    this.ended = true;
    await Promise.all(
      this.pods.map((pod) =>
        execute(this.environment, pod, "rm", "-f", FLAG).catch((error: unknown) => {
          if (!(error instanceof CommandError)) throw error; // the pod has gone, and the load with it
        }),
      ),
    );
  }
}
