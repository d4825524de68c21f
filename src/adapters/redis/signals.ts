import type { Signals } from "../../application/ports/system.ts";
import { memorySignals } from "../memory/system.ts";
import type { RedisConnection } from "./connect.ts";

/**
 * Wakes whoever waits, in this process at once and in the others by way of Redis. What Redis loses while it is away is
 * made good by the look that each event stream takes by itself.
 */
export function redisSignals({ commands, listening, space }: RedisConnection): Signals {
  const local = memorySignals();
  const channel = `${space}:wake`;
  const self = crypto.randomUUID();
  // Refused only where the connection ends; after a break it is subscribed again by the client.
  listening.subscribe(channel).catch(() => {});
  listening.on("message", (from: string, message: string) => {
    const [sender, topic = ""] = message.split(/ (.*)/s);
    if (from === channel && sender !== self) local.wake(topic);
  });
  return {
    wake: (topic) => {
      local.wake(topic);
      commands.publish(channel, `${self} ${topic}`).catch(() => {});
    },
    on: local.on,
  };
}
