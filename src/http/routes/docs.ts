import { Hono } from "hono";
import { html } from "hono/html";
import { AppError, type ErrorCode } from "../../domain/errors.ts";
import type { Env, Site } from "../env.ts";
import { STATUS } from "../errors.ts";
import { explainCode } from "../messages/mod.ts";

/** Nothing from another host and nothing inline; what is played or saved from an answer is a blob of the page's own. */
export const PAGE_HEADERS = {
  "content-security-policy": [
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cache-control": "no-cache",
};

/** All that is served of the package. */
const FROM_SWAGGER = new Map([
  ["swagger-ui.css", import.meta.resolve("swagger-ui-dist/swagger-ui.css")],
  ["swagger-ui-bundle.js", import.meta.resolve("swagger-ui-dist/swagger-ui-bundle.js")],
  ["favicon-32x32.png", import.meta.resolve("swagger-ui-dist/favicon-32x32.png")],
]);
/** Plain names between slashes: no dot file, nothing that climbs. */
const STATIC_NAME = /^(?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)+$/;

/** The pages about the API, and the files they are made of. */
export function docs() {
  const app = new Hono<Env>({ strict: false });
  app.get("/docs", (c) => c.html(docsPage(), 200, PAGE_HEADERS));
  app.get("/docs/errors", (c) => c.html(errorsPage(), 200, PAGE_HEADERS));
  app.get("/static/swagger/:name", (c) => {
    const found = FROM_SWAGGER.get(c.req.param("name"));
    if (!found) throw new AppError("not_found");
    return sendAsset(c.req.raw, new URL(found), "public, max-age=86400");
  });
  app.get("/static/:path{.+}", (c) => {
    const path = c.req.param("path");
    if (!STATIC_NAME.test(path)) throw new AppError("not_found");
    return sendAsset(c.req.raw, new URL(`../../../static/${path}`, import.meta.url), "no-cache");
  });
  return app;
}

type Asset = { modified: number; etag: string; bytes: Uint8Array<ArrayBuffer>; packed: Uint8Array<ArrayBuffer> | null };
const assets = new Map<string, Asset>();

/** Read and packed once, and again when the file changes. */
async function readAsset(url: URL): Promise<Asset | null> {
  const file = Bun.file(url);
  if (!(await file.exists())) return null;
  const known = assets.get(url.href);
  if (known?.modified === file.lastModified) return known;
  const bytes = await file.bytes();
  const isText = /^(text\/|application\/json|image\/svg)/.test(file.type);
  const etag = `W/"${Bun.hash(bytes).toString(36)}"`;
  const read = { modified: file.lastModified, etag, bytes, packed: isText ? Bun.gzipSync(bytes) : null };
  assets.set(url.href, read);
  return read;
}

async function sendAsset({ headers: asked }: Request, url: URL, caching: string): Promise<Response> {
  const asset = await readAsset(url);
  if (!asset) throw new AppError("not_found");
  const headers = new Headers({
    ...PAGE_HEADERS,
    "content-type": Bun.file(url).type,
    "cache-control": caching,
    etag: asset.etag,
    vary: "Accept-Encoding",
  });
  const held = asked.get("if-none-match")?.split(",") ?? [];
  if (held.some((tag) => tag.trim() === asset.etag)) return new Response(null, { status: 304, headers });
  const packed = /\bgzip\b(?!;q=0(?:\.0+)?\b)/.test(asked.get("accept-encoding") ?? "") ? asset.packed : null;
  if (packed) headers.set("content-encoding", "gzip");
  const body = packed ?? asset.bytes;
  headers.set("content-length", String(body.byteLength));
  return new Response(body, { headers });
}

type Markup = ReturnType<typeof html>;
type Page = { title: string; lang?: "uz" | "en"; here: string; head?: Markup; body: Markup };

const LINKS = [
  ["/", "Bosh sahifa"],
  ["/docs", "API"],
  ["/docs/errors", "Xatolar"],
  ["/api/v1/openapi.json", "openapi.json"],
] as const;

export const layout = ({ title, lang = "uz", here, head, body }: Page) => html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
${head}<link rel="stylesheet" href="/static/docs.css">
</head>
<body>
<header class="bar">
<a class="brand" href="/" lang="uz"><img src="/static/icon.svg" alt="" width="28" height="28">Oʻquv platformasi</a>
<nav aria-label="Sahifalar" lang="uz">${LINKS.map(
  ([href, words]) => html`<a href="${href}"${href === here ? html` aria-current="page"` : ""}>${words}</a>`,
)}</nav>
</header>
${body}
</body>
</html>
`;

const docsPage = () =>
  layout({
    title: "API — Oʻquv platformasi",
    lang: "en",
    here: "/docs",
    head: html`<link rel="stylesheet" href="/static/swagger/swagger-ui.css">
<script src="/static/swagger/swagger-ui-bundle.js" defer></script>
<script src="/static/docs.js" defer></script>
`,
    body: html`<main>
<section class="welcome" aria-labelledby="title">
<h1 id="title"><span lang="uz">Oʻquv platformasi</span> API</h1>
<p class="lead" lang="uz">Xush kelibsiz! Har bir amalni shu sahifaning oʻzida sinab koʻrishingiz mumkin.</p>
<p>Welcome. Every operation can be tried out on this page:</p>
<ol>
<li><strong>Authorize</strong> with an e-mail and a password.</li>
<li>Open an operation and fill in what it takes.</li>
<li><strong>Execute</strong>, and read the answer below.</li>
</ol>
</section>
<div id="swagger-ui"><p class="loading">Loading…</p></div>
<noscript><p class="loading">This page needs JavaScript; <a href="/api/v1/openapi.json">openapi.json</a> says the same to any client.</p></noscript>
</main>`,
  });

/** The names in braces are filled in when the error occurs. */
const sentence = (words: string) =>
  words.split(/\{(\w+)\}/).map((part, i) => (i % 2 === 1 ? html`<var translate="no">${part}</var>` : part));

const errorRow = (code: ErrorCode) => {
  const [uz, en] = [explainCode(code, "uz"), explainCode(code, "en")];
  return html`<tr id="${code}">
<th scope="row"><a href="#${code}" translate="no">${code}</a></th>
<td><span class="status status-${String(STATUS[code]).charAt(0)}">${STATUS[code]}</span></td>
<td lang="uz">${sentence(uz)}</td>
<td lang="${en === uz ? "uz" : "en"}">${sentence(en)}</td>
</tr>
`;
};

const EXAMPLE = `HTTP/1.1 404 Not Found
Content-Type: application/problem+json
Content-Language: uz

{
  "type": "/docs/errors#not_found",
  "title": "not found",
  "status": 404,
  "detail": "${explainCode("not_found", "uz")}",
  "code": "not_found",
  "request_id": "0f8c2f1e-…"
}`;

function errorsPage() {
  const codes = Object.keys(STATUS) as ErrorCode[];
  return layout({
    title: "Xatolar — Oʻquv platformasi",
    here: "/docs/errors",
    body: html`<main class="page">
<h1>Xatolar <span lang="en">Errors</span></h1>
<p class="lead">Har bir xato javobi <code>application/problem+json</code> koʻrinishida keladi: <code>code</code> hech qachon
oʻzgarmaydi, <code>detail</code> esa oʻzbekcha yoki (<code>Accept-Language: en</code>) inglizcha bitta gap.</p>
<p lang="en">Every refusal comes as <code>application/problem+json</code> (RFC 9457): its <code>code</code> never changes, its
<code>detail</code> is one sentence in Uzbek or, by <code>Accept-Language: en</code>, in English. Slanted
<var>words</var> are filled in. With <code>retry_after</code>, the <code>Retry-After</code> header says the same seconds.</p>
<pre class="example" translate="no">${EXAMPLE}</pre>
<div class="scroll">
<table class="errors">
<thead><tr><th scope="col" lang="en">code</th><th scope="col" lang="en">status</th><th scope="col">Oʻzbekcha</th><th scope="col" lang="en">English</th></tr></thead>
<tbody>
${codes.map(errorRow)}</tbody>
</table>
</div>
</main>`,
  });
}

const STATE_WORDS = {
  on: ["yoqilgan", "on"],
  off: ["oʻchirilgan", "off"],
  fake: ["sinov uchun", "made up"],
  missing: ["yetishmaydi", "missing"],
} as const;

const NAMES_UZ: Record<string, string> = {
  Database: "Baza",
  Processes: "Jarayonlar",
  Uploads: "Fayllar",
  Recognition: "Nutqni tanish",
  Pronunciation: "Talaffuz",
  Audio: "Audio",
  Grammar: "Grammatika",
  Tutor: "Ustoz",
  Voices: "Ovozlar",
  "Sign-up": "Roʻyxatdan oʻtish",
};

const stateRow = ({ name, state, note }: Site["state"][number]) => {
  const [uz, en] = STATE_WORDS[state];
  const nameUz = NAMES_UZ[name];
  const first = nameUz ? html`<strong>${nameUz}</strong>` : html`<strong lang="en">${name}</strong>`;
  const second = nameUz && nameUz !== name ? html` <span lang="en">${name}</span>` : "";
  return html`<li>
<span class="light light-${state}" aria-hidden="true"></span>
<span class="name">${first}${second}</span>
<span class="word">${uz} <span lang="en">${en}</span></span>
<span class="note" lang="en">${note}</span>
</li>
`;
};

/** What a browser sees at `/`. */
export const frontPage = ({ version, state }: Pick<Site, "version" | "state">) => ({
  headers: PAGE_HEADERS,
  page: layout({
    title: "Oʻquv platformasi",
    here: "/",
    body: html`<main class="page">
<h1>Oʻquv platformasi</h1>
<p class="lead">Bu — oʻzbek tilida soʻzlashuvchilar ingliz tilini oʻrganadigan platformaning serveri. Oʻquvchilar ogʻzaki va
yozma vazifa topshiradi, server ularni tekshirib izoh beradi, yakuniy bahoni esa oʻqituvchi qoʻyadi. Sunʼiy intellektli ustoz
bilan yozma va ogʻzaki suhbatlashsa ham boʻladi.</p>
<p lang="en">This is the server of a platform where Uzbek speakers learn English. Learners hand in spoken and written
homework, the server checks and comments it, and a teacher gives the final mark. In between they talk with an AI tutor, in
writing and aloud.</p>
<nav class="cards" aria-label="Hujjatlar">
<a href="/docs"><strong>API</strong> <span>hujjatlar va sinov <span lang="en">documentation, to try out</span></span></a>
<a href="/docs/errors"><strong>Xatolar</strong> <span>har bir kodning maʼnosi <span lang="en">what each code means</span></span></a>
<a href="/api/v1/openapi.json"><strong>openapi.json</strong> <span>dasturlar uchun <span lang="en">for programs</span></span></a>
</nav>
<section aria-labelledby="state">
<h2 id="state">Holat <span lang="en">State</span></h2>
<ul class="state">
${state.map(stateRow)}</ul>
</section>
</main>
<footer><span>${version}-versiya</span> <a href="/health">/health</a> <a href="/ready">/ready</a> <a href="/version">/version</a></footer>`,
  }),
});
