import { cors } from "hono/cors";
import { languageDetector } from "hono/language";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { authenticate, redeemTicket } from "../application/auth.ts";
import { AppError } from "../domain/errors.ts";
import { document } from "./document.ts";
import { bearerOf, type Feature, routes, type Server } from "./env.ts";
import { onError, problem } from "./errors.ts";
import { logging } from "./logging.ts";
import { LANGUAGE_CODES, languageOf } from "./messages/mod.ts";
import { addressOf, limiter } from "./rates.ts";
import { admin } from "./routes/admin.ts";
import { answerAnalysis } from "./routes/answer_analysis.ts";
import { auth } from "./routes/auth.ts";
import { avatars } from "./routes/avatars.ts";
import { conversations } from "./routes/conversations.ts";
import { courses } from "./routes/courses.ts";
import { homework } from "./routes/homework.ts";
import { lessons } from "./routes/lessons.ts";
import { listening } from "./routes/listening.ts";
import { metrics } from "./routes/metrics.ts";
import { notifications } from "./routes/notifications.ts";
import { phrases } from "./routes/phrases.ts";
import { practice } from "./routes/practice.ts";
import { pronunciation } from "./routes/pronunciation.ts";
import { pronunciationProfile } from "./routes/pronunciation_profile.ts";
import { BOARD, queues } from "./routes/queues.ts";
import { quotas } from "./routes/quotas.ts";
import { readingAloud } from "./routes/reading_aloud.ts";
import { probes, site } from "./routes/site.ts";
import { tutor } from "./routes/tutor.ts";
import { users } from "./routes/users.ts";
import { voiceLoop } from "./routes/voice_loop.ts";
import { limitBody } from "./sizes.ts";

export const FEATURES: readonly Feature[] = [
  auth,
  users,
  courses,
  lessons,
  homework,
  tutor,
  voiceLoop,
  readingAloud,
  listening,
  pronunciation,
  pronunciationProfile,
  phrases,
  practice,
  conversations,
  avatars,
  quotas,
  answerAnalysis,
  notifications,
  admin,
  metrics,
];
const BASE = "/api/v1";

const EXPOSED = [
  "Link",
  "Location",
  "Retry-After",
  "X-Request-Id",
  "RateLimit-Limit",
  "RateLimit-Remaining",
  "RateLimit-Reset",
  "RateLimit-Policy",
  "ETag",
  "Content-Disposition",
  "Idempotent-Replayed",
  "X-Speech-Engine",
  "X-Speech-Cached",
];

/** What a process that answers calls answers. */
export function createApp(server: Server, features = FEATURES) {
  const app = framed(server);
  app.route("/", probes(server));
  app.route(
    "/",
    site(server, () => document(app, server.site.version)),
  );
  if (server.queueBoard) app.route(BOARD, queues(server, server.queueBoard));
  return serving(app, server, features);
}

/** What a process that only works in the background answers: how it is. */
export function createWorkerApp(server: Server) {
  const app = framed(server);
  app.route("/", probes(server));
  return serving(app, server, [metrics]);
}

/** What holds for every call. */
function framed(server: Server) {
  const redeem = redeemTicket(server);
  const limit = limiter(server.rates, server.site.rateMultiplier);
  const app = routes();
  app.onError(onError(server.log));
  app.notFound((c) => problem(c, new AppError("not_found")));

  app.use(requestId());
  app.use(logging(server));
  app.use(secureHeaders({ crossOriginResourcePolicy: "cross-origin" }));
  app.use(
    languageDetector({
      order: ["header"],
      caches: false,
      supportedLanguages: LANGUAGE_CODES,
      fallbackLanguage: "uz",
      convertDetectedLanguage: (code) => code.split("-")[0] ?? code,
    }),
  );
  app.use((c, next) => {
    // The detector's own variable is a plain string.
    c.set("language", languageOf(c.get("language")));
    c.set("address", addressOf(c, server.site.trustedProxies));
    c.set("actor", null);
    c.set("limiter", limit);
    c.set("redeem", redeem);
    c.set("knowsScraper", server.knowsScraper);
    return next();
  });
  app.use(
    cors({
      origin: [...server.site.corsOrigins],
      allowHeaders: ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Last-Event-ID", "X-Request-Id"],
      exposeHeaders: EXPOSED,
    }),
  );
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => problem(c, new AppError("method_not_allowed"), { Allow: methods.join(", ") }),
    }),
  );
  return app;
}

function serving(app: ReturnType<typeof routes>, server: Server, features: readonly Feature[]) {
  const whoIs = authenticate(server);
  app.use(`${BASE}/*`, async (c, next) => {
    const token = bearerOf(c);
    c.set("actor", token ? await whoIs(token) : null);
    await next();
  });
  app.use(`${BASE}/*`, limitBody(server.site.maxUploadMb));
  for (const feature of features) app.route(BASE, feature(server));
  return app;
}
