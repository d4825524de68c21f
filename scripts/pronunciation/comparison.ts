import { absoluteError, auc, interval, mean, median, type Pair, pearson } from "./agreement.ts";
import type { Judged, JudgedWord } from "./judged.ts";

// The scorer beside the experts, and beside it the simple methods and a single expert.

/** Experts' scores up to here are bad words. */
const BAD = 5;

/** Below it a speaker's mean makes them one of the weak, whom any method tells from the others. */
const ABLE = 6.3;

type Figure = (clips: readonly Judged[]) => number;
type Row = {
  what: string;
  wanted: readonly [all: string, able: string];
  ours: Figure;
  transcript?: Figure;
  rate?: Figure;
};

const ASPECTS = ["accuracy", "fluency", "total"] as const;

/** Pearson's r with the experts over the clips. */
export const sentences =
  (aspect: (typeof ASPECTS)[number], ours: (clip: Judged) => number): Figure =>
  (clips) =>
    pearson(clips.map((one): Pair => [ours(one), one.clip.scores[aspect]]));

const wordsIn = (clips: readonly Judged[]): JudgedWord[] => clips.flatMap(({ words }) => words ?? []);
const isBad = ({ experts }: JudgedWord) => experts <= BAD;

/** Pearson's r with the experts over the words. */
export const words =
  (ours: (word: JudgedWord) => number): Figure =>
  (clips) =>
    pearson(wordsIn(clips).map((word): Pair => [ours(word), word.experts]));

/** How often a word at BAD or less scores lower than another one. */
export const badWords =
  (ours: (word: JudgedWord) => number): Figure =>
  (clips) => {
    const { true: bad = [], false: good = [] } = Object.groupBy(wordsIn(clips), (word) => `${isBad(word)}` as const);
    return auc(good.map(ours), bad.map(ours));
  };

const flaggedOf =
  (which: (word: JudgedWord) => boolean, flagged: (word: JudgedWord) => boolean): Figure =>
  (clips) =>
    mean(
      wordsIn(clips)
        .filter(which)
        .map((word) => (flagged(word) ? 1 : 0)),
    );

const isGood = (word: JudgedWord) => !isBad(word);
const isFlagged = ({ flagged }: JudgedWord) => flagged;
const wasNotHeard = ({ transcript }: JudgedWord) => transcript < 1;
const byTranscript = ({ transcript }: { transcript: number }) => transcript;

const WANTED: Record<(typeof ASPECTS)[number], readonly [string, string]> = {
  accuracy: ["0.84", "0.62"],
  fluency: ["0.85", ""],
  total: ["0.86", ""],
};

const ROWS: readonly Row[] = [
  ...ASPECTS.map((aspect) => ({
    what: `sentence ${aspect}, r`,
    wanted: WANTED[aspect],
    ours: sentences(aspect, ({ result }) => result[aspect]),
    transcript: sentences(aspect, byTranscript),
    rate: sentences(aspect, ({ rate }) => rate),
  })),
  { what: "words, r", wanted: ["0.71", "0.55"], ours: words(({ ours }) => ours), transcript: words(byTranscript) },
  {
    what: `words at ${BAD} or less, AUC`,
    wanted: ["0.965", ""],
    ours: badWords(({ ours }) => ours),
    transcript: badWords(byTranscript),
  },
  {
    what: "bad words found",
    wanted: ["0.80", ""],
    ours: flaggedOf(isBad, isFlagged),
    transcript: flaggedOf(isBad, wasNotHeard),
  },
  {
    what: "other words flagged",
    wanted: ["at most 0.06", ""],
    ours: flaggedOf(isGood, isFlagged),
    transcript: flaggedOf(isGood, wasNotHeard),
  },
  ...ASPECTS.map((aspect) => ({
    what: `sentence ${aspect}, mean absolute error of 100`,
    wanted: ["", ""] as const,
    ours: (clips: readonly Judged[]) =>
      absoluteError(clips.map(({ result, clip }): Pair => [result[aspect], 10 * clip.scores[aspect]])),
  })),
  {
    what: "words, mean absolute error of 100",
    wanted: ["", ""],
    ours: (clips) => absoluteError(wordsIn(clips).map(({ ours, experts }): Pair => [ours, 10 * experts])),
  },
];

const speakerOf = ({ clip }: Judged) => clip.speaker;

/** A figure with its 95 % interval over speakers. */
export function withInterval<T>(
  items: readonly T[],
  groupOf: (item: T) => string,
  figure: (items: readonly T[]) => number,
) {
  const value = figure(items);
  if (Number.isNaN(value)) return "–";
  // Correlations and shares end at 1; points of 100 need fewer digits.
  const shown = (one: number) => one.toFixed(value > 1 ? 1 : 3);
  const [low, high] = interval(items, groupOf, figure);
  return `${shown(value)} [${shown(low)}, ${shown(high)}]`;
}

/** Speakers whose mean for accuracy, by the experts, is not below ABLE. */
function ableSpeakers(clips: readonly Judged[]): Judged[] {
  const able = [...Map.groupBy(clips, speakerOf).values()].filter(
    (own) => mean(own.map(({ clip }) => clip.scores.accuracy)) >= ABLE,
  );
  return able.flat();
}

/** One expert against the mean of the others: the mean over the places in the list of experts. */
const oneExpert: Figure = (clips) => {
  const raters = clips.map(({ clip }) => clip.raters_accuracy ?? []);
  const most = Math.max(0, ...raters.map(({ length }) => length));
  const places = Array.from({ length: most }, (_, place) =>
    pearson(
      raters
        .filter(({ length }) => length > Math.max(1, place))
        .map((all): Pair => [all[place] ?? 0, mean(all.filter((_, i) => i !== place))]),
    ),
  );
  return mean(places.filter((r) => !Number.isNaN(r)));
};

function table(clips: readonly Judged[], group: 0 | 1): string {
  const cell = (figure: Figure | undefined) => (figure ? withInterval(clips, speakerOf, figure) : "");
  const rows = ROWS.map(({ what, wanted, ours, transcript, rate }) =>
    [what, cell(ours), wanted[group], cell(transcript), cell(rate)].join(" | "),
  );
  return [
    ["what", "the scorer", "wanted", "transcript compared", "speaking rate alone"].join(" | "),
    ["---", "---", "---", "---", "---"].join(" | "),
    ...rows,
  ]
    .map((line) => `| ${line} |`)
    .join("\n")
    .concat(
      `\n\nOne expert against the mean of the others, sentence accuracy: r ${withInterval(clips, speakerOf, oneExpert)}.`,
    );
}

const counted = (clips: readonly Judged[]) => {
  const all = wordsIn(clips);
  const speakers = new Set(clips.map(speakerOf)).size;
  return `${clips.length} clips of ${speakers} speakers, ${all.length} words, ${all.filter(isBad).length} of them at ${BAD} or less`;
};

/** Where the experts' 5, 7 and 9 of 10 lie on the scorer's scale. */
function scale(clips: readonly Judged[]): string {
  const at = (pairs: readonly Pair[], score: number) => {
    const near = pairs.filter(([, experts]) => Math.abs(experts - score) <= 0.5).map(([ours]) => ours);
    return near.length === 0 ? "–" : `${median(near).toFixed(0)} (${near.length})`;
  };
  const rows = [
    ...ASPECTS.map((aspect): [string, Pair[]] => [
      `sentence ${aspect}`,
      clips.map(({ result, clip }): Pair => [result[aspect], clip.scores[aspect]]),
    ]),
    ["words", wordsIn(clips).map(({ ours, experts }): Pair => [ours, experts])] satisfies [string, Pair[]],
  ];
  return [
    "| the scorer's median (how many) where the experts gave | 5 | 7 | 9 |",
    "| --- | --- | --- | --- |",
    ...rows.map(([what, pairs]) => `| ${what} | ${[5, 7, 9].map((score) => at(pairs, score)).join(" | ")} |`),
  ].join("\n");
}

/** Children up to this age. */
const CHILD = 12;
const FAIR = 7;

const GROUPS: readonly [string, (clip: Judged) => boolean][] = [
  ...(["low", "medium", "high"] as const).map((level): [string, (clip: Judged) => boolean] => [
    `confidence ${level}`,
    ({ result }) => result.confidence === level,
  ]),
  [`children up to ${CHILD}`, ({ clip }) => clip.age <= CHILD],
  ["older", ({ clip }) => clip.age > CHILD],
  [`experts' accuracy ${FAIR} or more`, ({ clip }) => clip.scores.accuracy >= FAIR],
];

/** The same figures for some of the clips. */
function groups(clips: readonly Judged[]): string {
  const figures: Figure[] = [
    sentences("accuracy", ({ result }) => result.accuracy),
    (some) => absoluteError(some.map(({ result, clip }): Pair => [result.accuracy, 10 * clip.scores.accuracy])),
    words(({ ours }) => ours),
  ];
  return [
    "| clips | how many | sentence accuracy, r | its mean absolute error of 100 | words, r |",
    "| --- | --- | --- | --- | --- |",
    ...GROUPS.map(([what, isIn]) => {
      const some = clips.filter(isIn);
      const cells = figures.map((figure) => (some.length > 1 ? withInterval(some, speakerOf, figure) : "–"));
      return `| ${[what, some.length, ...cells].join(" | ")} |`;
    }),
  ].join("\n");
}

/** All tables of agreement, in Markdown. */
export function comparison(clips: readonly Judged[]): string {
  const able = ableSpeakers(clips);
  const unlike = clips.filter(({ words }) => words === null).length;
  return `## Agreement with the experts, all speakers

${counted(clips)}; clips whose words do not split as the experts' do: ${unlike}.

${table(clips, 0)}

## Agreement with the experts, speakers whose mean is ${ABLE} or more

${counted(able)}.

${table(able, 1)}

## Some of the clips

${groups(clips)}

## The scale

${scale(clips)}`;
}
