import type { Segment } from "./alignment.ts";
import { PHONE_COUNT, type Phone, SILENCE } from "./phones.ts";
import type { Posteriors } from "./probe.ts";

/** How well one phone of the text fits what is heard in its frames; logarithms are natural. */
export type PhoneEvidence = Segment & {
  /** Mean log-posterior of the phone. */
  readonly lpp: number;
  /** Goodness of pronunciation: mean of its log-posterior less that of the likeliest phone; 0 is best. */
  readonly gop: number;
  /** Log of its mean posterior less that of the likeliest phone: above 0 where it is the likeliest by far. */
  readonly e: number;
  /** Phones (silence is one) with a higher mean posterior. */
  readonly rank: number;
  /** `lpp` less the log-prior. */
  readonly llr: number;
  /** Mean log-posterior of silence. */
  readonly sil: number;
  /** The phone with the highest mean posterior, silence among them. */
  readonly heard: Phone;
  /** Mean entropy of the posteriors of a frame, nats. */
  readonly entropy: number;
  /** Least and greatest log-posterior of the phone in a frame. */
  readonly least: number;
  readonly most: number;
  /** Mean posterior of every phone; they sum to 1. */
  readonly shares: Float64Array;
};

const LEAST_SHARE = 1e-8;

export function phoneEvidence(segment: Segment, { logs }: Posteriors, priors: Float32Array): PhoneEvidence {
  const { phone, from, to } = segment;
  const frames = to - from;
  const shares = new Float64Array(PHONE_COUNT);
  let [lpp, gop, sil, entropy] = [0, 0, 0, 0];
  let [least, most] = [0, Number.NEGATIVE_INFINITY];
  for (let frame = from; frame < to; frame++) {
    const row = logs.subarray(frame * PHONE_COUNT, (frame + 1) * PHONE_COUNT);
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < PHONE_COUNT; k++) {
      const log = row[k] ?? 0;
      if (k !== SILENCE && log > top) top = log;
      const share = Math.exp(log);
      shares[k] = (shares[k] ?? 0) + share / frames;
      entropy -= (share * log) / frames;
    }
    const own = row[phone] ?? 0;
    lpp += own / frames;
    gop += (own - top) / frames;
    sil += (row[SILENCE] ?? 0) / frames;
    least = Math.min(least, own);
    most = Math.max(most, own);
  }
  const own = shares[phone] ?? 0;
  return {
    ...segment,
    ...{ lpp, gop, sil, entropy, least, most, shares },
    e: Math.log(own + LEAST_SHARE) - Math.log(Math.max(...shares.subarray(0, SILENCE)) + LEAST_SHARE),
    rank: shares.reduce((higher, share) => higher + (share > own ? 1 : 0), 0),
    llr: lpp - (priors[phone] ?? 0),
    heard: shares.indexOf(Math.max(...shares)),
  };
}
