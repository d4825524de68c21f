import pino from "pino";
import type { Log } from "../../application/ports/system.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** Name, message and stack of an error and of what caused it; no other field, since drivers put whole rows in theirs. */
function chain(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause ? { cause: chain(cause) } : {}) };
}

/** JSON lines on standard output. Callers give fields by name; nothing is logged whole, so nothing slips in. */
export function jsonLog(level: (typeof LOG_LEVELS)[number]): Log {
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ sync: true }));
  return {
    info: (event, fields = {}) => log.info(fields, event),
    warn: (event, fields = {}) => log.warn(fields, event),
    error: (event, fields = {}, cause) => log.error({ ...fields, ...(cause ? { cause: chain(cause) } : {}) }, event),
  };
}
