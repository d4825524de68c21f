import type { PronunciationScorer } from "../../src/application/ports/pronunciation.ts";
import { align, unlikeness } from "../../src/domain/alignment.ts";
import { AppError } from "../../src/domain/errors.ts";
import type { Pronounced, ScoredWord } from "../../src/domain/pronunciation.ts";
import type { Samples } from "../../src/domain/speech.ts";
import { wordsOf } from "../../src/domain/words.ts";
import { joined } from "../../tests/support/recordings.ts";
import { mean, seeded } from "./agreement.ts";
import { withInterval } from "./comparison.ts";
import { isFlagged, type Judged } from "./judged.ts";
import { placesOf } from "./labelled.ts";

// What nobody read so: the same recordings against texts that are wrong in a known way.

export type Line = { what: string; measured: string; wanted: string };

/** A share of what came out well, or a mean, with the speaker it came from. */
type Outcome = { readonly speaker: string; readonly value: number };

const SEED = 6;
/** Shorter texts have no other words to be told from. */
const FEWEST_WORDS = 3;
const GOOD = 8;

/** Long words that stand in no text of the corpus' kind, as the prototype was measured with. */
const LONG_WORDS = "elephant window quickly thirteen purple banana teacher morning".split(" ");

const line = (what: string, outcomes: readonly Outcome[], wanted = ""): Line => ({
  what: `${what} (${outcomes.length})`,
  measured: withInterval(
    outcomes,
    ({ speaker }) => speaker,
    (some) => mean(some.map(({ value }) => value)),
  ),
  wanted,
});

const as = (so: boolean): number => (so ? 1 : 0);

/** Null where the scorer refuses what it is given. */
async function scored(scorer: PronunciationScorer, samples: Samples, text: string): Promise<Pronounced | null> {
  try {
    return await scorer.score(samples, { text, language: "en" });
  } catch (error) {
    if (error instanceof AppError && (error.code === "wrong_text" || error.code === "audio_unusable")) return null;
    throw error;
  }
}

const isRefused = (result: Pronounced | null): boolean => result === null || result.wrong_text;

/** What an assessment shows as left out or as another word. */
const isMissed = ({ said, replaced }: ScoredWord): boolean => !said || replaced;

/** What becomes of a text whose word at `at` was exchanged. */
export function naming(truth: Pronounced, swapped: Pronounced | null, at: number) {
  const nothing = { refused: true, lowest: false, named: false, alone: false, others: [] as boolean[] };
  const own = swapped?.words.findIndex(({ start }) => start === at) ?? -1;
  const word = swapped?.words[own];
  if (!swapped || swapped.wrong_text || !word) return nothing;
  const others = swapped.words.filter((_, i) => i !== own);
  // The words before it keep their order, and so do those after it, though not their places.
  const before = truth.words.filter(({ start }) => start < at);
  const after = others.length - before.length > 0 ? truth.words.slice(-(others.length - before.length)) : [];
  const then = [...before, ...after];
  const lowest = others.every(({ score }) => score > word.score);
  return {
    refused: false,
    lowest,
    named: lowest && isFlagged(word, swapped),
    /** It, and no other word than before, is shown as left out or replaced. */
    alone: isMissed(word) && others.every((other, i) => !isMissed(other) || isMissed(then[i] ?? other)),
    /** Which of the other words were judged otherwise only because of it. */
    others: others.map((other, i) => isFlagged(other, swapped) !== isFlagged(then[i] ?? other, truth)),
  };
}

async function replacedWords(
  scorer: PronunciationScorer,
  clips: readonly Judged[],
  pool: string,
  other: (word: string, text: string) => string,
): Promise<Line[]> {
  const swaps: (ReturnType<typeof naming> & { speaker: string; clean: boolean })[] = [];
  for (const { clip, samples, result } of clips) {
    if (clip.words.length < FEWEST_WORDS) continue;
    for (const [i, { start, end }] of (placesOf(clip) ?? []).entries()) {
      const text = clip.text.slice(0, start) + other(clip.words[i]?.text ?? "", clip.text) + clip.text.slice(end);
      const outcome = naming(result, await scored(scorer, samples, text), start);
      swaps.push({ ...outcome, speaker: clip.speaker, clean: clip.words.every(({ accuracy }) => accuracy >= GOOD) });
    }
  }
  const shares = (of: (swap: (typeof swaps)[number]) => boolean, some = swaps) =>
    some.map((swap): Outcome => ({ speaker: swap.speaker, value: as(of(swap)) }));
  return [
    line(
      `a word replaced by ${pool}: it is flagged and the lowest of all`,
      shares(({ named }) => named),
      "0.97",
    ),
    line(
      "… in clips whose words the experts all gave 8 or more",
      shares(
        ({ named }) => named,
        swaps.filter(({ clean }) => clean),
      ),
    ),
    line(
      "… it is the lowest of all",
      shares(({ lowest }) => lowest),
    ),
    line(
      "… it alone is newly shown as left out or replaced",
      shares(({ alone }) => alone),
    ),
    line(
      "… the whole is refused as another text",
      shares(({ refused }) => refused),
    ),
    line(
      "… other words that are judged otherwise because of it",
      swaps.flatMap(({ speaker, others }) => others.map((changed): Outcome => ({ speaker, value: as(changed) }))),
    ),
  ];
}

/** Each clip with another one whose text is of other words: one drawn order, so that every text is used once or twice. */
function partners(clips: readonly Judged[]): (readonly [Judged, Judged])[] {
  const random = seeded(SEED);
  const order = clips.map((clip) => ({ clip, key: random() })).toSorted((a, b) => a.key - b.key);
  return order.flatMap(({ clip }, i) => {
    const others = [...order.slice(i + 1), ...order.slice(0, i)].map(({ clip }) => clip);
    const other = others.find((one) => align(clip.clip.text, one.clip.text).same === 0);
    return other ? [[clip, other] as const] : [];
  });
}

async function otherTexts(scorer: PronunciationScorer, clips: readonly Judged[]): Promise<Line[]> {
  const wrong: Outcome[] = [];
  for (const [{ clip, samples }, other] of partners(clips)) {
    wrong.push({ speaker: clip.speaker, value: as(isRefused(await scored(scorer, samples, other.clip.text))) });
  }
  const right = clips.map(({ clip, result }): Outcome => ({ speaker: clip.speaker, value: as(result.wrong_text) }));
  return [
    line("the text of another clip: refused", wrong, "0.97"),
    line("the right text: refused", right, "at most 0.03"),
  ];
}

async function unreadTexts(scorer: PronunciationScorer, clips: readonly Judged[]): Promise<Line[]> {
  const outcomes: { speaker: string; refused: boolean; read: boolean[]; unread: boolean[] }[] = [];
  for (const [{ clip, samples }, other] of partners(clips)) {
    const result = await scored(scorer, samples, `${clip.text} ${other.clip.text}`);
    const words = result?.words ?? [];
    const [read, unread] = [
      words.filter(({ end }) => end <= clip.text.length),
      words.filter(({ start }) => start > clip.text.length),
    ].map((some) => some.map(({ said }) => said));
    outcomes.push({ speaker: clip.speaker, refused: isRefused(result), read: read ?? [], unread: unread ?? [] });
  }
  const whole = outcomes.map(({ speaker, refused, read, unread }): Outcome => {
    const right = !refused && unread.length > 0 && !unread.includes(true) && !read.includes(false);
    return { speaker, value: as(right) };
  });
  const each = (of: (one: (typeof outcomes)[number]) => boolean[]) =>
    outcomes.flatMap((one) => of(one).map((said): Outcome => ({ speaker: one.speaker, value: as(!said) })));
  return [
    line("clip A, text of A and B: all of B left out and none of A", whole, "0.95"),
    line(
      "… words of B shown as left out",
      each(({ unread }) => unread),
    ),
    line(
      "… words of A shown as left out",
      each(({ read }) => read),
    ),
    line(
      "… refused as another text",
      outcomes.map(({ speaker, refused }): Outcome => ({ speaker, value: as(refused) })),
    ),
  ];
}

const GAP_S = 0.3;

async function addedWords(scorer: PronunciationScorer, clips: readonly Judged[]): Promise<Line[]> {
  const [same, inPlace, refused]: [Outcome[], Outcome[], Outcome[]] = [[], [], []];
  for (const [{ clip, samples }, other] of partners(clips)) {
    const result = await scored(scorer, joined([samples, other.samples], GAP_S), clip.text);
    const words = wordsOf(other.clip.text).length;
    const { speaker } = clip;
    refused.push({ speaker, value: as(isRefused(result)) });
    const behind = result?.wrong_text ? [] : (result?.added ?? []);
    const found = align(other.clip.text, behind.map(({ text }) => text).join(" "));
    for (let i = 0; i < words; i++) {
      same.push({ speaker, value: as(i < found.same) });
      inPlace.push({ speaker, value: as(i < found.same + found.replaced) });
    }
  }
  const ordinary = clips.flatMap(({ clip, result }) =>
    clip.words.map((_, i): Outcome => ({ speaker: clip.speaker, value: i === 0 ? 100 * result.added.length : 0 })),
  );
  return [
    line("sound of A and B, text of A: words of B shown as added, as B's text has them", same, "0.80"),
    line("… shown as added, by whatever word was heard", inPlace),
    line("… refused as another text", refused),
    line("ordinary clips: words shown as added, of 100 in the text", ordinary),
  ];
}

/** Everything that is made up from the clips, in the order of the promises. */
export async function misreadings(
  scorer: PronunciationScorer,
  clips: readonly Judged[],
  note: (what: string) => void,
): Promise<Line[]> {
  const random = seeded(SEED);
  const draw = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? "";
  const vocabulary = [...new Set(clips.flatMap(({ clip }) => clip.words.map(({ text }) => text.toLowerCase())))].filter(
    (word) => /^[a-z]{3,}$/.test(word),
  );
  const until = (next: () => string, so: (word: string) => boolean) => {
    let word = next();
    // A text that has every word there is keeps the last one drawn.
    for (let i = 0; i < 1000 && !so(word); i++) word = next();
    return word;
  };
  const absent = (word: string, text: string) => !wordsOf(text).includes(word);
  const long = (_: string, text: string) =>
    until(
      () => draw(LONG_WORDS),
      (word) => absent(word, text),
    );
  const any = (own: string, text: string) =>
    until(
      () => draw(vocabulary),
      (word) => absent(word, text) && unlikeness(word, own.toLowerCase()) >= 80,
    );

  const lines: Line[] = [];
  for (const [what, work] of [
    ["replaced words, long ones", () => replacedWords(scorer, clips, "a long one of eight", long)],
    ["replaced words, any", () => replacedWords(scorer, clips, "any of another text", any)],
    ["other texts", () => otherTexts(scorer, clips)],
    ["unread texts", () => unreadTexts(scorer, clips)],
    ["added words", () => addedWords(scorer, clips)],
  ] as const) {
    note(what);
    lines.push(...(await work()));
  }
  return lines;
}
