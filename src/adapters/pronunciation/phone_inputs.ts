import { mean } from "./numbers.ts";
import type { PhoneEvidence } from "./phone_evidence.ts";
import { isVowel, PHONES, SILENCE } from "./phones.ts";
import type { Evidence, HeardWord } from "./word_evidence.ts";

// What the network is told of each phone: how it fits, its neighbours in the word, its word, what was heard, what was expected.

const FIT = ["lpp", "gop", "e", "lrank"] as const;
const MEASURES = [...FIT, "llr", "sil", "ent", "lmin", "lmax", "ldur"] as const;
const OF_WORD = [
  ..."m_min m_mean m_minraw m_meanraw m_rank m_margin m_ent m_ntok".split(" "),
  ..."u_m u_p u_lpp u_rate u_snr".split(" "),
  ..."p_lpp p_lppmin p_pre p_post first last func nw".split(" "),
];
const PLACE = ["index", "length", "begins", "ends", "vowel"] as const;

/** The names of the inputs, in their order. */
export const PHONE_INPUTS: readonly string[] = [
  ...MEASURES,
  ...FIT.map((name) => `before_${name}`),
  ...FIT.map((name) => `after_${name}`),
  ...OF_WORD,
  ...PHONES.map((phone) => `share_${phone}`),
  ...PHONES.slice(0, SILENCE).map((phone) => `is_${phone}`),
  ...PLACE,
];

const NOTHING = FIT.map(() => 0);
// A phone that is never likely has a share of 0.
const LEAST_SHARE = 1e-4;

const fit = ({ lpp, gop, e, rank }: PhoneEvidence) => [lpp, gop, e, Math.log1p(rank)];

const frames = ({ from, to }: PhoneEvidence) => to - from;

/** For each phone of each word a row as PHONE_INPUTS names it; `rows` are the words' evidence. */
export function phoneInputs(words: readonly HeardWord[], rows: readonly Evidence[]): Float32Array[] {
  const meanFrames = mean(words.flatMap(({ phones }) => phones.map(frames)));
  return words.flatMap(({ phones }, w) =>
    phones.map((phone, i) => {
      const [before, after] = [phones[i - 1], phones[i + 1]];
      return Float32Array.from([
        ...fit(phone),
        ...[phone.llr, phone.sil, phone.entropy, phone.least, phone.most],
        Math.log(frames(phone) / meanFrames),
        ...(before ? fit(before) : NOTHING),
        ...(after ? fit(after) : NOTHING),
        ...OF_WORD.map((name) => rows[w]?.[name] ?? 0),
        ...phone.shares.map((share) => Math.log(share + LEAST_SHARE)),
        ...PHONES.slice(0, SILENCE).map((_, k) => (k === phone.phone ? 1 : 0)),
        ...[i, phones.length, i === 0 ? 1 : 0, i === phones.length - 1 ? 1 : 0, isVowel(phone.phone) ? 1 : 0],
      ]);
    }),
  );
}
