/** A model of the right form with a single tensor, and nothing learnt. */
export function seemingModel(): Uint8Array {
  const numbers = 300_000;
  const tensor = [1, 4, 0, numbers, Buffer.from("some").readInt32LE()];
  const words = [...new Array<number>(11).fill(1), 0, 0, 0, ...tensor];
  const head = Buffer.concat([Buffer.from("lmgg"), Buffer.from(Int32Array.from(words).buffer)]);
  return Buffer.concat([head, Buffer.alloc(4 * numbers).map((_, i) => i % 251)]);
}
