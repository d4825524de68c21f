import type { InferenceSession, Tensor } from "onnxruntime-node";
import { SAMPLE_RATE, type Samples } from "../../domain/speech.ts";
import { type TokenEvidence, tokenEvidence } from "./token_evidence.ts";
import { BEGIN, END, type ForcedToken } from "./tokens.ts";

/** What the encoder makes of a stretch of sound: a row of `size` numbers for each frame of FRAME_SECONDS. */
export type States = {
  readonly frames: number;
  readonly size: number;
  readonly data: Float32Array;
  /** The same frames four layers up, two below the last: nearer to the sounds than to the words. */
  readonly middle: Float32Array;
};

/** The encoder's strides multiply to 384 samples. */
export const FRAME_SECONDS = 384 / SAMPLE_RATE;

export type Moonshine = {
  /** Sound that is shorter than SHORTEST is filled up with silence. */
  encode(samples: Samples): Promise<States>;
  /** How well each piece of a given sentence fits what is heard and the pieces before it. At most LONGEST_SENTENCE of them. */
  force(states: States, tokens: readonly ForcedToken[]): Promise<TokenEvidence[]>;
  /** What is heard without knowing the text, at most `limit` tokens, the first with a letter: the likeliest each time. */
  listen(states: States, limit: number): Promise<number[]>;
};

/** Tokens: the decoder was never trained on more. */
export const LONGEST_SENTENCE = 190;
const SHORTEST = 0.3 * SAMPLE_RATE;

const LAYERS = 6;
const HEADS = 8;
const HEAD_SIZE = 36;
const caches = (side: "decoder" | "encoder") =>
  Array.from({ length: LAYERS }, (_, layer) => [`${layer}.${side}.key`, `${layer}.${side}.value`]).flat();
const DECODER_CACHES = caches("decoder");
const CACHES = [...DECODER_CACHES, ...caches("encoder")];

type Options = { readonly encoder: string; readonly decoder: string; readonly threads: number };

/** Moonshine tiny, an English recogniser: its encoder hears phones, its decoder knows which words go together. */
export async function openMoonshine({ encoder, decoder, threads }: Options, lettered: Uint8Array): Promise<Moonshine> {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const settings: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // The arena never gives back what the longest chunk took.
    enableCpuMemArena: false,
    enableMemPattern: false,
    // Else the decoder unpacks 38 MB of weights again for every token.
    extra: { session: { disable_quant_qdq: "1" } },
  };
  const encoding = await InferenceSession.create(encoder, settings);
  const decoding = await InferenceSession.create(decoder, settings);
  const nothing = new Tensor("float32", new Float32Array(0), [0, HEADS, 1, HEAD_SIZE]);

  const feed = (states: States, ids: readonly number[], past?: ReadonlyMap<string, Tensor>) => ({
    ...Object.fromEntries(CACHES.map((name) => [`past_key_values.${name}`, past?.get(name) ?? nothing])),
    input_ids: new Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]),
    encoder_hidden_states: new Tensor("float32", states.data, [1, states.frames, states.size]),
    use_cache_branch: new Tensor("bool", [past !== undefined], [1]),
  });

  return {
    encode: async (samples) => {
      const sound = samples.length < SHORTEST ? new Float32Array(SHORTEST) : samples;
      if (sound !== samples) sound.set(samples);
      const { last_hidden_state, middle_hidden_state } = await encoding.run({
        input_values: new Tensor("float32", sound, [1, sound.length]),
      });
      const [, frames = 0, size = 0] = last_hidden_state?.dims ?? [];
      return { frames, size, data: floats(last_hidden_state), middle: floats(middle_hidden_state) };
    },

    force: async (states, tokens) => {
      const ids = [BEGIN, ...tokens.map(({ id }) => id)];
      const { logits } = await decoding.run(feed(states, ids), ["logits"]);
      const [data, width] = [floats(logits), logits?.dims[2] ?? 0];
      return tokens.map((token, i) => tokenEvidence(data.subarray(i * width, (i + 1) * width), token, lettered));
    },

    listen: async (states, limit) => {
      const heard: number[] = [];
      const past = new Map<string, Tensor>();
      let last = BEGIN;
      while (heard.length < limit) {
        const first = past.size === 0;
        const kept = first ? CACHES : DECODER_CACHES;
        const out = await decoding.run(feed(states, [last], first ? undefined : past), [
          "logits",
          ...kept.map((name) => `present.${name}`),
        ]);
        // Learners' speech is often taken for none at all: with END where a sentence begins.
        last = likeliest(floats(out.logits), heard.length === 0 ? lettered : undefined);
        if (last === END) break;
        heard.push(last);
        for (const name of kept) {
          const cache = out[`present.${name}`];
          if (cache) past.set(name, cache);
        }
      }
      return heard;
    },
  };
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new Error("a model answered with no numbers");
}

/** The token with the highest logit, of those that are allowed. */
function likeliest(row: Float32Array, allowed?: Uint8Array): number {
  let [best, highest] = [END, Number.NEGATIVE_INFINITY];
  for (let id = 0; id < row.length; id++) {
    const value = row[id] ?? Number.NEGATIVE_INFINITY;
    if (value > highest && allowed?.[id] !== 0) [best, highest] = [id, value];
  }
  return best;
}
