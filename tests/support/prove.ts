import { appendFileSync } from "node:fs";

/** In full by `bun run prove`, which collects the figures; small everywhere else. */
const isFull = process.env.PROVE_FILE !== undefined;

export const size = (small: number, full: number): number => (isFull ? full : small);

/** A figure that was measured now, with what it should be; printed, and collected for docs/proof.md. */
export function figure(what: string, measured: string, wanted: string): void {
  console.log(`    ${what}: ${measured} (wanted: ${wanted})`);
  if (process.env.PROVE_FILE) appendFileSync(process.env.PROVE_FILE, `${JSON.stringify({ what, measured, wanted })}\n`);
}
