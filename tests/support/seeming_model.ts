/** A model of the right form with a single tensor, and nothing learnt. */
export function seemingModel(): Uint8Array {
  const numbers = 300_000;
  const tensor = [1, 4, 0, numbers, Buffer.from("some").readInt32LE()];
  const words = [...new Array<number>(11).fill(1), 0, 0, 0, ...tensor];
  const head = Buffer.concat([Buffer.from("lmgg"), Buffer.from(Int32Array.from(words).buffer)]);
  return Buffer.concat([head, Buffer.alloc(4 * numbers).map((_, i) => i % 251)]);
}

type Gguf = { version?: number /** Null: that of no language model. */; context?: number | null };

/** A GGUF file of the right form: a vocabulary of three words, two tensors, and nothing learnt. */
export function seemingGguf({ version = 3, context = 2048 }: Gguf = {}): Uint8Array {
  const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
  const words = [u32(9), u32(8), u64(3), ...["a", "b", "ʻ"].map(text)];
  const length = context === null ? [] : [text("llama.context_length"), u32(4), u32(context)];
  const told = [
    text("general.architecture"),
    u32(8),
    text("llama"),
    text("tokenizer.ggml.tokens"),
    ...words,
    ...length,
  ];
  // Of 64 numbers each: f32, and q8_0 in blocks of 32 numbers and 34 bytes.
  const first = [text("token_embd.weight"), u32(2), u64(32), u64(2), u32(0), u64(0)];
  const second = [text("output.weight"), u32(1), u64(64), u32(8), u64(256)];
  const counts = [Buffer.from("GGUF"), u32(version), u64(2), u64(context === null ? 2 : 3)];
  const head = Buffer.concat([...counts, ...told, ...first, ...second]);
  return Buffer.concat([head, Buffer.alloc((32 - (head.length % 32)) % 32), Buffer.alloc(256 + 68, 1)]);
}
