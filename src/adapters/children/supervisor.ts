import { AppError, type ErrorCode, type ErrorParams } from "../../domain/errors.ts";

// Native code and decoders may crash, hang or eat memory: they live in a child process behind this door. The child
// answers one message at a time over Bun's IPC, maybe piece by piece; it dies with its parent, because the closed channel ends it.

type Options = {
  /** The child's TypeScript file. */
  readonly script: string;
  /** Milliseconds one call may take before the child is killed. */
  readonly timeoutMs: number;
  /** Calls that may wait; one more is refused with `busy`. */
  readonly queue: number;
  /** How polite the child is to the server: 0 to 19. */
  readonly nice: number;
  /** What a crash or a time-out is called. */
  readonly broken: ErrorCode;
  readonly env?: Record<string, string>;
  /** Milliseconds without work after which the child ends and gives its memory back. */
  readonly idleMs?: number;
  /** Milliseconds that a cancelled call has to end by itself; a child without them is killed at once. */
  readonly cancelMs?: number;
};

export type ToChild<Q> = { request: Q } | { cancel: true };

/** `why` is for the log. */
type Answer<R> = { ok: true; value: R } | { ok: false; code: ErrorCode; params?: ErrorParams; why?: string };

export type ChildReply<R, P = never> = Answer<R> | { piece: P };

type Waiting<Q, R, P> = {
  request: Q;
  signal: AbortSignal | undefined;
  onPiece: (piece: P) => void;
  leave: () => void;
  resolve: (value: R) => void;
  reject: (error: unknown) => void;
};

type CallOptions<P> = {
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  /** Gets what the child says before its answer. Each piece is a sign of life: the time-out counts anew from there. */
  onPiece?: (piece: P) => void;
  /** What a time-out of this call is called, where that is not the child's fault. */
  late?: ErrorCode;
};

/** One watched child: calls queue up, a hang is killed, a crash fails only the call that met it. */
export interface Child<Q, R, P = never> {
  call(request: Q, options?: CallOptions<P>): Promise<R>;
  /** Calls waiting and running. */
  readonly depth: number;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/** Before a command: makes it give way to the server, where the machine can. */
export const politely = (nice: number): string[] => (Bun.which("nice") ? ["nice", "-n", String(nice)] : []);

export function supervise<Q, R, P = never>(options: Options): Child<Q, R, P> {
  const waiting: (Waiting<Q, R, P> & { timeoutMs: number; late: ErrorCode })[] = [];
  let running: { end(outcome: Answer<R> | Error): void; piece(piece: P): void } | undefined;
  let child: Bun.Subprocess | undefined;
  let idle: Timer | undefined;
  let stopped = false;

  const launch = () => {
    // Bun would read `.env` by itself.
    const bun = [process.execPath, "--env-file=/dev/null", options.script];
    const started: Bun.Subprocess = Bun.spawn([...politely(options.nice), ...bun], {
      ipc: (message: ChildReply<R, P>) => {
        if (child !== started) return;
        if ("piece" in message) running?.piece(message.piece);
        else running?.end(message);
      },
      serialization: "advanced",
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
      // It works on what strangers send: no secret and no address of a database is within its reach.
      env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...options.env },
      onExit: (_, code, signal) => {
        // One that was killed for a time-out ends while the next call runs already in another child.
        if (child !== started) return;
        child = undefined;
        running?.end(new Error(`the child ended (${signal ?? code})`));
      },
    });
    return started;
  };

  const kill = () => {
    const gone = child;
    child = undefined;
    gone?.kill("SIGKILL");
    return gone?.exited;
  };

  const send = (to: Bun.Subprocess, message: ToChild<Q>) => to.send(message);

  const next = () => {
    clearTimeout(idle);
    const job = waiting.shift();
    if (!job) {
      if (options.idleMs) {
        idle = setTimeout(kill, options.idleMs);
        idle.unref();
      }
      return;
    }
    job.signal?.removeEventListener("abort", job.leave);
    // Who cancels is answered at once; the child may be at it a little longer.
    let answered = false;
    const answer = (outcome: Answer<R> | Error, code: ErrorCode) => {
      if (answered) return;
      answered = true;
      if (outcome instanceof Error) job.reject(new AppError(code, {}, { cause: outcome }));
      else if (outcome.ok) job.resolve(outcome.value);
      else job.reject(new AppError(outcome.code, outcome.params, outcome.why ? { cause: new Error(outcome.why) } : {}));
    };
    const end = (outcome: Answer<R> | Error, code = options.broken) => {
      clearTimeout(timer);
      job.signal?.removeEventListener("abort", abort);
      running = undefined;
      answer(outcome, code);
      next();
    };
    const cut = (why: string, code = options.broken) => {
      // The call is over before the child is, so that its end is not taken for the next call's.
      running = undefined;
      kill();
      end(new Error(why), code);
    };
    const watch = () => setTimeout(() => cut(`no answer within ${job.timeoutMs} ms`, job.late), job.timeoutMs);
    let timer = watch();
    const piece = (piece: P) => {
      if (answered) return;
      clearTimeout(timer);
      timer = watch();
      job.onPiece(piece);
    };
    const abort = () => {
      if (!options.cancelMs || !child) return cut("cancelled");
      clearTimeout(timer);
      timer = setTimeout(() => cut("cancelled"), options.cancelMs);
      answer(new Error("cancelled"), options.broken);
      try {
        send(child, { cancel: true });
      } catch {
        cut("cancelled");
      }
    };
    job.signal?.addEventListener("abort", abort, { once: true });
    running = { end, piece };
    try {
      child ??= launch();
      send(child, { request: job.request });
    } catch (error) {
      kill();
      end(error instanceof Error ? error : new Error(String(error)));
    }
  };

  return {
    call: (request, { signal, timeoutMs = options.timeoutMs, late = options.broken, onPiece = () => {} } = {}) =>
      new Promise((resolve, reject) => {
        if (stopped) return reject(new AppError("busy", { retry_after: 5 }));
        if (waiting.length >= options.queue) return reject(new AppError("busy", { retry_after: 5 }));
        const cancelled = () => reject(new AppError(options.broken, {}, { cause: new Error("cancelled") }));
        if (signal?.aborted) return cancelled();
        // Who no longer waits gives the place away at once; a call under way is cut where it runs.
        const leave = () => {
          waiting.splice(waiting.indexOf(job), 1);
          cancelled();
        };
        const job = { request, signal, timeoutMs, late, onPiece, leave, resolve, reject };
        waiting.push(job);
        signal?.addEventListener("abort", leave, { once: true });
        if (!running) next();
      }),
    get depth() {
      return waiting.length + (running ? 1 : 0);
    },
    get pid() {
      return child?.pid;
    },
    stop: async () => {
      stopped = true;
      for (const { reject, signal, leave } of waiting.splice(0)) {
        signal?.removeEventListener("abort", leave);
        reject(new AppError("busy", { retry_after: 5 }));
      }
      clearTimeout(idle);
      // The end of a child that was let go is told to no one, so the call that it was at is answered here.
      const ended = running;
      await kill();
      ended?.end(new Error("stopped"));
    },
  };
}
