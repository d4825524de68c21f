import { expect, test } from "bun:test";
import {
  DOCUMENT,
  inventory,
  localModelLocked,
  localModelTable,
  type Package,
  updated,
} from "../scripts/third_party.ts";

// What others wrote, and whether this project may use it: every package of the lock file, those of development too.

const ALLOWED = new Set([
  ..."MIT ISC BSD-2-Clause BSD-3-Clause Apache-2.0 0BSD BlueOak-1.0.0".split(" "),
  ..."CC0-1.0 CC-BY-3.0 Unlicense Python-2.0".split(" "),
]);

/** Weaker or stronger copyleft, each package looked at by itself. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  mediabunny: "MPL-2.0",
  "codec-parser": "LGPL-3.0-or-later",
  "@audio/decode-aac": "GPL-2.0",
  "@echogarden/espeak-ng-emscripten": "GPL-3.0",
};

const stock = inventory();

/** An SPDX expression of OR and AND: of several licences the user chooses one. */
const isAllowed = (licence: string): boolean =>
  licence
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((one) => ALLOWED.has(one)));

const refused = (packages: readonly Package[]): string[] =>
  packages
    .filter(({ name, licence }) => !isAllowed(licence) && (licence === "" || EXCEPTIONS[name] !== licence))
    .map(({ name, version, licence }) => `${name} ${version}: ${licence || "no licence named"}`);

const wronglyNeeded = (packages: readonly Package[]): string[] =>
  packages.filter(({ licence, use }) => /(?<!L)GPL/.test(licence) && use !== "optional").map(({ name }) => name);

test("every package that is locked for this machine is installed and looked at", () => {
  expect(stock.missing).toEqual([]);
  expect(stock.packages.length).toBeGreaterThan(100);
  console.log(`not for this machine, so not looked at (${stock.elsewhere.length}): ${stock.elsewhere.join(", ")}`);
});

test("every package has a licence that the project may use", () => {
  expect(refused(stock.packages)).toEqual([]);
});

test("what is under the GPL is optional", () => {
  expect(wronglyNeeded(stock.packages)).toEqual([]);
  expect(stock.packages.find(({ name }) => name === "@audio/decode-aac")?.use ?? "optional").toBe("optional");
});

test("no exception is left from a package that is gone", () => {
  const used = Object.keys(EXCEPTIONS).filter((name) => stock.packages.some((found) => found.name === name));
  expect(used).toEqual(Object.keys(EXCEPTIONS));
});

test("THIRD_PARTY.md lists what is installed; to mend it: bun scripts/third_party.ts", async () => {
  const document = await Bun.file(DOCUMENT).text();
  expect(document).toBe(updated(document, stock));
  expect(document).toContain("| pino |");
  expect(document).not.toContain("| typescript |");
});

test("what the local model installs besides is listed, each package with a licence that the project may use", async () => {
  // It is not installed here; tests/system/local_model_test.ts compares the list with what is.
  const listed = localModelTable(await Bun.file(DOCUMENT).text());
  const names = listed.map(({ name, version }) => `${name} ${version}`);
  expect(localModelLocked().filter((locked) => !names.includes(locked))).toEqual([]);
  expect(names.length).toBeGreaterThan(50);
  const asked = { use: "optional", neededBy: null } as const;
  expect(refused(listed.map((one) => ({ ...one, ...asked })))).toEqual([]);
});

// Each planted alone: a check that sees nothing would pass everything.
const planted: Package = { name: "planted", version: "1.0.0", licence: "MIT", use: "server", neededBy: null };

test.each([
  ["a licence that is not on the list", { licence: "SSPL-1.0" }],
  ["no licence at all", { licence: "" }],
  ["one good licence and one bad", { licence: "MIT AND GPL-3.0-only" }],
  ["an excepted licence on another package", { licence: "MPL-2.0" }],
  ["an excepted package under another licence", { name: "mediabunny", licence: "BUSL-1.1" }],
])("refused: %s", (_, change) => {
  expect(refused([{ ...planted, ...change }])).toHaveLength(1);
});

test("refused: GPL that the server needs, or that is loaded in development", () => {
  const gpl = { ...planted, licence: "GPL-2.0" };
  expect(wronglyNeeded([gpl, { ...gpl, use: "development" }, { ...gpl, use: "optional" }])).toHaveLength(2);
});

test("not refused: a choice with one licence that fits", () => {
  expect(refused([{ ...planted, licence: "(MIT OR GPL-3.0-only)" }])).toEqual([]);
});
