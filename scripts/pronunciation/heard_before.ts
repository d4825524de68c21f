import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Moonshine, States } from "../../src/adapters/pronunciation/moonshine.ts";
import type { TokenEvidence } from "../../src/adapters/pronunciation/token_evidence.ts";

// What Moonshine made of a corpus is kept, so that evidence with another probe costs a tenth of the time.

type Kept = {
  readonly frames: number;
  readonly size: number;
  /** First number of its states in states.f16. */
  readonly at: number;
  readonly heard: readonly number[];
  readonly forced: Record<string, readonly TokenEvidence[]>;
};

export type HeardBefore = {
  /** A Moonshine for one clip: answers from what is kept, asks the real one else. */
  of(id: string): Moonshine;
  /** Keeps what was new of a clip. */
  keep(id: string): void;
};

/** `states.f16`: float16 rows of all chunks one behind the other, of each those of the last layer, then of the middle one; `states.jsonl`: where each clip's chunks lie in it. */
export function heardBefore(folder: string, real: Moonshine): HeardBefore {
  const [statesFile, indexFile] = [join(folder, "states.f16"), join(folder, "states.jsonl")];
  for (const file of [statesFile, indexFile]) if (!existsSync(file)) writeFileSync(file, "");
  const known = new Map<string, Kept[]>();
  for (const line of readFileSync(indexFile, "utf8").split("\n")) {
    if (line === "") continue;
    const { id, chunks }: { id: string; chunks: Kept[] } = JSON.parse(line);
    known.set(id, chunks);
  }
  const bytes = readFileSync(statesFile);
  const stored = new Float16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  let end = stored.length;
  const fresh = new Map<string, { states: States; kept: Kept }[]>();

  const of = (id: string): Moonshine => {
    const old = known.get(id);
    const own: { states: States; kept: Kept }[] = [];
    fresh.set(id, own);
    let next = 0;
    const find = (states: States) => own.find((one) => one.states === states)?.kept;
    return {
      encode: async (samples) => {
        const kept = old?.[next++];
        if (kept) {
          const length = kept.frames * kept.size;
          const [data, middle] = [0, length].map((from) =>
            Float32Array.from(stored.subarray(kept.at + from, kept.at + from + length)),
          );
          if (!data || !middle) throw new Error(`states of ${id} are missing`);
          const states = { frames: kept.frames, size: kept.size, data, middle };
          own.push({ states, kept });
          return states;
        }
        const states = await real.encode(samples);
        own.push({ states, kept: { frames: states.frames, size: states.size, at: -1, heard: [], forced: {} } });
        return states;
      },
      force: async (states, tokens) => {
        const kept = find(states);
        const key = tokens.map((token) => token.id).join(" ");
        const found = kept?.forced[key] ?? (await real.force(states, tokens));
        if (kept) kept.forced[key] = found;
        return [...found];
      },
      listen: async (states, limit) => {
        const kept = find(states);
        if (kept && kept.at >= 0) return [...kept.heard];
        const heard = await real.listen(states, limit);
        if (kept) own.splice(-1, 1, { states, kept: { ...kept, heard } });
        return heard;
      },
    };
  };

  const keep = (id: string) => {
    const own = fresh.get(id) ?? [];
    fresh.delete(id);
    if (known.has(id)) return;
    const chunks = own.map(({ states, kept }) => {
      const rows = Float16Array.from([...states.data, ...states.middle]);
      appendFileSync(statesFile, new Uint8Array(rows.buffer));
      const placed = { ...kept, at: end };
      end += rows.length;
      return placed;
    });
    appendFileSync(indexFile, `${JSON.stringify({ id, chunks })}\n`);
  };
  return { of, keep };
}
