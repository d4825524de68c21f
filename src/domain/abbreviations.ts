// What is written short and said long. Small letters.

/** How each may be said, the usual way first; what is in no list is said as it is written, or letter by letter. */
export const ABBREVIATIONS: Readonly<Record<string, readonly string[]>> = {
  ...{ mr: ["mister"], mrs: ["missus"], dr: ["doctor"], prof: ["professor"], st: ["saint", "street"], jr: ["junior"] },
  ...{ sr: ["senior"], vs: ["versus"], etc: ["et cetera"], approx: ["approximately"], dept: ["department"] },
  ...{ "e.g.": ["for example"], "i.e.": ["that is"], pls: ["please"], thx: ["thanks"] },
};

/** Said so only before a dot or a number: `Jan. 5`, `No. 7`. */
export const BEFORE_DOT: Readonly<Record<string, string>> = {
  ...{ jan: "january", feb: "february", mar: "march", apr: "april", aug: "august", sep: "september" },
  ...{ sept: "september", oct: "october", nov: "november", dec: "december", mon: "monday", tue: "tuesday" },
  ...{ tues: "tuesday", wed: "wednesday", thu: "thursday", thurs: "thursday", fri: "friday", sat: "saturday" },
  ...{ sun: "sunday", no: "number", p: "page", ave: "avenue", rd: "road", min: "minutes", max: "maximum" },
};

const UNITS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  ...{ km: ["kilometer", "kilometers"], m: ["meter", "meters"], cm: ["centimeter", "centimeters"] },
  ...{ mm: ["millimeter", "millimeters"], kg: ["kilogram", "kilograms"], g: ["gram", "grams"], l: ["liter", "liters"] },
  ...{ ml: ["milliliter", "milliliters"], h: ["hour", "hours"], hr: ["hour", "hours"], hrs: ["hour", "hours"] },
  ...{ min: ["minute", "minutes"], mins: ["minute", "minutes"], sec: ["second", "seconds"], s: ["second", "seconds"] },
  ...{ kb: ["kilobyte", "kilobytes"], mb: ["megabyte", "megabytes"], gb: ["gigabyte", "gigabytes"] },
  ...{ ft: ["foot", "feet"], lb: ["pound", "pounds"], lbs: ["pound", "pounds"] },
};

/** How a unit is said behind the number `before`, both as they are written: kilometers for km; undefined where it is none. */
export function unitOf(written: string, before: string): string | undefined {
  // 4G is no weight, and $5 m no length.
  if (!/^\d/.test(before) || /^\p{Lu}$/u.test(written)) return undefined;
  return UNITS[written.toLowerCase()]?.[before === "1" ? 0 : 1];
}

/** In small letters; it stands between a sum and what it is counted in. */
export const isSize = (word: string): boolean => /^(hundred|thousand|million|billion)$/.test(word);

/** Rather spelt out than read as the word that is written so, where they stand in capitals. */
export const SPELT_OUT: ReadonlySet<string> = new Set("us it id ai un pe am pm ad bc pc".split(" "));

/** Stand in capitals for weight, and are the words that they are. */
export const EMPHASISED: ReadonlySet<string> = new Set(
  `not no all never always must very only now yes and or but do does is are the you we one two any stop big too more most
  best really every will can may should this that my your free new good bad be have has`.split(/\s+/),
);

export const MONTHS: ReadonlySet<string> = new Set(
  `january february march april may june july august september october november december jan feb mar apr jun jul aug sep
  sept oct nov dec`.split(/\s+/),
);

/** Behind the dot of an address: `amazon.com`. */
export const DOMAINS: ReadonlySet<string> = new Set("com org net edu gov info uz ru uk".split(" "));
