import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FRAME_SECONDS } from "../../src/adapters/pronunciation/moonshine.ts";
import type { SpokenWord } from "../../src/adapters/pronunciation/spoken_words.ts";
import { SAMPLE_RATE, type Samples } from "../../src/domain/speech.ts";
import { seeded } from "./agreement.ts";
import { type CorpusClip, trainingClips } from "./corpus.ts";

// Readings that are wrong in a known way, made of clips that were read well or badly, but as they should be.

/** A clip with the experts' mean for each word of its text, 0 to 10. */
export type Reader = CorpusClip & { readonly fold: number; readonly marks: readonly number[] };

/** What became of a word of the text. */
const SAID = 0;
const REPLACED = 1;
const LEFT_OUT = 2;
const OF_ANOTHER_TEXT = 3;

export type Made<Sound> = {
  readonly kind: string;
  readonly sound: Sound;
  /** Words with single blanks between them. */
  readonly text: string;
  /** Of each word of the text. */
  readonly labels: readonly number[];
  /** The experts' mean where the word is the clip's own. */
  readonly marks: readonly (number | null)[];
  /** Frames in which something is said that is not in the text. */
  readonly added?: { readonly from: number; readonly to: number };
};

type Tools<Sound> = {
  readonly hear: (samples: Samples) => Promise<Sound>;
  readonly read: (wav: string) => Samples;
  readonly words: (text: string) => readonly SpokenWord[];
  /** Frames of each word. */
  readonly spans: (sound: Sound, words: readonly SpokenWord[]) => { readonly from: number; readonly to: number }[];
};

export function readersOf(corpus: string, foldOf: Readonly<Record<string, number>>): Reader[] {
  const marks = new Map(
    readFileSync(join(corpus, "dev/utt2score"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [id = "", json = "{}"] = line.split("\t");
        const { words }: { words: { accuracy: number[] }[] } = JSON.parse(json);
        return [id, words.map(({ accuracy }) => accuracy.reduce((a, b) => a + b, 0) / accuracy.length)] as const;
      }),
  );
  return trainingClips(corpus).flatMap((clip): Reader[] => {
    const own = marks.get(clip.id);
    const fold = foldOf[clip.speaker];
    return own && fold !== undefined && own.length === clip.text.split(" ").length
      ? [{ ...clip, fold, marks: own }]
      : [];
  });
}

/** Long words that stand in few texts. */
const LONG_WORDS = "elephant window quickly thirteen purple banana teacher morning".split(" ");

const frame = FRAME_SECONDS * SAMPLE_RATE;
const silence = (seconds: number): Samples => new Float32Array(Math.round(seconds * SAMPLE_RATE));

function together(...parts: readonly Samples[]): Samples {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The same readings every time, drawn by the clip's id. */
export async function* readingsOf<Sound>(
  reader: Reader,
  readers: readonly Reader[],
  tools: Tools<Sound>,
): AsyncGenerator<Made<Sound>> {
  const random = seeded(Number(reader.id) % 2 ** 31);
  const below = (count: number) => Math.floor(random() * count);
  const own = reader.text.split(" ");
  const { marks } = reader;
  const none = <T>(count: number, value: T) => Array.from({ length: count }, () => value);
  const said = none(own.length, SAID);
  const lower = (words: readonly string[]) => new Set(words.map((word) => word.toLowerCase()));

  /** Another speaker of the same fold, whom the same probe does not know, with a text of other words. */
  const partner = (): Reader => {
    const mine = lower(own);
    for (;;) {
      const other = readers[below(readers.length)] ?? reader;
      const alike = other.text.split(" ").some((word) => mine.has(word.toLowerCase()));
      if (other.fold === reader.fold && other.speaker !== reader.speaker && !alike) return other;
    }
  };
  const anyWord = (): string => {
    for (;;) {
      const words = readers[below(readers.length)]?.text.split(" ") ?? [];
      const word = words[below(words.length)] ?? "";
      if (/^[A-Za-z']{2,}$/.test(word) && !lower(own).has(word.toLowerCase())) return word;
    }
  };

  const samples = tools.read(reader.wav);
  const sound = await tools.hear(samples);
  yield { kind: "right", sound, text: reader.text, labels: said, marks };

  const swapped = (places: readonly number[], word: () => string, kind: string): Made<Sound> => {
    const text = own.map((kept, i) => (places.includes(i) ? word() : kept)).join(" ");
    const labels = own.map((_, i) => (places.includes(i) ? REPLACED : SAID));
    return { kind, sound, text, labels, marks };
  };
  if (own.length > 2) {
    const places = own.map((_, i) => ({ i, key: random() })).toSorted((a, b) => a.key - b.key);
    const [first = 0, second = 0, third = 0] = places.map(({ i }) => i);
    const long = LONG_WORDS.filter((word) => !lower(own).has(word));
    yield swapped([first], () => long[below(long.length)] ?? "", "one long word replaced");
    yield swapped([second], anyWord, "one word replaced");
    yield swapped([third], anyWord, "one word replaced");
    if (own.length > 5) yield swapped([first, third], anyWord, "two words replaced");
  }

  const other = partner();
  const others = other.text.split(" ");
  const unread = (before: number, some: readonly string[], kind: string): Made<Sound> => ({
    ...{ kind, sound },
    text: [...own.slice(0, before), ...some, ...own.slice(before)].join(" "),
    labels: [...said.slice(0, before), ...none(some.length, LEFT_OUT), ...said.slice(before)],
    marks: [...marks.slice(0, before), ...none(some.length, null), ...marks.slice(before)],
  });
  yield unread(own.length, others, "end left out");
  yield unread(own.length, others.slice(0, 1 + below(3)), "few at the end left out");
  if (below(2) === 0) yield unread(0, others, "beginning left out");
  else yield unread(1 + below(own.length), others.slice(0, 1 + below(5)), "middle left out");

  const strange = (heard: Sound, text: string): Made<Sound> => {
    const count = text.split(" ").length;
    return { kind: "another text", sound: heard, text, labels: none(count, OF_ANOTHER_TEXT), marks: none(count, null) };
  };
  yield strange(sound, other.text);

  const spans = tools.spans(sound, tools.words(reader.text));
  // Where the aligner counts other words than the text has blanks between, no word can be cut out.
  if (spans.length !== own.length || own.length < 3) return;
  /** The sample between two words, or a little before the first and behind the last. */
  const edge = (place: number): number => {
    const [before, behind] = [spans[place - 1], spans[place]];
    const at = before && behind ? (before.to + behind.from) / 2 : before ? before.to + 6 : (behind?.from ?? 0) - 6;
    return Math.round(Math.min(samples.length, Math.max(0, at * frame)));
  };

  const gone = 1 + below(2);
  const from = below(own.length - gone);
  yield {
    kind: "cut out",
    sound: await tools.hear(together(samples.slice(0, edge(from)), samples.slice(edge(from + gone)))),
    text: reader.text,
    labels: own.map((_, i) => (i >= from && i < from + gone ? LEFT_OUT : SAID)),
    marks,
  };

  const with_ = async (place: number, inserted: Samples, kind: string): Promise<Made<Sound>> => {
    const gap = silence(0.05 + 0.3 * random());
    const begin = edge(place) + gap.length;
    return {
      kind,
      sound: await tools.hear(together(samples.slice(0, edge(place)), gap, inserted, gap, samples.slice(edge(place)))),
      ...{ text: reader.text, labels: said, marks },
      added: { from: begin / frame, to: (begin + inserted.length) / frame },
    };
  };
  const guest = tools.read(other.wav);
  const drawn = below(4);
  if (drawn === 0) {
    const again = 1 + below(Math.min(3, own.length));
    const place = again + below(own.length - again + 1);
    const { added: _, ...made } = await with_(
      place,
      samples.slice(edge(place - again), edge(place)),
      "words said again",
    );
    yield made;
  } else if (drawn === 1) {
    yield await with_(0, guest, "another clip before");
  } else if (drawn === 2) {
    const heard = tools.spans(await tools.hear(guest), tools.words(other.text));
    const count = 1 + below(Math.min(4, heard.length));
    const first = below(heard.length - count + 1);
    const [begin, end] = [heard[first], heard[first + count - 1]];
    const words = guest.slice(Math.max(0, ((begin?.from ?? 0) - 2) * frame), ((end?.to ?? 0) + 3) * frame);
    yield await with_(below(own.length + 1), words, "some words in between");
  } else {
    const both = together(samples, silence(0.3), guest);
    const heard = await tools.hear(both);
    const begin = samples.length / frame;
    yield {
      kind: "another clip behind",
      sound: heard,
      text: reader.text,
      labels: said,
      marks,
      added: { from: begin, to: both.length / frame },
    };
    yield strange(heard, partner().text);
  }
}
