/** The extension of a stored file, by its content type. */
export const EXTENSIONS: Readonly<Record<string, string>> = {
  "audio/wav": "wav",
  "audio/mpeg": "mp3",
  "audio/ogg": "ogg",
  "audio/webm": "webm",
  "audio/mp4": "m4a",
  "audio/flac": "flac",
  "application/pdf": "pdf",
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "text/plain": "txt",
};

const TYPES = new Map(Object.entries(EXTENSIONS).map(([type, extension]) => [extension, type]));

/** The content type that the extension of a stored file's key stands for; null for an extension that is not ours. */
export const typeOfKey = (key: string): string | null => TYPES.get(key.split(".").at(-1) ?? "") ?? null;
