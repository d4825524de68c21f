/**
 * Where uploads live. Keys are relative paths made by the server, e.g. `homework/audio/3f….webm`; the extension says the
 * content type. A store elsewhere that is away, or does not answer in time, fails with `not_ready`.
 */
export interface FileStore {
  /** Durable when it resolves. Fails with `storage_full` and leaves nothing behind where there is no room. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Its bytes; null where there is none. */
  get(key: string): Promise<Blob | null>;
  has(key: string): Promise<boolean>;
  /**
   * Where the store itself gives the file to whoever has the address, for so many seconds, as that content type and to
   * be shown, not saved; it does not look whether there is one. Null where only the server can give it.
   */
  address(key: string, options: { seconds: number; mime: string }): string | null;
  /** Every key, with when it was written. */
  list(): Promise<{ key: string; written: Date }[]>;
  /** Removing what is gone is no error. */
  remove(key: string): Promise<void>;
  /** Throws when nothing can be stored now, and says why in words for whoever runs the server, without secrets. */
  check(): Promise<void>;
}
