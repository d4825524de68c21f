/** UTF-8 bytes in a token, at worst: English takes half of the tokens, Uzbek about as many. No package counts for every model. */
export const TOKEN_BYTES = 2;

/** Tokens that a text takes, rather too many than too few. */
export const tokensIn = (text: string): number => Math.ceil(new TextEncoder().encode(text).length / TOKEN_BYTES);
