import type { Classroom } from "./classroom.ts";
import { type Api, api, SUPERUSER } from "./live.ts";

export type Answered = { what: string; status: number; code: string | undefined; ms: number; at: number };

/** Users who go on with all they do, one call after the other, until they are told to stop. */
export function mixedLoad(urls: readonly string[], room: Classroom, recording: File, pauseMs = 150) {
  const answers: Answered[] = [];
  let going = true;
  const homework = `/api/v1/homework/${room.homeworkId}`;
  const kinds: Record<string, (who: Api, n: number) => ReturnType<Api["get"]>> = {
    "GET /api/v1/users/me": (who) => who.get("/api/v1/users/me"),
    "GET /api/v1/courses/": (who) => who.get("/api/v1/courses/"),
    "GET /api/v1/notifications/": (who) => who.get("/api/v1/notifications/"),
    "POST /api/v1/homework/{homework_id}/submit": (who, n) =>
      who.post(`${homework}/submit`, { text: `My day number ${n} was good.` }, { "idempotency-key": `text-${n}` }),
    "POST /api/v1/homework/{homework_id}/submit-oral": (who, n) =>
      who.form(`${homework}/submit-oral`, { audio_file: recording }, { "idempotency-key": `spoken-${n}` }),
    "POST /api/v1/login/access-token": (who) =>
      who.send("POST", "/api/v1/login/access-token", { body: new URLSearchParams(SUPERUSER) }),
  };
  let n = 0;
  const go = async (what: string, call: (who: Api, n: number) => ReturnType<Api["get"]>) => {
    while (going) {
      n += 1;
      const who = api(urls[n % urls.length] ?? "", room.learner.token);
      const at = Date.now();
      const answer = await call(who, n).catch((error: Error) => ({ status: 0, body: { code: error.message } }));
      answers.push({ what, status: answer.status, code: answer.body?.code, ms: Date.now() - at, at });
      await Bun.sleep(pauseMs);
    }
  };
  const ended = Promise.all(Object.entries(kinds).map(([what, call]) => go(what, call)));
  return {
    answers,
    stop: async () => {
      going = false;
      await ended;
    },
  };
}

/** Asks for `/health` again and again until it is over: the 99th percentile of the answers, in milliseconds. */
export async function healthP99(url: string, isOver: () => Promise<boolean>): Promise<number> {
  const times: number[] = [];
  while (!(await isOver())) {
    for (let i = 0; i < 20; i++) {
      const start = performance.now();
      await (await fetch(`${url}/health`)).text();
      times.push(performance.now() - start);
      await Bun.sleep(5);
    }
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
}
