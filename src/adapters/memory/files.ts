import type { FileStore } from "../../application/ports/files.ts";

export function memoryFiles(): FileStore & { kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    // As if each had been there for ever.
    list: async () => [...kept.keys()].map((key) => ({ key, written: new Date(0) })),
    put: async (key, bytes) => void kept.set(key, bytes.slice()),
    get: async (key) => {
      const bytes = kept.get(key);
      return bytes ? new Blob([new Uint8Array(bytes)]) : null;
    },
    has: async (key) => kept.has(key),
    address: () => null,
    remove: async (key) => void kept.delete(key),
    check: async () => {},
  };
}
