import type { Ports } from "../../application/ports/mod.ts";
import type { Log, RateCounts } from "../../application/ports/system.ts";
import { queueBoard } from "./board.ts";
import { connectRedis } from "./connect.ts";
import { redisJobs } from "./jobs.ts";
import { redisRates } from "./rates.ts";
import { redisSignals } from "./signals.ts";

type Here = {
  readonly log: Log;
  /** Counts for this process while Redis is away. */
  readonly rates: RateCounts;
  /** Sets this school apart from others on the same Redis. */
  readonly school: string;
  /** Where the pages of the queue are. */
  readonly board: string;
};

/** What processes share by way of one Redis. Throws where Redis refuses us; one that is away is waited for. */
export async function overRedis(url: string, { log, rates, school, board }: Here) {
  const told = {
    onLost: ({ message }: Error) => log.warn("Redis is away", { message }),
    onBack: () => log.info("Redis is back"),
  };
  const redis = await connectRedis(url, told, school);
  const queue = redisJobs(redis, { onTrouble: (error) => log.warn("queue trouble", { message: error.message }) });
  return {
    ports: { queue, signals: redisSignals(redis), rates: redisRates(redis, rates) } satisfies Partial<Ports>,
    queueBoard: queueBoard(queue.board, board),
    /** Throws where Redis does not answer, or cannot be written. */
    check: redis.check,
    close: redis.close,
  };
}
