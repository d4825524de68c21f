export type Ran = { out: string; err: string; code: number };

/** Runs a script of the project to its end, with these settings and no others. */
export async function script(name: string, words: readonly string[], settings: Record<string, string>): Promise<Ran> {
  const run = Bun.spawn([process.execPath, "--env-file=/dev/null", `scripts/${name}.ts`, ...words], {
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...settings },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ]);
  return { out: out.trim(), err: err.trim(), code };
}
