import { type Api, api, type LiveServer } from "./live.ts";

export type Classroom = { admin: Api; learner: Api; courseId: number; homeworkId: number };

/** A course with one homework and one enrolled learner, on a running server. */
export async function classroom({ url }: Pick<LiveServer, "url">, homework: object = {}): Promise<Classroom> {
  const admin = await api(url).login();
  const course = await admin.post("/api/v1/courses/", { title: "English" });
  const courseId = course.body.id;
  const made = await admin.post("/api/v1/homework/", { title: "Speak", course_id: courseId, ...homework });
  const learner = await newLearner(url, admin, courseId);
  return { admin, learner, courseId, homeworkId: made.body.id };
}

export async function newLearner(url: string, admin: Api, courseId: number): Promise<Api> {
  const email = `${crypto.randomUUID()}@example.com`;
  const password = "a learner's password";
  await admin.post("/api/v1/users/", { email, password });
  const learner = await api(url).login(email, password);
  await learner.post(`/api/v1/courses/${courseId}/enroll`);
  return learner;
}

/** Waits for the submission to be graded or to fail. */
// biome-ignore lint/suspicious/noExplicitAny: tests read any part of any answer
export async function graded(who: Api, submissionId: number, timeoutMs = 60_000): Promise<any> {
  for (const until = Date.now() + timeoutMs; Date.now() < until; await Bun.sleep(100)) {
    const { body } = await who.get(`/api/v1/homework/submissions/${submissionId}`);
    if (["auto_graded", "graded", "failed"].includes(body.status)) return body;
  }
  throw new Error(`submission ${submissionId} was not graded within ${timeoutMs} ms`);
}

export const clip = async (name: string): Promise<File> =>
  new File([await Bun.file(`tests/test_data/speech/${name}`).bytes()], name);
