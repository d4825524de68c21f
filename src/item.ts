/** One line of what a server is made of, for the start screen, the doctor and the first page. */
export type Item = {
  readonly name: string;
  readonly state: "on" | "off" | "fake" | "missing";
  /** What it is, or what is missing and which setting or command changes that. */
  readonly note: string;
  /** Where it lies, for whoever is at the machine; not for the first page. */
  readonly place?: string;
};
