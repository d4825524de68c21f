/** The type of a document by its first bytes, whatever it is called; null for what is not accepted. */
export function documentType(bytes: Uint8Array): string | null {
  const starts = (...head: number[]) => head.every((byte, i) => bytes[i] === byte);
  if (starts(0x25, 0x50, 0x44, 0x46, 0x2d)) return "application/pdf";
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  if (starts(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (starts(0x52, 0x49, 0x46, 0x46) && bytes[8] === 0x57 && bytes[9] === 0x45 && bytes[10] === 0x42)
    return "image/webp";
  return isText(bytes) ? "text/plain" : null;
}

/** UTF-8 without the control characters that no editor writes, and no markup that a browser would run. */
function isText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.length > 0 && !/[\p{Cc}]/u.test(text.replace(/[\t\r\n\f]/g, "")) && !/^\s*</.test(text);
  } catch {
    return false;
  }
}
