import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

// Writes the table of packages in THIRD_PARTY.md from the lock file and what is installed; `--check` only compares.

const ROOT = resolve(import.meta.dir, "..");
export const DOCUMENT = join(ROOT, "THIRD_PARTY.md");
const BEGIN = "<!-- packages: written by `bun scripts/third_party.ts` -->";
const END = "<!-- end of packages -->";

type Names = Record<string, string>;
type Needs = { dependencies?: Names; optionalDependencies?: Names; peerDependencies?: Names; optionalPeers?: string[] };
type Locked = Needs & { os?: string | string[]; cpu?: string | string[] };
type Lock = {
  workspaces: Record<string, Needs & { devDependencies?: Names }>;
  packages: Record<string, [id: string, tarball: string, about?: Locked, hash?: string]>;
};

export type Package = {
  readonly name: string;
  readonly version: string;
  /** The SPDX expression of its own package.json; empty where it names none. */
  readonly licence: string;
  /** `server` is what a start cannot do without, `optional` what it starts without, `development` the rest. */
  readonly use: "server" | "optional" | "development";
  /** Null where package.json asks for it; else the name of a package that does. */
  readonly neededBy: string | null;
};

type Reached = { use: Package["use"]; neededBy: string | null };

export type Inventory = {
  /** Installed, each version once, by name. */
  readonly packages: readonly Package[];
  /** Locked for another system or processor, with what only they need: not installed here, so not looked at. */
  readonly elsewhere: readonly string[];
  /** Locked for this machine too, and yet not installed. */
  readonly missing: readonly string[];
};

const namesIn = (key: string): string[] => key.match(/@[^/]+\/[^/]+|[^/]+/g) ?? [];
const placeOf = (key: string): string => join(ROOT, "node_modules", namesIn(key).join("/node_modules/"));
const isInstalled = (key: string): boolean => existsSync(join(placeOf(key), "package.json"));

function readLock(): Lock {
  return Bun.JSONC.parse(readFileSync(join(ROOT, "bun.lock"), "utf8")) as Lock;
}

/** The key of what `name` means inside the package of that key: its own copy, or the nearest one outside. */
function resolved({ packages }: Lock, from: string, name: string): string | undefined {
  const around = namesIn(from);
  for (let depth = around.length; depth >= 0; depth--) {
    const key = [...around.slice(0, depth), name].join("/");
    if (packages[key]) return key;
  }
  return undefined;
}

function neededIn({ dependencies, optionalDependencies, peerDependencies, optionalPeers = [] }: Locked): string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !optionalPeers.includes(name));
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
}

/** Everything that can be reached on this machine, the most needed first: what is reached once keeps its rank. */
function reach(lock: Lock): { reached: Map<string, Reached>; missing: string[] } {
  const { dependencies = {}, optionalDependencies = {}, devDependencies = {} } = lock.workspaces[""] ?? {};
  const reached = new Map<string, Reached>();
  const missing: string[] = [];
  const ranks = [
    ["server", dependencies],
    ["optional", optionalDependencies],
    ["development", devDependencies],
  ] as const;
  for (const [use, names] of ranks) {
    const open = Object.keys(names).map((name) => ({ from: "", name, neededBy: null as string | null }));
    for (const { from, name, neededBy } of open) {
      const key = resolved(lock, from, name);
      if (key === undefined || reached.has(key)) continue;
      const about = lock.packages[key]?.[2] ?? {};
      if (!isInstalled(key)) {
        if (!about.os && !about.cpu) missing.push(key);
        continue;
      }
      reached.set(key, { use, neededBy });
      open.push(...neededIn(about).map((next) => ({ from: key, name: next, neededBy: namesIn(key).at(-1) ?? null })));
    }
  }
  return { reached, missing };
}

export function inventory(): Inventory {
  const lock = readLock();
  const { reached, missing } = reach(lock);
  const packages = new Map<string, Package>();
  for (const [key, where] of reached) {
    const { name, version, license } = JSON.parse(readFileSync(join(placeOf(key), "package.json"), "utf8"));
    const licence = typeof license === "string" ? license : "";
    // Reached in the order of need: the first place of a version says what it is for.
    if (!packages.has(`${name} ${version}`)) packages.set(`${name} ${version}`, { name, version, licence, ...where });
  }
  return {
    packages: [...packages.values()].sort((a, b) => (a.name + a.version < b.name + b.version ? -1 : 1)),
    elsewhere: Object.keys(lock.packages).filter((key) => !reached.has(key) && !missing.includes(key)),
    missing,
  };
}

const row = ({ name, version, licence, use, neededBy }: Package): string =>
  `| ${name} | ${version} | ${licence} | ${neededBy ? `needed by ${neededBy}` : "direct"}${use === "optional" ? ", optional" : ""} |`;

/** The document with today's table in it. */
export function updated(document: string, { packages }: Inventory): string {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${DOCUMENT} has lost its markers`);
  const rows = packages.filter(({ use }) => use !== "development").map(row);
  const table = ["| package | version | licence | why it is here |", "| --- | --- | --- | --- |", ...rows].join("\n");
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}

if (import.meta.main) {
  const stock = inventory();
  if (stock.missing.length > 0) {
    console.error(`not installed: ${stock.missing.join(", ")}; run: bun scripts/setup.ts --dev`);
    process.exit(1);
  }
  const now = await Bun.file(DOCUMENT).text();
  const wanted = updated(now, stock);
  if (process.argv.includes("--check")) {
    console.log(now === wanted ? "THIRD_PARTY.md is up to date" : "THIRD_PARTY.md is out of date");
    process.exit(now === wanted ? 0 : 1);
  }
  await Bun.write(DOCUMENT, wanted);
  console.log("THIRD_PARTY.md is written");
}
