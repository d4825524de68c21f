import { failure } from "./vendor_failure.ts";

/** A piece of an answer; `finish` says in the vendor's words why it is the last one, and is empty before. */
export type AnswerPiece = { readonly text: string; readonly finish: string };

/** The words of a streamed answer. One that ends without saying so was cut, and one without a word is none. */
export async function* answerText(pieces: AsyncIterable<AnswerPiece>): AsyncGenerator<string> {
  let [some, isWhole] = [false, false];
  for await (const { text, finish } of pieces) {
    isWhole ||= finish !== "";
    some ||= text.trim() !== "";
    if (text !== "") yield text;
  }
  if (!isWhole) throw failure("garbled", "the answer was cut");
  if (!some) throw failure("unfit", "the answer is empty");
}
