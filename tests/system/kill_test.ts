import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Classroom, classroom, clip, newLearner } from "../support/classroom.ts";
import { type Api, api, type LiveServer, startServer } from "../support/live.ts";
import { figure, size } from "../support/prove.ts";

const SUBMISSIONS = size(12, 40);
const CLIENTS = size(4, 8);
const KILLS = size(2, 4);
const CLIPS = ["cards-001.wav", "cards-002.wav", "librivox-0880.wav", "goforward.wav"];

const folder = await mkdtemp(join(tmpdir(), "kill-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

type Accepted = { learner: number; id: number; key: string };

test(`${SUBMISSIONS} spoken submissions from ${CLIENTS} clients survive ${KILLS} kills: each graded once`, async () => {
  const port = String(20_000 + Math.floor(Math.random() * 20_000));
  const env = {
    DATA_DIR: join(folder, "data"),
    UPLOAD_DIR: join(folder, "uploads"),
    PORT: port,
    RATE_LIMIT_MULTIPLIER: "100",
  };
  let server: LiveServer = await startServer({ env });
  const { url } = server;
  const room: Classroom = await classroom(server, {
    kind: "oral",
    reference_text: "He was not an ill disposed young man",
  });
  const learners: Api[] = [room.learner];
  while (learners.length < CLIENTS) learners.push(await newLearner(url, room.admin, room.courseId));
  const recordings = await Promise.all(CLIPS.map(clip));

  const accepted: Accepted[] = [];
  let repeats = 0;
  /** Hands in until there is an answer: a client whose call was cut repeats it with its key. */
  const handIn = async (learner: number, n: number) => {
    const key = `client-${learner}-hand-in-${n}`;
    const audio_file = recordings[n % recordings.length] ?? new File([], "none");
    for (const until = Date.now() + 120_000; Date.now() < until; repeats++) {
      const answer = await learners[learner]
        ?.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, { audio_file }, { "idempotency-key": key })
        .catch(() => null);
      if (answer?.status === 202) return void accepted.push({ learner, id: answer.body.id, key });
      if (answer && ![409, 503].includes(answer.status))
        throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
      await Bun.sleep(200);
    }
    throw new Error(`${key} was never answered`);
  };
  const handing = Promise.all(
    learners.map(async (_, learner) => {
      for (let n = learner; n < SUBMISSIONS; n += CLIENTS) await handIn(learner, n);
    }),
  );

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

  let ended = 0;
  for (const { learner, id } of accepted) {
    // biome-ignore lint/suspicious/noExplicitAny: tests read any part of any answer
    let body: any;
    do {
      ({ body } = (await learners[learner]?.get(`/api/v1/homework/submissions/${id}`)) ?? { body: {} });
      if (body.status !== "auto_graded") await Bun.sleep(200);
    } while (body.status !== "auto_graded" && Date.now() < lastStart + 120_000);
    expect(body).toMatchObject({ id, status: "auto_graded", grade_count: 1 });
    ended = Date.now();
  }
  const seconds = (ended - lastStart) / 1000;

  expect(new Set(accepted.map(({ id }) => id)).size).toBe(SUBMISSIONS);
  const all = await room.admin.get(`/api/v1/homework/${room.homeworkId}/submissions?limit=100`);
  expect(all.body).toHaveLength(SUBMISSIONS);
  let notices = 0;
  for (const learner of learners) {
    const { body } = await learner.get("/api/v1/notifications/?limit=100");
    const about: number[] = body.map((notice: { params: { submission_id: number } }) => notice.params.submission_id);
    expect(new Set(about).size).toBe(about.length);
    notices += about.length;
  }
  expect(notices).toBe(SUBMISSIONS);

  // The same call with its key gives the same submission, also after all of it.
  const again = accepted[0];
  const audio_file = recordings[Number(again?.key.split("-").at(-1)) % recordings.length] ?? new File([], "none");
  const repeated = await learners[again?.learner ?? 0]?.form(
    `/api/v1/homework/${room.homeworkId}/submit-oral`,
    { audio_file },
    { "idempotency-key": again?.key ?? "" },
  );
  expect(repeated?.body.id).toBe(again?.id);
  expect(repeated?.headers.get("idempotent-replayed")).toBe("true");

  await server.stop();
  figure(
    `${KILLS} kills -9 with ${underWay} jobs under way`,
    `${SUBMISSIONS} of ${SUBMISSIONS} graded once`,
    "all, once",
  );
  figure("after the last start, all ended within", `${seconds.toFixed(1)} s`, "120 s");
  figure("calls that were cut or told to wait, and repeated with their key", String(repeats), "the same submissions");
}, 400_000);

test("a server that is told to stop finishes, hands back, and exits within 10 s", async () => {
  const server = await startServer({ env: { DATA_DIR: join(folder, "data2"), UPLOAD_DIR: join(folder, "uploads2") } });
  const room = await classroom(server);
  for (let i = 0; i < 4; i++)
    await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, {
      audio_file: await clip("librivox-0870.wav"),
    });
  const stream = await fetch(`${server.url}/api/v1/notifications/stream`, {
    headers: { authorization: `Bearer ${room.learner.token}` },
  });
  expect(stream.status).toBe(200);
  const start = Date.now();
  expect(await server.stop()).toBe(0);
  expect(Date.now() - start).toBeLessThan(10_000);
  await expect(api(server.url).get("/health")).rejects.toThrow();
}, 60_000);
