import type { States } from "./moonshine.ts";
import { PHONE_COUNT } from "./phones.ts";

/** For each frame the natural logarithms of how likely each phone is, a row of PHONE_COUNT. */
export type Posteriors = { readonly frames: number; readonly logs: Float32Array };

export type Probe = {
  read(states: States): Promise<Posteriors>;
  /** Natural logarithm of how common each phone is in speech; PHONE_COUNT of them. */
  readonly priors: Float32Array;
};

type Options = { readonly probe: string; readonly priors: readonly number[]; readonly threads: number };

/** Hears phones in the encoder's states: one hidden layer over a frame and its two neighbours, of two of the encoder's layers. */
export async function openProbe({ probe, priors, threads }: Options): Promise<Probe> {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(probe, { intraOpNumThreads: threads, interOpNumThreads: 1 });
  return {
    priors: Float32Array.from(priors),
    read: async ({ frames, size, data, middle }) => {
      const rows = (numbers: Float32Array) => new Tensor("float32", numbers, [frames, size]);
      const { logs } = await session.run({ last: rows(data), middle: rows(middle) });
      if (!(logs?.data instanceof Float32Array) || logs.dims[1] !== PHONE_COUNT)
        throw new Error(`${probe} is no probe of ${PHONE_COUNT} phones`);
      return { frames, logs: logs.data };
    },
  };
}

/** Chunks' frames one behind the other. */
export function joined(parts: readonly Posteriors[]): Posteriors {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const frames = parts.reduce((sum, part) => sum + part.frames, 0);
  const logs = new Float32Array(frames * PHONE_COUNT);
  let at = 0;
  for (const part of parts) {
    logs.set(part.logs, at * PHONE_COUNT);
    at += part.frames;
  }
  return { frames, logs };
}
