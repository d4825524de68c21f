import { END, type ForcedToken } from "./tokens.ts";

/** How well one token of the reference fits; probabilities are natural logarithms. */
export type TokenEvidence = {
  readonly word: number;
  /** Of the token as it is written, among all tokens. */
  readonly raw: number;
  /** Of the token in any case, among tokens with a letter: whether a comma comes here is no matter of pronunciation. */
  readonly lettered: number;
  /** Lettered tokens that are likelier. */
  readonly rank: number;
  /** Its logit above that of the likeliest lettered token: 0 where it is that one, else negative. */
  readonly margin: number;
  /** Of the whole distribution, in nats. */
  readonly entropy: number;
  /** That the sentence ends before it. */
  readonly end: number;
};

/** From the decoder's logits where the token is due. */
export function tokenEvidence(logits: Float32Array, token: ForcedToken, lettered: Uint8Array): TokenEvidence {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of logits) if (value > top) top = value;
  let [sum, sumLettered, weighted, topLettered] = [0, 0, 0, Number.NEGATIVE_INFINITY];
  for (let id = 0; id < logits.length; id++) {
    const value = logits[id] ?? 0;
    const share = Math.exp(value - top);
    sum += share;
    weighted += share * value;
    // Ids behind the vocabulary are never said; they count as letters, as they did when the weights were fitted.
    if (lettered[id] === 0) continue;
    sumLettered += share;
    if (value > topLettered) topLettered = value;
  }
  const logOfSum = top + Math.log(sum);
  const own = token.same.map((id) => logits[id] ?? Number.NEGATIVE_INFINITY);
  const best = Math.max(...own);
  let rank = 0;
  for (let id = 0; id < logits.length; id++) if ((logits[id] ?? 0) > best && lettered[id] !== 0) rank++;
  return {
    word: token.word,
    raw: (logits[token.id] ?? Number.NEGATIVE_INFINITY) - logOfSum,
    lettered: Math.log(own.reduce((all, value) => all + Math.exp(value - top), 0)) - Math.log(sumLettered),
    rank,
    margin: best - topLettered,
    entropy: logOfSum - weighted / sum,
    end: (logits[END] ?? Number.NEGATIVE_INFINITY) - logOfSum,
  };
}
