import { Dialect, type Lint, LocalLinter, SuggestionKind } from "harper.js";
// Inlined: the other one looks for its file by a URL, and does not find it in a path with a space.
import { binaryInlined } from "harper.js/binaryInlined";
import type { Correction } from "../../domain/corrections.ts";
import { foldApostrophes } from "../../domain/words.ts";
import { serve } from "../children/serve.ts";
import { DROPPED_RULES } from "./harper_rules.ts";
import { tidy } from "./tidy.ts";
import { UZBEK_WORDS } from "./uzbek_words.ts";

// The process in which Harper lives: 16 MB of WebAssembly and 300 MB of memory, a second to start.

const linter = new LocalLinter({ binary: binaryInlined, dialect: Dialect.American });
const ready = (async () => {
  await linter.setup();
  const rules = await linter.getDefaultLintConfig();
  await linter.setLintConfig({ ...rules, ...Object.fromEntries(DROPPED_RULES.map((rule) => [rule, false])) });
  await linter.importWords([...new Set(UZBEK_WORDS)]);
})();

/** What stands in the text after a suggestion was taken. */
const replacement = (kind: SuggestionKind, original: string, text: string) =>
  kind === SuggestionKind.Remove ? "" : kind === SuggestionKind.InsertAfter ? original + text : text;

function toCorrection(text: string, rule: string, lint: Lint): Correction {
  const { start, end } = lint.span();
  const original = text.slice(start, end);
  const replacements = lint
    .suggestions()
    .map((suggestion) => replacement(suggestion.kind(), original, suggestion.get_replacement_text()));
  return { start, end, original, replacements: [...new Set(replacements)], rule, message: lint.message() };
}

serve(async (text: string): Promise<Correction[]> => {
  await ready;
  // Harper knows ' and ’ alone, and takes Oʻzbekiston for two words; the length stays, and so do all places.
  const found = await linter.organizedLints(foldApostrophes(text), { language: "plaintext" });
  return Object.entries(found)
    .flatMap(([rule, lints]) => lints.map((lint) => tidy(text, toCorrection(text, rule, lint))))
    .filter((correction) => correction !== null)
    .sort((a, b) => a.start - b.start || a.end - b.end);
});
