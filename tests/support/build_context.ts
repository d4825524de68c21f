import { cp, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

// What `docker build` would see of a folder: .dockerignore's last pattern that fits decides, also for all below it.

type Pattern = { readonly glob: Bun.Glob; readonly text: string; readonly back: boolean };

function patternsOf(text: string): Pattern[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => {
      const back = line.startsWith("!");
      const pattern = line.replace(/^!/, "").replace(/^\/|\/$/g, "");
      return { glob: new Bun.Glob(pattern), text: pattern, back };
    });
}

/** Whether a path or a folder above it is left out. */
function isLeftOut(path: string, patterns: readonly Pattern[]): boolean {
  const parts = path.split("/");
  const above = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
  return patterns.reduce((out, { glob, back }) => (above.some((part) => glob.match(part)) ? !back : out), false);
}

/** The files of the folder that are sent to a build, by path inside it. */
async function contextFiles(folder: string): Promise<string[]> {
  const patterns = patternsOf(await Bun.file(join(folder, ".dockerignore")).text());
  const found: string[] = [];
  const walk = async (inside: string) => {
    for (const entry of await readdir(join(folder, inside), { withFileTypes: true })) {
      const path = inside ? `${inside}/${entry.name}` : entry.name;
      const out = isLeftOut(path, patterns);
      // Something below a folder that is left out may be taken back in.
      if (entry.isDirectory() && (!out || patterns.some(({ text, back }) => back && text.startsWith(`${path}/`))))
        await walk(path);
      else if (!entry.isDirectory() && !out) found.push(path);
    }
  };
  await walk("");
  return found.sort();
}

/** Lays the build's context out in a folder of its own. */
export async function layContext(folder: string, into: string): Promise<string[]> {
  const files = await contextFiles(folder);
  for (const file of files) {
    await mkdir(dirname(join(into, file)), { recursive: true });
    await cp(join(folder, file), join(into, file), { preserveTimestamps: true });
  }
  return files;
}
