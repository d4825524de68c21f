import { readFileSync } from "node:fs";
import { Pool } from "pg";
import { classroom, clip } from "../tests/support/classroom.ts";
import { startCluster } from "../tests/support/cluster.ts";
import { type Answered, mixedLoad } from "../tests/support/load.ts";
import { setup } from "./setup.ts";

// Hours of school in minutes: two processes that answer and two that work, over a Postgres and a Redis of their own,
// under a load that is bounded and goes on. Prints what docs/operations.md shows. By hand: `bun scripts/soak.ts 10`.

await setup({ dev: true });
const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0 && minutes <= 240)) throw new Error("bun scripts/soak.ts MINUTES, at most 240");

/** Of six users who do one thing after the other. */
const PAUSE_MS = 400;
const SAMPLE_MS = 10_000;
const SIGNED_IN_MS = 20 * 60_000;

const megabytesOf = (pid: number): number => {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
};

await using cluster = await startCluster(["api", "api", "worker", "worker"], {
  RATE_LIMIT_MULTIPLIER: "1000",
  FAKE_RECOGNITION_MS: "200",
  LOG_LEVEL: "warn",
});
const urls = cluster.apis.map(({ url }) => url);
const recording = await clip("goforward.wav");
const answers: Answered[] = [];
const samples: number[][] = [];
for (const end = Date.now() + minutes * 60_000; Date.now() < end; ) {
  // A sign-in is good for half an hour: then others come to school.
  const room = await classroom({ url: urls[0] ?? "" }, { kind: "mixed" });
  const load = mixedLoad(urls, room, recording, PAUSE_MS);
  for (const until = Math.min(end, Date.now() + SIGNED_IN_MS); Date.now() < until; await Bun.sleep(SAMPLE_MS)) {
    samples.push(cluster.places.map(({ server }) => megabytesOf(server.pid)));
    console.error(`${samples.length * (SAMPLE_MS / 1000)} s: ${samples.at(-1)?.join(", ")} MB`);
  }
  await load.stop();
  answers.push(...load.answers);
}
await Bun.sleep(5000);

const pool = new Pool({ connectionString: cluster.postgres.url });
const one = async (text: string) => Number((await pool.query(text)).rows[0]?.n);
const unfinished = await one("select count(*) as n from jobs where state in ('waiting', 'queued')");
const failed = await one("select count(*) as n from jobs where state = 'failed'");
const done = await one("select count(*) as n from jobs where state = 'done'");
await pool.end();

const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
const wrong = answers.filter(({ status }) => status === 0 || status >= 400);
const memory = cluster.places.map(({ role }, i) => {
  const own = samples.map((sample) => sample[i] ?? 0);
  const middle = own[Math.floor(own.length / 2)];
  return `${role}: ${own[0]} at the start, ${middle} in the middle, ${own.at(-1)} at the end, ${Math.max(...own)} at most`;
});
const warnings = cluster.places.map(({ server }) =>
  server
    .output()
    .split("\n")
    .filter((line) => /"level":[45]0/.test(line)),
);

console.log(`
| what | measured in ${minutes} minutes |
| --- | --- |
| calls | ${times.length}, ${(times.length / (minutes * 60)).toFixed(1)} a second |
| errors | ${wrong.length} |
| answer times | p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, slowest ${times.at(-1)} ms |
| jobs | ${done} done, ${failed} failed, ${unfinished} unfinished 5 s after the last call |
${memory.map((line) => `| memory of ${line.replace(":", " (MB) |")} |`).join("\n")}
| warnings and errors in the logs | ${warnings.flat().length} |`);
for (const line of warnings.flat().slice(0, 10)) console.error(line);
process.exitCode = wrong.length + failed + unfinished === 0 ? 0 : 1;
