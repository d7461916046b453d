interface Timer {
  at: number;
  readonly every: number | undefined;
  readonly call: () => void;
}

/** A clock that goes on only when everything else waits for it, so that no test does. */
export interface Clock {
  /** Milliseconds since the test began. */
  readonly elapsed: number;
  /** Lets time pass at once; timers that come due in it run afterwards. */
  pass(milliseconds: number): void;
}

const START = Date.parse("2030-01-01T00:00:00.000Z");

/** Puts such a clock in the place of the real one for each test of the surrounding `describe`. */
export function useClock(): Clock {
  const real = { Date, setTimeout, setInterval, clearTimeout, clearInterval, now: performance.now.bind(performance) };
  let now = START;
  let timers: Timer[] = [];

  const fire = (): void => {
    const next = [...timers].sort((a, b) => a.at - b.at).at(0);
    if (next === undefined) return;
    now = Math.max(now, next.at);
    if (next.every === undefined) stop(next);
    else next.at += next.every;
    next.call();
    // An interval alone keeps nothing waiting, and time would never end.
    if (timers.some(({ every }) => every === undefined)) setImmediate(fire);
  };
  const start = (call: () => void, milliseconds: number, every?: number): Timer => {
    if (every === undefined && !timers.some((timer) => timer.every === undefined)) setImmediate(fire);
    const timer = { at: now + milliseconds, every, call };
    timers.push(timer);
    return timer;
  };
  const stop = (timer: Timer): void => void (timers = timers.filter((other) => other !== timer));

  beforeEach(() => {
    now = START;
    timers = [];
    class FakeDate extends real.Date {
      constructor(value: number | string = now) {
        super(value);
      }
      static override now(): number {
        return now;
      }
    }
    Object.assign(globalThis, {
      Date: FakeDate,
      setTimeout: (call: () => void, milliseconds: number) => start(call, milliseconds),
      setInterval: (call: () => void, milliseconds: number) => start(call, milliseconds, milliseconds),
      clearTimeout: stop,
      clearInterval: stop,
    });
    performance.now = () => now - START;
  });
  afterEach(() => {
    const { now: realNow, ...others } = real;
    Object.assign(globalThis, others);
    performance.now = realNow;
  });
  return {
    get elapsed() {
      return now - START;
    },
    pass: (milliseconds) => void (now += milliseconds),
  };
}
