import { afterAll, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Classroom, classroom, clip } from "../support/classroom.ts";
import { crowd } from "../support/crowd.ts";
import { layDatabase } from "../support/embedded.ts";
import { freePort, type LiveServer, startServer } from "../support/live.ts";
import { figure, size } from "../support/prove.ts";

const SUBMISSIONS = size(12, 40);
const CLIENTS = size(4, 8);
const KILLS = size(2, 4);
const CLIPS = ["cards-001.wav", "cards-002.wav", "librivox-0880.wav", "goforward.wav"];

const folder = await mkdtemp(join(tmpdir(), "kill-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

test(`${SUBMISSIONS} spoken submissions from ${CLIENTS} clients survive ${KILLS} kills: each graded once`, async () => {
  const env = {
    DATA_DIR: join(folder, "data"),
    UPLOAD_DIR: join(folder, "uploads"),
    PORT: String(freePort()),
    RATE_LIMIT_MULTIPLIER: "100",
  };
  await layDatabase(env.DATA_DIR);
  let server: LiveServer = await startServer({ env });
  const { url } = server;
  const room: Classroom = await classroom(server, {
    kind: "oral",
    reference_text: "He was not an ill disposed young man",
  });
  const learners = await crowd(room, [url], CLIENTS);
  const handing = learners.handIn(SUBMISSIONS, await Promise.all(CLIPS.map(clip)));

  let underWay = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    await Bun.sleep(1500 + Math.random() * 1500);
    const jobs = await room.admin.get("/api/v1/admin/jobs?state=queued&limit=100").catch(() => null);
    underWay += jobs?.body.length ?? 0;
    server.kill("SIGKILL");
    await server.exited;
    server = await startServer({ env });
  }
  const lastStart = Date.now();
  await handing;

  const seconds = ((await learners.ended(120_000)) - lastStart) / 1000;
  await learners.checkOnce(SUBMISSIONS);
  await server.stop();
  figure(
    `${KILLS} kills -9 with ${underWay} jobs under way`,
    `${SUBMISSIONS} of ${SUBMISSIONS} graded once`,
    "all, once",
  );
  figure("after the last start, all ended within", `${seconds.toFixed(1)} s`, "120 s");
  figure(
    "calls that were cut or told to wait, and repeated with their key",
    String(learners.repeats),
    "the same submissions",
  );
}, 400_000);
