declare module "gtts" {
  export default class Gtts {
    constructor(text: string, language: string);
    LANGUAGES: Record<string, string>;
    getPayload(part: string, index: number): Record<string, string | number>;
    getHeader(): Record<string, string>;
  }
}
