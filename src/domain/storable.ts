/** A vendor's text as a database takes it: Postgres keeps no NUL, and half of a surrogate pair is no text. */
export const storable = (text: string): string => text.replaceAll("\u0000", "").toWellFormed();
