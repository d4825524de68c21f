import { expect } from "bun:test";
import { type Classroom, newLearner } from "./classroom.ts";
import { type Api, api } from "./live.ts";

const ANSWER_MS = 180_000;
const PAGE = 100;

type Accepted = { learner: number; id: number; key: string; recording: File };

/** Learners who hand in recordings by any of the servers, whatever happens to these, and look what became of it. */
export async function crowd(room: Classroom, urls: readonly string[], clients: number) {
  const learners: Api[] = [room.learner];
  while (learners.length < clients) learners.push(await newLearner(urls[0] ?? "", room.admin, room.courseId));
  const path = `/api/v1/homework/${room.homeworkId}/submit-oral`;
  const accepted: Accepted[] = [];
  let repeats = 0;

  /** Some server, as a proxy would choose one. */
  const some = (who: Api): Api => api(urls[Math.floor(Math.random() * urls.length)] ?? "", who.token);

  /** Asks until somebody answers: what is away for a while comes back. */
  const asked = async (who: Api, path: string) => {
    for (const until = Date.now() + ANSWER_MS; Date.now() < until; await Bun.sleep(200)) {
      const answer = await some(who)
        .get(path)
        .catch(() => null);
      if (answer?.status === 200) return answer.body;
    }
    throw new Error(`${path} was never answered`);
  };

  /** Hands in until there is an answer: a client whose call was cut repeats it with its key. */
  const handIn = async (learner: number, n: number, recording: File) => {
    const who = learners[learner];
    const key = `client-${learner}-hand-in-${n}`;
    for (const until = Date.now() + ANSWER_MS; who && Date.now() < until; repeats++) {
      const answer = await some(who)
        .form(path, { audio_file: recording }, { "idempotency-key": key })
        .catch(() => null);
      if (answer?.status === 202) return void accepted.push({ learner, id: answer.body.id, key, recording });
      if (answer && ![409, 503].includes(answer.status))
        throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
      await Bun.sleep(200);
    }
    throw new Error(`${key} was never answered`);
  };

  return {
    accepted,
    get repeats() {
      return repeats;
    },
    /** All of them, from all clients side by side. */
    handIn: (count: number, recordings: readonly File[]) =>
      Promise.all(
        learners.map(async (_, learner) => {
          for (let n = learner; n < count; n += clients)
            await handIn(learner, n, recordings[n % recordings.length] ?? new File([], "none"));
        }),
      ),
    /** Waits for the end of each, and gives the time of the last. */
    ended: async (withinMs: number): Promise<number> => {
      const until = Date.now() + withinMs;
      for (const { learner, id } of accepted) {
        const who = learners[learner];
        // biome-ignore lint/suspicious/noExplicitAny: tests read any part of any answer
        let body: any;
        do {
          body = who && (await asked(who, `/api/v1/homework/submissions/${id}`));
          if (body.status !== "auto_graded") await Bun.sleep(200);
        } while (body.status !== "auto_graded" && Date.now() < until);
        expect(body).toMatchObject({ id, status: "auto_graded", grade_count: 1 });
      }
      return Date.now();
    },
    /** Nothing twice: one submission for each key, one grade for each submission, one notice and one analysis of it. */
    checkOnce: async (count: number): Promise<void> => {
      expect(new Set(accepted.map(({ id }) => id)).size).toBe(count);
      const stored: number[] = [];
      for (let skip = 0; skip < count + PAGE; skip += PAGE) {
        const page = await asked(
          room.admin,
          `/api/v1/homework/${room.homeworkId}/submissions?limit=${PAGE}&skip=${skip}`,
        );
        stored.push(...page.map(({ id }: { id: number }) => id));
      }
      expect(stored.sort((a, b) => a - b)).toEqual(accepted.map(({ id }) => id).sort((a, b) => a - b));
      const told: number[] = [];
      for (const who of learners) {
        const notices = await asked(who, `/api/v1/notifications/?limit=${PAGE}`);
        told.push(...notices.map(({ params }: { params: { submission_id: number } }) => params.submission_id));
      }
      expect(told.sort((a, b) => a - b)).toEqual(stored);
      const assessed = learners.map(() => 0);
      for (const { learner, id } of accepted) {
        expect(await asked(room.admin, `/api/v1/homework/submissions/${id}/history`)).toHaveLength(1);
        const { analysis } = await asked(room.admin, `/api/v1/homework/submissions/${id}`);
        if (analysis.pronunciation) assessed[learner] = (assessed[learner] ?? 0) + 1;
      }
      for (const [learner, who] of learners.entries()) {
        const kept = await asked(who, `/api/v1/ai/pronunciation/history?source=homework&limit=${PAGE}`);
        expect(kept).toHaveLength(assessed[learner] ?? 0);
      }
      expect(Math.max(...assessed)).toBeGreaterThan(0);
      await checkRepeats();
    },
  };

  /** The same call with its key gives the same submission, also after all of it. */
  async function checkRepeats() {
    const [first] = accepted;
    if (!first) throw new Error("nothing was handed in");
    const { learner, key, id, recording } = first;
    const repeated = await learners[learner]?.form(path, { audio_file: recording }, { "idempotency-key": key });
    expect(repeated?.body.id).toBe(id);
    expect(repeated?.headers.get("idempotent-replayed")).toBe("true");
  }
}
