/** Where uploads live. Keys are relative paths made by the server, e.g. `homework/audio/3f….webm`. */
export interface FileStore {
  /** Durable when it resolves. Fails with `storage_full` and leaves nothing behind where there is no room. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Null where there is none. */
  get(key: string): Promise<Blob | null>;
  /** Every key, with when it was written. */
  list(): Promise<{ key: string; written: Date }[]>;
  /** Removing what is gone is no error. */
  remove(key: string): Promise<void>;
  /** Throws when nothing can be stored now. */
  check(): Promise<void>;
}
