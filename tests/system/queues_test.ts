import { expect, test } from "bun:test";
import { join } from "node:path";
import { SCREENSHOTS, startBrowser } from "../support/browser.ts";
import { classroom, clip } from "../support/classroom.ts";
import { startCluster } from "../support/cluster.ts";
import { api, readyAs, SUPERUSER, startServer } from "../support/live.ts";

// The pages of the queue, as a superadmin sees them in a browser, and as nobody else does.

const BOARD = "/admin/queues";
const QUEUE = "work";
const DATA = `${BOARD}/api/queues`;

test("a superadmin signs in and sees what waits; nobody else sees anything, and nobody changes it", async () => {
  // No worker, so that what was handed in waits.
  await using cluster = await startCluster(["api"]);
  const { url } = cluster.apis[0] ?? { url: "" };
  const room = await classroom({ url }, { kind: "oral" });
  for (let i = 0; i < 3; i++)
    await room.learner.form(`/api/v1/homework/${room.homeworkId}/submit-oral`, {
      audio_file: await clip("goforward.wav"),
    });

  expect((await api(url).get(DATA)).status).toBe(401);
  expect((await api(url, "no.such.token").get(DATA)).body.code).toBe("unauthenticated");
  expect((await room.learner.get(DATA)).body.code).toBe("forbidden");
  // A form that is none is no fault of ours.
  const headers = { "content-type": "multipart/form-data" };
  expect((await api(url).send("POST", `${BOARD}/sign-in`, { body: "none", headers })).body.code).toBe("malformed_body");
  const waiting = async () => (await room.admin.get(DATA)).body.queues[0].counts.waiting;
  // On its way to the queue after its answer.
  for (let i = 0; i < 100 && (await waiting()) < 3; i++) await Bun.sleep(50);
  expect(await waiting()).toBe(3);
  for (const action of ["pause", "empty", "clean/waiting", "retry/failed"])
    expect((await room.admin.put(`${DATA}/${QUEUE}/${action}`, {})).status).toBeGreaterThanOrEqual(400);
  expect(await waiting()).toBe(3);

  const { browser, close } = await startBrowser();
  try {
    const page = await browser.newPage();
    const elsewhere: string[] = [];
    page.on("response", (answer) => {
      if (new URL(answer.url()).origin !== url) elsewhere.push(answer.url());
    });
    await page.goto(`${url}${BOARD}`);
    await page.getByLabel("Email").fill(SUPERUSER.username);
    await page.getByLabel("Parol").fill("a wrong password");
    await page.getByRole("button", { name: "Kirish" }).click();
    await page.getByRole("alert").waitFor();
    await page.screenshot({ path: join(SCREENSHOTS, "queues-sign-in.png") });
    await page.getByLabel("Email").fill(SUPERUSER.username);
    await page.getByLabel("Parol").fill(SUPERUSER.password);
    await page.getByRole("button", { name: "Kirish" }).click();
    await page.getByText("work", { exact: true }).first().click();
    await page.getByText("submission-1-grade-1").first().waitFor();
    await page.screenshot({ path: join(SCREENSHOTS, "queues.png"), fullPage: true });
    expect(elsewhere).toEqual([]);
    const [cookie] = await browser.cookies(`${url}${BOARD}`);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: BOARD });
    // It opens these pages and no other door.
    expect((await fetch(`${url}/api/v1/users/me`, { headers: { cookie: `queues=${cookie?.value}` } })).status).toBe(
      401,
    );
    await room.admin.post("/api/v1/users/", {
      email: "t@example.com",
      password: "a teacher's password",
      role: "admin",
    });
    const asAdmin = new URLSearchParams({ username: "t@example.com", password: "a teacher's password" });
    const signedIn = await fetch(`${url}${BOARD}/sign-in`, { method: "POST", body: asAdmin, redirect: "manual" });
    const own = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect((await fetch(`${url}${BOARD}`, { headers: { cookie: own } })).status).toBe(403);
    // A logout ends it, on the very next call.
    await api(url, cookie?.value ?? "").post("/api/v1/logout");
    expect((await fetch(`${url}${DATA}`, { headers: { cookie: `queues=${cookie?.value}` } })).status).toBe(401);
  } finally {
    await close();
  }
}, 120_000);

test("while Redis is away the pages say so, soon", async () => {
  await using cluster = await startCluster(["api"]);
  const { url } = cluster.apis[0] ?? { url: "" };
  const admin = await api(url).login();
  await cluster.redis.stop();
  const start = Date.now();
  expect((await admin.get(DATA)).body).toMatchObject({ status: 503, code: "not_ready" });
  expect(Date.now() - start).toBeLessThan(5000);
  await cluster.redis.start();
  await readyAs(url, 200);
  expect((await admin.get(DATA)).status).toBe(200);
}, 60_000);

test("where the queue is the process's own there are no pages of it", async () => {
  await using server = await startServer({ env: { DISABLE_WHISPER: "1" } });
  expect((await api(server.url).get(BOARD)).status).toBe(404);
});
