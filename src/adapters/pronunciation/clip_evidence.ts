import { FRAME_SECONDS } from "./moonshine.ts";
import { mean, percentile } from "./numbers.ts";
import type { Pace } from "./pace.ts";
import { isVowel } from "./phones.ts";
import { type Evidence, gapBetween, type HeardWord } from "./word_evidence.ts";

/** What the frames of a clip say whatever its words are. */
export type Fit = {
  /** Mean score of the best path, a frame. */
  readonly path: number;
  /** Mean log-posterior of the likeliest phone of each frame: how clear the sound is. */
  readonly clearness: number;
};

export const phoneSeconds = (words: readonly HeardWord[]): number[] =>
  words.flatMap(({ phones }) => phones.map(({ from, to }) => (to - from) * FRAME_SECONDS));

const syllables = ({ word }: HeardWord): number => Math.max(1, word.pronunciations[0]?.filter(isVowel).length ?? 0);

const columns = (rows: readonly Evidence[]) => (name: string) => rows.map((row) => row[name] ?? 0);

function byPhones(rows: readonly Evidence[], name: string): number {
  const phones = rows.reduce((sum, row) => sum + (row.nph ?? 0), 0);
  return rows.reduce((sum, row) => sum + ((row[name] ?? 0) * (row.nph ?? 0)) / phones, 0);
}

const syllableRate = (words: readonly HeardWord[], time: number) =>
  words.reduce((sum, word) => sum + syllables(word), 0) / time;

/** u_: the clip around a word, for the scores of words. */
export function surroundings(words: readonly HeardWord[], rows: readonly Evidence[], pace: Pace): Evidence {
  return {
    u_m: mean(columns(rows)("m_mean")),
    u_p: byPhones(rows, "p_gop"),
    u_lpp: byPhones(rows, "p_lpp"),
    u_rate: syllableRate(words, pace.span),
    u_snr: pace.snr,
  };
}

/** What speaks for and against a whole clip. */
export function clipEvidence(words: readonly HeardWord[], rows: readonly Evidence[], pace: Pace, fit: Fit): Evidence {
  const column = columns(rows);
  const worst = column("m_min");
  return {
    m_mean: mean(column("m_mean")),
    m_minmean: mean(worst),
    m_min: Math.min(...worst),
    m_sig: mean(worst.map((log) => 1 / (1 + Math.exp(-(log + 3) / 1.2)))),
    m_rank: mean(column("m_rank")),
    m_ent: mean(column("m_ent")),
    nw: words.length,
    nph: column("nph").reduce((sum, phones) => sum + phones, 0),
    chars: words.map(({ word }) => word.said).join(" ").length,
    p_gop: byPhones(rows, "p_gop"),
    p_min: mean(column("p_min")),
    p_lpp: byPhones(rows, "p_lpp"),
    p_lppmin: mean(column("p_lppmin")),
    p_e: mean(column("p_e")),
    p_rank: mean(column("p_rank")),
    p_top: byPhones(rows, "p_top"),
    p_w10: percentile(
      words.flatMap(({ phones }) => phones.map(({ gop }) => gop)),
      0.1,
    ),
    p_vgop: mean(column("p_vgop")),
    p_cgop: mean(column("p_cgop")),
    p_vs: fit.path,
    p_fr: fit.clearness,
    ...timing(words, pace),
  };
}

/** w_: what the scores of a clip's words (0 to 10) say of it. */
export const scoreSummary = (scores: readonly number[]): Evidence => ({
  w_mean: mean(scores),
  w_min: Math.min(...scores),
  w_p25: percentile(scores, 0.25),
});

// Seconds: shorter gaps belong to stops, and only longer ones are counted as silences.
const GAP = 0.1;
const SILENCE_GAP = 0.15;

function timing(words: readonly HeardWord[], pace: Pace): Evidence {
  const durations = phoneSeconds(words);
  const logs = durations.map(Math.log);
  const meanLog = mean(logs);
  const pairs = words.slice(1).map((next, i) => gapBetween(words[i] ?? next, next));
  const gaps = pairs.length > 0 ? pairs : [0];
  const [first, last] = [words[0]?.phones[0]?.from ?? 0, words.at(-1)?.phones.at(-1)?.to ?? 0];
  const aligned = Math.max(0.1, (last - first) * FRAME_SECONDS);
  return {
    rate: syllableRate(words, pace.span),
    artic: syllableRate(words, Math.max(0.1, pace.speech)),
    pauser: pace.pauseShare,
    npause: pace.pauses / words.length,
    dur: pace.span,
    snr: pace.snr,
    phdur: Math.log(mean(durations)),
    phdursd: Math.sqrt(mean(logs.map((log) => (log - meanLog) ** 2))),
    silr: gaps.filter((gap) => gap > GAP).reduce((sum, gap) => sum + gap, 0) / aligned,
    silmax: Math.max(...gaps),
    nsil: mean(gaps.map((gap) => (gap > SILENCE_GAP ? 1 : 0))),
  };
}
