// A text as it is read aloud: without what is only seen, and in pieces that a voice can take.

// Marks of layout that a voice would read out as words ("asterisk"), and brackets that some engines take for commands.
const MARKS = /[*_~#|<>[\]{}\\^]+/g;
const LINK = /\[([^\]\n]*)\]\([^)\s]*\)/g;
// Not the apostrophe of o`zbek.
const CODE = /(?<!\p{L})`+([^`\n]*)`+/gu;
// Emoji, invisible signs of direction, halves of pairs. The joiners U+200C and U+200D stay: Persian and Hindi spell with them.
const UNSPOKEN =
  /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFFD]|[\uFE0E-\uFE0F]/gu;
// Of an emoji made of several.
const LOOSE_JOINER = /(?<![\p{L}\p{M}])[\u200C\u200D]|[\u200C\u200D](?![\p{L}\p{M}])/gu;
const CONTROL = /[^\P{Cc}\n]/gu;

/** The text without layout, emoji and invisible signs. What is left may be nothing. */
export const readable = (text: string): string =>
  text
    .toWellFormed()
    .normalize("NFC")
    .replace(LINK, "$1")
    .replace(CODE, "$1")
    .replace(MARKS, " ")
    .replace(UNSPOKEN, " ")
    .replace(LOOSE_JOINER, " ")
    .replace(CONTROL, " ")
    .replace(/[^\S\n]+/g, " ")
    .trim();

/** What a model wrote, as it is said: without code, addresses and the marks of lists too. */
export const saidText = (text: string): string =>
  readable(
    text
      .replace(/```[\s\S]*?```/g, " ")
      .replace(/https?:\/\/\S+/g, " ")
      .replace(/^\s{0,3}(?:#{1,6}|[-*+•]|\d{1,2}[.)]|>)\s+/gm, ""),
  );

/** Whether there is anything to say: a letter or a digit. */
export const isSpeakable = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

const SENTENCES = new Intl.Segmenter(undefined, { granularity: "sentence" });
const WORDS = new Intl.Segmenter(undefined, { granularity: "word" });
const CHARACTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Letters that may be one character: a Hindi conjunct has four at most. */
const LETTERS = 4;

/**
 * Characters as a person counts them: an emoji with its skin tone is one, as is a letter with its accents. Letters that only
 * Unicode joins count on their own, or a voice would read 5 000 loose Korean vowels for the price of one.
 */
export function charactersIn(text: string): number {
  let count = 0;
  for (const { segment } of CHARACTERS.segment(text)) {
    const letters = segment.length > LETTERS ? (segment.match(/\p{L}/gu)?.length ?? 0) : 0;
    count += 1 + Math.max(0, letters - LETTERS);
  }
  return count;
}

/** As many whole sentences as fit in so many characters; of a first one that is too long alone, as many words. */
export function firstSentences(text: string, most: number): string {
  let kept = "";
  for (const { segment } of SENTENCES.segment(text)) {
    if (charactersIn(`${kept}${segment}`.trim()) > most) break;
    kept += segment;
  }
  if (kept.trim()) return kept.trim();
  const characters = Array.from(CHARACTERS.segment(text), ({ segment }) => segment);
  const cut = characters.slice(0, most).join("");
  // A word that goes on behind the cut is left out, unless it is all there is.
  const words = characters[most]?.trim() ? cut.replace(/\s+\S*$/, "") : cut;
  return words.trim() || cut.trim();
}

// Further sentences join the first piece up to here.
const FIRST = 80;

const CLAUSE_END = /[,;:)，、；：–—]\s*(?=\S)/g;

/**
 * Cuts a text into pieces of at most `most` UTF-16 code units: whole sentences while they fit, then at a comma, then between
 * words. Only a word that is longer than a piece is cut, never a character. Pieces with nothing to say are left out. The first
 * piece is hardly more than a sentence, because somebody waits for it.
 */
export function pieces(text: string, most: number): string[] {
  const found: string[] = [];
  let piece = "";
  for (const { segment } of SENTENCES.segment(text)) {
    for (const part of shorter(segment, most)) {
      const room = found.length === 0 ? Math.min(FIRST, most) : most;
      if (piece && `${piece}${part}`.trim().length > room) {
        found.push(piece);
        piece = "";
      }
      piece += part;
    }
  }
  return [...found, piece].map((one) => one.trim()).filter(isSpeakable);
}

function shorter(sentence: string, most: number): string[] {
  const parts: string[] = [];
  let rest = sentence;
  while (rest.trim().length > most) {
    rest = rest.trimStart();
    const at = placeToCut(rest, most);
    parts.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...parts, rest];
}

function placeToCut(text: string, most: number): number {
  const head = text.slice(0, most + 1);
  const clauses = [...head.matchAll(CLAUSE_END)].map((match) => match.index + match[0].trimEnd().length);
  const clause = clauses.at(-1) ?? 0;
  // A comma near the beginning would leave scraps.
  if (clause > most / 3) return clause;
  const blank = head.search(/\s\S*$/);
  if (blank > 0) return blank;
  // Thai and Chinese put nothing between words.
  const word = WORDS.segment(text.slice(0, 2 * most)).containing(most)?.index ?? 0;
  if (word > 0) return word;
  const character = CHARACTERS.segment(text.slice(0, 2 * most)).containing(most)?.index ?? 0;
  if (character > 0) return character;
  return /[\uDC00-\uDFFF]/.test(text.charAt(most)) ? most - 1 : most;
}
