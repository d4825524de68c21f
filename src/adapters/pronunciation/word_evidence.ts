import { FRAME_SECONDS } from "./moonshine.ts";
import { mean } from "./numbers.ts";
import type { PhoneEvidence } from "./phone_evidence.ts";
import { isVowel } from "./phones.ts";
import type { SpokenWord } from "./spoken_words.ts";
import type { TokenEvidence } from "./token_evidence.ts";

/** Numbers with names: what a score is made of. scores.json asks for them by these names. */
export type Evidence = Readonly<Record<string, number>>;

/** A word of a chunk with what was heard of it. */
export type HeardWord = {
  readonly word: SpokenWord;
  /** In order, at least one. */
  readonly phones: readonly PhoneEvidence[];
  readonly tokens: readonly TokenEvidence[];
};

// Words that are hardly ever stressed.
const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `a an the of to in on at by for from with and or but is are was were be been am do does did have has had i you he she it
  we they me him her us them my your his its our their this that these those as if so not no can will would could should
  there what who how when then than`.split(/\s+/),
);

// Logarithms of probabilities below these say nothing more.
const LEAST_LETTERED = -12;
const LEAST_RAW = -14;
const LONGEST_GAP = 1;

const startOf = ({ phones }: HeardWord) => phones[0]?.from ?? 0;
const endOf = ({ phones }: HeardWord) => phones.at(-1)?.to ?? 0;
const seconds = (frames: number) => frames * FRAME_SECONDS;

/** Seconds of silence between a word and the one behind it. */
export const gapBetween = (word: HeardWord, next: HeardWord): number => seconds(startOf(next) - endOf(word));

const isFunctionWord = (word: SpokenWord): boolean => FUNCTION_WORDS.has(word.said.toLowerCase());

/** What speaks for and against one word of a clip. */
export function wordEvidence(words: readonly HeardWord[], index: number, meanPhoneSeconds: number): Evidence {
  const heard = words[index];
  if (!heard) return {};
  return {
    ...decoderEvidence(heard.tokens),
    ...placeEvidence(heard.word, index, words.length),
    ...phoneSummary(heard.phones),
    ...timeEvidence(words, index, meanPhoneSeconds),
  };
}

/** m_: what the decoder thinks of the word in its sentence. */
function decoderEvidence(tokens: readonly TokenEvidence[]): Evidence {
  const lettered = tokens.map((token) => token.lettered);
  const raw = tokens.map((token) => token.raw);
  return {
    m_min: Math.max(LEAST_LETTERED, Math.min(...lettered)),
    m_mean: Math.max(LEAST_LETTERED, mean(lettered)),
    m_minraw: Math.max(LEAST_RAW, Math.min(...raw)),
    m_meanraw: Math.max(LEAST_RAW, mean(raw)),
    m_rank: Math.log1p(Math.max(...tokens.map(({ rank }) => rank))),
    m_margin: Math.max(LEAST_RAW, Math.min(...tokens.map(({ margin }) => margin))),
    m_ent: mean(tokens.map(({ entropy }) => entropy)),
    m_ntok: tokens.length,
  };
}

function placeEvidence(word: SpokenWord, index: number, count: number): Evidence {
  return {
    nchar: word.said.replaceAll(" ", "").length,
    nph: word.pronunciations[0]?.length ?? 0,
    pos: index / Math.max(1, count - 1),
    first: index === 0 ? 1 : 0,
    last: index === count - 1 ? 1 : 0,
    func: isFunctionWord(word) ? 1 : 0,
    nw: count,
  };
}

/** p_: what the phone probe hears in the word. */
function phoneSummary(phones: readonly PhoneEvidence[]): Evidence {
  const gop = phones.map((phone) => phone.gop);
  const lpp = phones.map((phone) => phone.lpp);
  const e = phones.map((phone) => phone.e);
  const rank = phones.map((phone) => Math.log1p(phone.rank));
  const gopOf = (vowels: boolean) => {
    const own = phones.filter(({ phone }) => isVowel(phone) === vowels);
    return mean(own.length > 0 ? own.map((phone) => phone.gop) : gop);
  };
  return {
    p_gop: mean(gop),
    p_min: Math.min(...gop),
    p_lpp: mean(lpp),
    p_lppmin: Math.min(...lpp),
    p_e: mean(e),
    p_emin: Math.min(...e),
    p_rank: mean(rank),
    p_rankmax: Math.max(...rank),
    p_top: mean(phones.map((phone) => (phone.rank === 0 ? 1 : 0))),
    p_llr: mean(phones.map(({ llr }) => llr)),
    p_vgop: gopOf(true),
    p_cgop: gopOf(false),
    p_sil: mean(phones.map(({ sil }) => sil)),
  };
}

function timeEvidence(words: readonly HeardWord[], index: number, meanPhoneSeconds: number): Evidence {
  const [before, own, behind] = [words[index - 1], words[index], words[index + 1]];
  if (!own) return {};
  const perPhone = seconds(endOf(own) - startOf(own)) / own.phones.length;
  return {
    p_dur: Math.log(perPhone / meanPhoneSeconds + 1e-3),
    p_pre: before ? Math.min(LONGEST_GAP, gapBetween(before, own)) : 0,
    p_post: behind ? Math.min(LONGEST_GAP, gapBetween(own, behind)) : 0,
  };
}
