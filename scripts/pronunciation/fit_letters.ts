import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { dictionary } from "cmu-pronouncing-dictionary";
import { openGraphemes } from "../../src/adapters/pronunciation/graphemes.ts";
import { BEGIN, END, FIRST_PIECE, STEPS } from "../../src/adapters/pronunciation/letter_model.ts";
import { type Pronunciation, phonesOf } from "../../src/adapters/pronunciation/phones.ts";
import { SHIPPED } from "../../src/adapters/pronunciation/scorer_ready.ts";
import { isHeldOut } from "./held_out.ts";
import { kneserNey, type NGrams } from "./kneser_ney.ts";
import { inPieces, type Said } from "./letter_pieces.ts";
import { phoneErrors } from "./phone_errors.ts";

// `bun scripts/pronunciation/fit_letters.ts`: makes models/pronunciation/letters.bin.gz again from CMUdict, and says how well it
// reads the words that it was not shown.

const ORDER = 6;

const symbol = (number: number): string => String.fromCharCode(number);

/** The file that `openLetterModel` reads. */
function packed({ scores, backoffs }: NGrams, pieces: readonly string[]): Buffer {
  const code = (probability: number) => Math.min(255, Math.round(-Math.log(probability) * STEPS));
  const tables = scores.map((own) => [...own.keys()].sort());
  // Nothing foretells the beginning, but it is what others stand behind.
  tables[0]?.unshift(symbol(BEGIN));
  const body = tables.flatMap((grams, i) => {
    const longer = new Map<string, number>();
    for (const gram of tables[i + 1] ?? []) longer.set(gram.slice(0, -1), (longer.get(gram.slice(0, -1)) ?? 0) + 1);
    const column = (value: (gram: string) => number) => Buffer.from(grams.map(value));
    return [
      column((gram) => gram.charCodeAt(i)),
      column((gram) => code(scores[i]?.get(gram) ?? 0)),
      ...(i === tables.length - 1
        ? []
        : [column((gram) => code(backoffs.get(gram) ?? 1)), column((gram) => longer.get(gram) ?? 0)]),
    ];
  });
  const header = JSON.stringify({ pieces, sizes: tables.map(({ length }) => length) });
  return gzipSync(Buffer.concat([Buffer.from(`${header}\n`, "latin1"), ...body]), { level: 9 });
}

const words = new Map<string, Pronunciation[]>();
for (const [entry, written] of Object.entries(dictionary)) {
  const word = entry.replace(/\(\d\)$/, "");
  if (/^[a-z]+$/.test(word)) words.set(word, [...(words.get(word) ?? []), phonesOf(written.replace(/ #.*/, ""))]);
}
const shown = [...words].filter(([word]) => !isHeldOut(word));
const said = shown.flatMap(([word, ways]) => [
  ...new Map(ways.map((phones): [string, Said] => [phones.join(), { word, phones }])).values(),
]);
const spelt = inPieces(said);
const pieces = [...new Set(spelt.flat())].sort();
const numbers = new Map(pieces.map((piece, i) => [piece, i + FIRST_PIECE]));
const sequences = spelt.map((own) =>
  [BEGIN, ...own.map((piece) => numbers.get(piece) ?? END), END].map(symbol).join(""),
);
const file = packed(kneserNey(sequences, ORDER, symbol(BEGIN)), pieces);
writeFileSync(SHIPPED.letters, file);
console.log(
  `${spelt.length} of ${said.length} ways to say ${shown.length} words, ${pieces.length} pieces, ${file.length} bytes`,
);

const graphemes = openGraphemes();
const held = [...words].filter(([word]) => isHeldOut(word));
const judged = held.map(([word, ways]) => ({
  guesses: graphemes(word)
    .map(({ phones }) => phones)
    .slice(0, 3),
  ways,
}));
console.log(`held out: ${held.length} words`, phoneErrors(judged));
