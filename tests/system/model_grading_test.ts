import { expect, test } from "bun:test";
import { attacks, essays, textOf } from "../support/attacks.ts";
import { classroom, clip, graded, newLearner } from "../support/classroom.ts";
import { giving, read } from "../support/judging.ts";
import { startServer } from "../support/live.ts";
import { openAiStub } from "../support/openai_stub.ts";
import { figure, size } from "../support/prove.ts";
import type { StubCall } from "../support/vendor_stub.ts";

// Homework on the real server, with a vendor on a stub that listens and judges: what it may decide, and what it may not.

const SUBMISSIONS = "/api/v1/homework/submissions";

/** What a judge who gives this share of all points answers, as the vendor would. */
const sharing = (share: number) => (call: StubCall) =>
  giving(share)(
    read({ instructions: "", max_tokens: 0, messages: [{ role: "user", text: call.messages.at(-1)?.text ?? "" }] }),
  );

function vendor() {
  const stub = openAiStub();
  const env = { LLM_PROVIDER: "openai", STT_PROVIDER: "openai", OPENAI_BASE_URL: stub.url, OPENAI_API_KEY: stub.key };
  return { stub, env: { ...env, RATE_LIMIT_MULTIPLIER: "100" } };
}

test("an essay is judged by criteria with the words they rest on; the teacher sees all of it and has the last word", async () => {
  const { stub, env } = vendor();
  stub.values = sharing(0.8);
  await using server = await startServer({ env });
  const { admin, learner, homeworkId } = await classroom(server);
  const { body } = await learner.post(`/api/v1/homework/${homeworkId}/submit`, { text: essays.en });
  const own = await graded(learner, body.id);
  expect(own).toMatchObject({ status: "auto_graded", flags: [] });
  expect(own.analysis.engine).toBe("language model with deterministic checks");
  for (const { evidence } of own.criteria) expect(essays.en).toContain(evidence[0]);

  const seen = (await admin.get(`${SUBMISSIONS}/${body.id}`)).body;
  expect(seen.analysis.engine).toBe("openai gpt-4o-mini with deterministic checks");
  expect(seen.analysis.counted_score).toBeWithin(0, 101);
  const [proposal] = (await admin.get(`${SUBMISSIONS}/${body.id}/history`)).body;
  expect(proposal.model).toMatchObject({ engine: "openai gpt-4o-mini", prompt_version: 1 });
  expect(JSON.parse(proposal.model.raw).criteria).toHaveLength(4);
  const [asLearner] = (await learner.get(`${SUBMISSIONS}/${body.id}/history`)).body;
  expect(asLearner.model).toBeNull();

  await admin.post(`${SUBMISSIONS}/${body.id}/grade`, { score: 64, feedback: "Yaxshi." });
  expect((await learner.get(`${SUBMISSIONS}/${body.id}`)).body).toMatchObject({ status: "graded", score: 64 });

  // Nobody waits for a vendor that is down.
  stub.fault = "broken";
  const second = await learner.post(`/api/v1/homework/${homeworkId}/submit`, { text: essays.en });
  await graded(learner, second.body.id);
  const counted = (await admin.get(`${SUBMISSIONS}/${second.body.id}`)).body;
  expect(counted).toMatchObject({ status: "auto_graded", analysis: { engine: "deterministic", counted_score: null } });
  expect(counted.flags).toContain("model_unavailable");
  await stub.stop();
}, 120_000);

test("no attack lifts its grade unseen with a judge who believes everything", async () => {
  const { stub, env } = vendor();
  stub.values = sharing(1);
  await using server = await startServer({ env });
  const { admin, learner, courseId, homeworkId } = await classroom(server);
  const other = await newLearner(server.url, admin, courseId);
  const { body: honest } = await other.post(`/api/v1/homework/${homeworkId}/submit`, { text: essays.en });
  await graded(other, honest.id);
  const before = (await other.get(`${SUBMISSIONS}/${honest.id}`)).body;

  const homework: Record<string, number> = {};
  for (const language of ["en", "uz", "ru"]) {
    const draft = {
      title: "Kunim",
      description: "Write about your day.",
      course_id: courseId,
      kind: "mixed",
      language,
    };
    homework[language] = (await admin.post("/api/v1/homework/", draft)).body.id;
  }
  const sound = await clip("cards-001.wav");
  const some = attacks.filter((_, i) => i % (attacks.length / size(12, 60)) === 0);
  let [lifted, reviewed] = [0, 0];
  for (const attack of some) {
    stub.hears = () => textOf(attack);
    const at = `/api/v1/homework/${homework[attack.homework]}`;
    const { status, body } =
      attack.kind === "text"
        ? await learner.post(`${at}/submit`, { text: textOf(attack) })
        : await learner.form(`${at}/submit-oral`, { audio_file: sound });
    expect([status, body.code], attack.name).toEqual([attack.kind === "text" ? 201 : 202, undefined]);
    await graded(learner, body.id);
    const seen = (await admin.get(`${SUBMISSIONS}/${body.id}`)).body;
    expect(seen, attack.name).toMatchObject({ status: "auto_graded" });
    const counted = seen.analysis.counted_score ?? seen.auto_score;
    expect(seen.auto_score, attack.name).toBeWithin(0, 100.01);
    expect(seen.auto_score, attack.name).toBeLessThanOrEqual(counted + 20.01);
    if (seen.auto_score > counted) {
      lifted++;
      expect(seen.flags, attack.name).toContain("needs_review");
    }
    if (seen.flags.includes("needs_review")) reviewed++;
  }
  expect((await other.get(`${SUBMISSIONS}/${honest.id}`)).body).toEqual(before);
  figure(
    `attacks on a judge who gives full marks: handed in, lifted above what was counted, for review`,
    `${some.length}, ${lifted}, ${reviewed}`,
    "each that is lifted is for review",
  );
  await stub.stop();
}, 300_000);
