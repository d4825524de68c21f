import type { Signatures } from "../application/ports/system.ts";
import type { Site } from "./env.ts";

const LIFETIME_S = 24 * 60 * 60;

type Signing = { readonly signatures: Signatures; readonly site: Site };

const signedText = (key: string, expires: number) => `${key} until ${expires}`;

/** The address where whoever has it may play the file for 24 h; plain where the settings say so, as in the guide. */
export function mediaUrl({ signatures, site }: Signing, key: string, now: Date): string {
  const plain = `${site.publicUrl}/uploads/${key}`;
  if (site.uploadsPublic) return plain;
  // Whole hours, so that one page's addresses stay the same long enough for a browser to keep what it loaded.
  const expires = Math.ceil(now.getTime() / 3_600_000) * 3600 + LIFETIME_S;
  return `${plain}?expires=${expires}&signature=${signatures.sign(signedText(key, expires))}`;
}

export function mayPlay({ signatures, site }: Signing, key: string, query: Record<string, string>, now: Date): boolean {
  if (site.uploadsPublic) return true;
  const expires = Number(query.expires);
  return expires * 1000 > now.getTime() && signatures.verify(signedText(key, expires), query.signature ?? "");
}
