import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PACKAGE } from "../src/adapters/ai/local_ready.ts";

// Writes the tables of packages in THIRD_PARTY.md from the lock files and what is installed; `--check` only compares. What
// LLM_PROVIDER=local runs on has a lock and a table of its own; where it is not installed, its table stays as it is.

const ROOT = resolve(import.meta.dir, "..");
export const DOCUMENT = join(ROOT, "THIRD_PARTY.md");
const MARKS = {
  server: ["<!-- packages: written by `bun scripts/third_party.ts` -->", "<!-- end of packages -->"],
  local_model: ["<!-- the local model's packages: written by it too -->", "<!-- end of the local model's packages -->"],
} as const;

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

/** A lock and what is installed by it. */
type Tree = {
  readonly folder: string;
  /** What packages of it name as optional is not installed. */
  readonly omitsOptional: boolean;
};

const SERVER: Tree = { folder: ROOT, omitsOptional: false };
const LOCAL_MODEL: Tree = { folder: PACKAGE, omitsOptional: true };

const placeOf = ({ folder }: Tree, key: string): string =>
  join(folder, "node_modules", namesIn(key).join("/node_modules/"));

function readLock({ folder }: Tree): Lock {
  return Bun.JSONC.parse(readFileSync(join(folder, "bun.lock"), "utf8")) as Lock;
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

function neededIn(about: Locked, { omitsOptional }: Tree): string[] {
  const { dependencies, optionalDependencies, peerDependencies, optionalPeers = [] } = about;
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !optionalPeers.includes(name));
  return [...Object.keys({ ...dependencies, ...(omitsOptional ? {} : optionalDependencies) }), ...peers];
}

/** Everything that can be reached on this machine, the most needed first: what is reached once keeps its rank. */
function reach(lock: Lock, tree: Tree): { reached: Map<string, Reached>; missing: string[] } {
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
      if (!existsSync(join(placeOf(tree, key), "package.json"))) {
        if (!about.os && !about.cpu) missing.push(key);
        continue;
      }
      reached.set(key, { use, neededBy });
      open.push(
        ...neededIn(about, tree).map((next) => ({ from: key, name: next, neededBy: namesIn(key).at(-1) ?? null })),
      );
    }
  }
  return { reached, missing };
}

function inventoryOf(tree: Tree): Inventory {
  const lock = readLock(tree);
  const { reached, missing } = reach(lock, tree);
  const packages = new Map<string, Package>();
  for (const [key, where] of reached) {
    const { name, version, license } = JSON.parse(readFileSync(join(placeOf(tree, key), "package.json"), "utf8"));
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

export const inventory = (): Inventory => inventoryOf(SERVER);

/** What the local model's package brings; all of it is missing where it is not installed. */
export const localModelInventory = (): Inventory => inventoryOf(LOCAL_MODEL);

/** `name version` of what the local model's lock installs on every machine. */
export function localModelLocked(): string[] {
  const lock = readLock(LOCAL_MODEL);
  const open = Object.keys(lock.workspaces[""]?.dependencies ?? {}).map((name) => ({ from: "", name }));
  const keys = new Set<string>();
  for (const { from, name } of open) {
    const key = resolved(lock, from, name);
    const about = key === undefined ? undefined : (lock.packages[key]?.[2] ?? {});
    if (key === undefined || about === undefined || about.os || about.cpu || keys.has(key)) continue;
    keys.add(key);
    open.push(...neededIn(about, LOCAL_MODEL).map((next) => ({ from: key, name: next })));
  }
  return [...new Set([...keys].map((key) => (lock.packages[key]?.[0] ?? "").replace(/(?<=.)@/, " ")))].sort();
}

const row = ({ name, version, licence, use, neededBy }: Package): string =>
  `| ${name} | ${version} | ${licence} | ${neededBy ? `needed by ${neededBy}` : "direct"}${use === "optional" ? ", optional" : ""} |`;

/** The document with today's table in it. */
export function updated(document: string, { packages }: Inventory, which: keyof typeof MARKS = "server"): string {
  const [begin, end] = MARKS[which];
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${DOCUMENT} has lost its markers`);
  const rows = packages.filter(({ use }) => use !== "development").map(row);
  const table = ["| package | version | licence | why it is here |", "| --- | --- | --- | --- |", ...rows].join("\n");
  return `${before}${begin}\n${table}\n${end}${after}`;
}

/** What the document says of the local model's packages, where they are not installed. */
export function localModelTable(document: string): Pick<Package, "name" | "version" | "licence">[] {
  const [begin, end] = MARKS.local_model;
  const rows = document.split(begin)[1]?.split(end)[0]?.trim().split("\n").slice(2) ?? [];
  return rows.map((text) => {
    const [, name = "", version = "", licence = ""] = text.split("|").map((cell) => cell.trim());
    return { name, version, licence };
  });
}

if (import.meta.main) {
  const stock = inventory();
  if (stock.missing.length > 0) {
    console.error(`not installed: ${stock.missing.join(", ")}; run: bun scripts/setup.ts --dev`);
    process.exit(1);
  }
  const now = await Bun.file(DOCUMENT).text();
  const local = localModelInventory();
  const known = local.missing.length > 0 ? now : updated(now, local, "local_model");
  const wanted = updated(known, stock);
  if (process.argv.includes("--check")) {
    console.log(now === wanted ? "THIRD_PARTY.md is up to date" : "THIRD_PARTY.md is out of date");
    process.exit(now === wanted ? 0 : 1);
  }
  await Bun.write(DOCUMENT, wanted);
  console.log("THIRD_PARTY.md is written");
}
