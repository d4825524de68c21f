import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { en } from "../../src/http/messages/en.ts";
import { uz } from "../../src/http/messages/uz.ts";
import { barePath } from "../support/bare_path.ts";
import { classroom, clip, graded } from "../support/classroom.ts";
import { readyAs, startServer } from "../support/live.ts";
import { figure } from "../support/prove.ts";
import { smallDisk } from "../support/small_disk.ts";

// The uploads' disk is full to the last block: with ffmpeg its own temporary file meets that first, without it the upload.

const PDF = new File(["%PDF-1.7 ".padEnd(200_000, "an answer ")], "javob.pdf");

const tree = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name !== "ballast").map(({ name }) => name);
};

for (const [place, path] of [
  ["with ffmpeg", async () => process.env.PATH ?? ""],
  ["without ffmpeg", () => barePath("nice")],
] as const)
  test(`a full disk refuses what is handed in, in words, keeps nothing of it, and is forgotten at once, ${place}`, async () => {
    await using disk = await smallDisk(16);
    const env = { UPLOAD_DIR: disk.folder, DISABLE_WHISPER: "1", RATE_LIMIT_MULTIPLIER: "100", PATH: await path() };
    await using server = await startServer({ env });
    const { admin, learner, homeworkId, courseId } = await classroom(server, { kind: "mixed", max_attempts: 2 });
    const audio_file = await clip("cards-001.wav");
    const oral = `/api/v1/homework/${homeworkId}/submit-oral`;
    const written = `/api/v1/homework/${homeworkId}/submit`;
    const { body: first } = await learner.form(oral, { audio_file });
    const { audio_url } = await graded(learner, first.id);
    const before = await tree(disk.folder);
    expect(before).toHaveLength(1);

    disk.fill();
    const start = performance.now();
    const key = { "idempotency-key": "the-second-attempt" };
    const refused = await learner.form(oral, { audio_file }, key);
    figure(
      `a recording handed in to a full disk, ${place}`,
      `${refused.status} ${refused.body.code} in ${(performance.now() - start).toFixed(0)} ms`,
      "507 storage_full within 5 s",
    );
    expect(performance.now() - start).toBeLessThan(5000);
    expect(refused.body).toMatchObject({ status: 507, code: "storage_full", detail: uz.errors.storage_full });
    const english = await learner.form(oral, { audio_file }, { "accept-language": "en" });
    expect(english.body).toMatchObject({ status: 507, code: "storage_full", detail: en.errors.storage_full });
    const document = await learner.form(written, { text: "See the file.", files: PDF });
    expect(document.body).toMatchObject({ status: 507, code: "storage_full" });

    expect(await tree(disk.folder)).toEqual(before);
    const rows = async () => (await admin.get(`/api/v1/homework/${homeworkId}/submissions`)).body.length;
    expect(await rows()).toBe(1);
    expect(await readyAs(server.url, 503)).toEqual(["storage"]);

    // What needs no room for files goes on: it is another homework, since attempts are few here.
    expect((await fetch(`${server.url}${audio_url}`)).status).toBe(200);
    const other = await admin.post("/api/v1/homework/", { title: "Write", course_id: courseId, kind: "text" });
    const text = await learner.post(`/api/v1/homework/${other.body.id}/submit`, { text: "I get up at seven." });
    expect(text.status).toBe(201);
    expect((await graded(learner, text.body.id)).status).toBe("auto_graded");

    await disk.makeRoom();
    const again = await learner.form(oral, { audio_file }, key);
    expect(again.body, JSON.stringify(again.body)).toMatchObject({ attempt: 2, kind: "oral" });
    expect(again.status).toBe(202);
    expect((await graded(learner, again.body.id)).status).toBe("auto_graded");
    expect(await rows()).toBe(2);
    expect(await tree(disk.folder)).toHaveLength(2);
    expect(await readyAs(server.url, 200)).toEqual([]);
  }, 90_000);
