import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { SCREENSHOTS, startBrowser } from "../support/browser.ts";
import { type Api, api, type LiveServer, SUPERUSER, startServer } from "../support/live.ts";
import { tone } from "../support/school.ts";

const RECORDING = join(import.meta.dir, "../test_data/test_audio.wav");
const ANSWER = "I get up at seven every day and I go to school by bus.";

let server: LiveServer;
let browser: BrowserContext;
let closeBrowser: () => Promise<void>;
let admin: Api;

beforeAll(async () => {
  server = await startServer({ env: { DISABLE_WHISPER: "1", DISABLE_GEMINI: "1" } });
  admin = await api(server.url).login();
  ({ browser, close: closeBrowser } = await startBrowser());
}, 60_000);

afterAll(async () => {
  await closeBrowser?.();
  await server?.stop();
}, 30_000);

/** A page, and what went wrong on it: requests to other hosts, failed ones, errors. */
async function open(path: string) {
  const page = await browser.newPage();
  const wrong: string[] = [];
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== server.url)
      wrong.push(`asks ${request.url()}`);
  });
  page.on("requestfailed", (request) => wrong.push(`failed ${request.url()}: ${request.failure()?.errorText}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`threw ${error}`));
  await page.goto(`${server.url}${path}`);
  return { page, wrong };
}

const shoot = (what: Page | Locator, name: string) =>
  what.screenshot({ path: join(SCREENSHOTS, `${name}.png`), ...("goto" in what && { fullPage: true }) });

/** Texts whose colour stands out from their ground by less than 4.5:1 (3:1 for large ones). */
const tooFaint = (page: Page) =>
  page.evaluate(() => {
    const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (colour: string) => {
      const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
      const [r = 0, g = 0, b = 0] = channels(colour).map((value) => linear(value / 255));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (from: Element): string => {
      for (let at: Element | null = from; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if ((channels(colour)[3] ?? 1) > 0.5) return colour;
      }
      return "rgb(255, 255, 255)";
    };
    const hasText = (element: Element) =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    return [...document.body.querySelectorAll("*")]
      .filter((element) => hasText(element) && element.checkVisibility() && !element.closest("svg, noscript"))
      .flatMap((element) => {
        const { color, fontSize } = getComputedStyle(element);
        const [high = 0, low = 0] = [luminance(color), luminance(ground(element))].sort((a, b) => b - a);
        const contrast = (high + 0.05) / (low + 0.05);
        const isEnough = contrast >= (Number.parseFloat(fontSize) >= 24 ? 3 : 4.5);
        return isEnough ? [] : [`${contrast.toFixed(1)} ${element.outerHTML.slice(0, 120)}`];
      });
  });

async function signIn(page: Page): Promise<void> {
  await page.locator(".auth-wrapper > button.authorize").click();
  const dialog = page.locator(".modal-ux");
  await dialog.locator("#oauth_username").fill(SUPERUSER.username);
  await dialog.locator("#oauth_password").fill(SUPERUSER.password);
  expect(await dialog.locator("#client_id_password").isVisible()).toBe(false);
  expect(await dialog.locator("#client_secret_password").isVisible()).toBe(false);
  await dialog.locator("button.authorize").click();
  await dialog.getByRole("button", { name: "Remove authorization" }).waitFor();
  await dialog.locator("button.btn-done").click();
  await dialog.waitFor({ state: "detached" });
}

/** One operation of the page, opened, about the homework. */
async function operation(page: Page, path: string, homeworkId: number): Promise<Locator> {
  const at = page.locator(".opblock-post", { has: page.locator(`[data-path="/api/v1${path}"]`) });
  await at.locator(".opblock-summary-control").click();
  await at.locator('tr[data-param-name="homework_id"] input').fill(String(homeworkId));
  // An example there would make the second answer a repetition of the first.
  await at.locator('tr[data-param-name="Idempotency-Key"] input').fill("");
  return at;
}

async function ran(at: Locator): Promise<Locator> {
  await at.locator("button.execute").click();
  const live = at.locator(".live-responses-table .response").first();
  await live.waitFor();
  return live;
}

async function execute(at: Locator) {
  const live = await ran(at);
  const read = async (what: Locator) => (await what.textContent()) ?? "";
  return {
    status: await read(live.locator(".response-col_status")),
    answer: JSON.parse(await read(live.locator(".response-col_description pre").first())),
    whole: await read(at.locator(".responses-inner").first()),
  };
}

async function makeHomework(): Promise<number> {
  const course = await admin.post("/api/v1/courses/", { title: "English", level: "A1" });
  const draft = { title: "My day", course_id: course.body.id, kind: "mixed", published: true };
  const { status, body } = await admin.post("/api/v1/homework/", draft);
  expect([status, body.code]).toEqual([201, undefined]);
  return body.id;
}

test("a visitor of /docs signs in, hands in a text and a recording, and sees the answers", async () => {
  const homework = await makeHomework();
  const { page, wrong } = await open("/docs");
  await page.locator(".opblock").first().waitFor();
  expect(await page.title()).toContain("Oʻquv platformasi");
  const tags = await page.locator(".opblock-tag").evaluateAll((all) => all.map((tag) => tag.getAttribute("data-tag")));
  const school = ["login", "users", "courses", "lessons", "homework"];
  expect(tags).toEqual([
    ...school,
    "ai",
    "pronunciation",
    "ai-sessions",
    "avatars",
    "notifications",
    "admin",
    "metrics",
  ]);
  await shoot(page, "docs");
  expect(await tooFaint(page)).toEqual([]);
  await signIn(page);

  const text = await operation(page, "/homework/{homework_id}/submit", homework);
  await text.locator(".body-param textarea").fill(JSON.stringify({ text: ANSWER }));
  const written = await execute(text);
  expect(written.status).toStartWith("201");
  expect(written.answer).toMatchObject({ homework_id: homework, kind: "text", text: ANSWER });
  expect(written.whole).toMatch(/\d+ ms/);
  expect((await admin.get(`/api/v1/homework/submissions/${written.answer.id}`)).body.text).toBe(ANSWER);
  expect(await tooFaint(page)).toEqual([]);
  await shoot(text, "docs_text_answer");

  const spoken = await operation(page, "/homework/{homework_id}/submit-oral", homework);
  const recording = (await Bun.file(RECORDING).exists()) ? Bun.file(RECORDING) : tone();
  await spoken.locator('input[type="file"]').setInputFiles({
    name: "test_audio.wav",
    mimeType: "audio/wav",
    buffer: Buffer.from(await recording.arrayBuffer()),
  });
  const heard = await execute(spoken);
  expect(heard.status).toStartWith("202");
  expect(heard.answer).toMatchObject({ homework_id: homework, kind: "oral" });
  expect(heard.answer.id).toBeGreaterThan(written.answer.id);
  await shoot(spoken, "docs_spoken_answer");
  expect(wrong).toEqual([]);

  // Nothing of the sign-in stays behind.
  await page.reload();
  await page.locator(".opblock").first().waitFor();
  expect(await page.locator(".auth-wrapper > button.authorize.unlocked").count()).toBe(1);
  await page.close();
}, 45_000);

test("a visitor of /docs asks the tutor, speaks with it and hears it, by the examples that stand there", async () => {
  const { page, wrong } = await open("/docs");
  await page.locator(".opblock").first().waitFor();
  await signIn(page);
  const opened = async (path: string) => {
    const at = page.locator(".opblock-post", { has: page.locator(`[data-path="/api/v1${path}"]`) });
    await at.locator(".opblock-summary-control").click();
    return at;
  };
  const asked = await execute(await opened("/ai/ask"));
  expect(asked.status).toStartWith("200");
  expect(asked.answer).toMatchObject({ language: "uz", avatar_name: "Malika" });

  const loop = await opened("/ai/voice-loop");
  await loop.locator('input[type="file"]').setInputFiles(RECORDING);
  const spoken = await execute(loop);
  expect([spoken.status.slice(0, 3), spoken.answer.code]).toEqual(["200", undefined]);

  const tts = await opened("/ai/tts");
  await (await ran(tts)).locator("audio").waitFor();
  await page.waitForFunction(() => (document.querySelector("audio")?.duration ?? 0) > 0.5);
  await shoot(tts, "docs_spoken_text");
  expect(wrong).toEqual([]);
  await page.close();
}, 60_000);

test("a link into /docs opens its operation", async () => {
  const { page, wrong } = await open("/docs#/courses");
  const tag = page.locator("#operations-tag-courses");
  await tag.waitFor();
  expect(await tag.getAttribute("data-is-open")).toBe("true");
  expect(wrong).toEqual([]);
  await page.close();
}, 20_000);

test.each([
  ["/", "front"],
  ["/docs/errors", "errors"],
])(
  "%s is readable, wide and narrow",
  async (path, name) => {
    const { page, wrong } = await open(path);
    await shoot(page, name);
    expect(await tooFaint(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await shoot(page, `${name}_narrow`);
    expect(wrong).toEqual([]);
    await page.close();
  },
  20_000,
);

test("an error's anchor is marked and not hidden behind the bar", async () => {
  const { page } = await open("/docs/errors#stale_version");
  const row = await page.locator("#stale_version").boundingBox();
  const bar = await page.locator(".bar").boundingBox();
  expect(row?.y).toBeGreaterThanOrEqual(bar?.height ?? 0);
  await page.close();
}, 20_000);
