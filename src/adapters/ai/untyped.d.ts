// What we use of packages that come without types.

declare module "@echogarden/espeak-ng-emscripten" {
  /** Calls that return a number return 0 where all went well. */
  export type Worker = {
    set_voice(name: string): number;
    /** Words a minute. */
    set_rate(rate: number): number;
    get_samplerate(): number;
    /** Hands over sound as it is made; an answer that is true ends it. */
    synthesize(text: string, take: (samples: Int16Array | undefined) => boolean): void;
    synthesize_ipa(text: string): { code: number; ipa: string };
  };
  export type Espeak = { eSpeakNGWorker: new () => Worker; readonly HEAPU8: Uint8Array };
  const open: () => Promise<Espeak>;
  export default open;
}

declare module "gtts/lib/gToken.js" {
  const token: (text: string) => string;
  export default token;
}
