import { z } from "zod";

// Every setting, with its default. `.env.example` says the same in words, and a test compares the two.

// Without the scheme, localhost:11434 would be an address of the scheme `localhost`.
const url = z
  .url({ protocol: /^https?$/, error: "should be a URL like http://ai.example" })
  .transform((url) => url.replace(/\/+$/, ""));

const flag = (preset: boolean) => z.stringbool("should be 1 or 0").default(preset);

/** Passwords and secrets that stand in guides and examples. */
const WELL_KNOWN = /^(change.?this|change.?me|secret|admin|password)/i;

const Settings = z.object({
  NODE_ENV: z.string().default("development"),
  HOST: z.string().default("0.0.0.0"),
  PORT: z.coerce.number("should be a number").int().min(1).max(65_535, "should be at most 65535").default(8004),
  /** The embedded database and the generated secret. */
  DATA_DIR: z.string().default("data"),
  UPLOAD_DIR: z.string().default("uploads"),
  MAX_UPLOAD_MB: z.coerce.number("should be a number").min(1).max(200, "should be at most 200").default(25),
  SECRET_KEY: z.string().min(32, "should have 32 characters or more").optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?(\+\w+)?:\/\//, "should be like postgresql://user:password@host/name")
    .transform((url) => url.replace(/^\w+\+\w+:/, "postgresql:"))
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/[^/]+(\/\d*)?(\?.*)?$/, "should be like redis://:password@host:6379/0")
    .optional(),
  /** What this process does: answer calls, work in the background, or both. */
  ROLE: z.enum(["all", "api", "worker"], "should be all, api or worker").default("all"),
  S3_ENDPOINT: z.url("should be a URL like https://s3.example").optional(),
  S3_BUCKET: z.string().optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** A scraper's own bearer, good for the metrics alone. */
  METRICS_TOKEN: z.string().min(16, "should have 16 characters or more").optional(),
  FIRST_SUPERUSER: z.email("should be an e-mail address").default("admin@example.com"),
  FIRST_SUPERUSER_PASSWORD: z.string().min(8, "should have 8 characters or more").optional(),
  USERS_OPEN_REGISTRATION: flag(true),
  LLM_PROVIDER: z
    .enum(["gemini", "openai", "local", "fake"], "should be gemini, openai (Ollama and vLLM too), local or fake")
    .default("gemini"),
  STT_PROVIDER: z
    .enum(["whisper", "openai", "gemini", "fake"], "should be whisper, openai, gemini or fake")
    .default("whisper"),
  TTS_PROVIDER: z.enum(["gtts", "espeak", "gemini", "fake"], "should be gtts, espeak, gemini or fake").default("gtts"),
  GOOGLE_API_KEY: z.string().optional(),
  /** Another name of GOOGLE_API_KEY, which comes first. */
  AI_API_KEY: z.string().optional(),
  GEMINI_BASE_URL: url.optional(),
  GEMINI_MODEL: z.string().default("gemini-2.5-flash"),
  GEMINI_TTS_MODEL: z.string().default("gemini-2.5-flash-preview-tts"),
  OPENAI_BASE_URL: url.default("https://api.openai.com/v1"),
  /** Not wanted by a server of one's own, e.g. Ollama. */
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_MODEL: z.string().default("gpt-4o-mini"),
  OPENAI_STT_MODEL: z.string().default("whisper-1"),
  /** A GGUF file, for LLM_PROVIDER=local. */
  LLM_MODEL: z.string().optional(),
  GTTS_BASE_URL: url.default("https://translate.google.com"),
  DISABLE_GEMINI: flag(false),
  DISABLE_TTS: flag(false),
  DISABLE_WHISPER: flag(false),
  DISABLE_PRONUNCIATION: flag(false),
  /** Milliseconds that a made-up transcript takes, so that there is work under way to interrupt. */
  FAKE_RECOGNITION_MS: z.coerce.number("should be a number").min(0).max(60_000, "should be at most 60000").default(0),
  WHISPER_MODEL: z.string().default("models/ggml-base-q5_1.bin"),
  PUBLIC_URL: z
    .url("should be a URL like https://school.example")
    .transform((url) => url.replace(/\/+$/, ""))
    .optional(),
  UPLOADS_PUBLIC: flag(false),
  TRUST_PROXY: z.coerce.number("should be the number of proxies in front").int().min(0).max(10).default(0),
  CORS_ORIGINS: z
    .string()
    .default("")
    .transform((list) => list.split(",").map((origin) => origin.trim().replace(/\/$/, "")))
    .transform((list) => list.filter(Boolean))
    .refine(
      (list) => list.every((origin) => origin === "*" || URL.canParse(origin)),
      "should be origins, comma between",
    ),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"], "should be debug, info, warn, error or silent")
    .default("info"),
  RATE_LIMIT_MULTIPLIER: z.coerce.number("should be a number").min(1, "should be 1 or more").default(1),
});

const S3 = ["S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] as const;

const Config = Settings.superRefine((config, context) => {
  const refuse = (path: keyof typeof config, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  // A process that does half of the work shares the other half with others, which takes a place to meet.
  if (config.ROLE !== "all" && !(config.DATABASE_URL && config.REDIS_URL))
    refuse("ROLE", "should be all unless DATABASE_URL and REDIS_URL are set, by which processes meet");
  const unset = S3.filter((name) => config[name] === undefined);
  if (unset.length < S3.length) for (const name of unset) refuse(name, `should be set too: S3 takes ${S3.join(", ")}`);
  if (config.LLM_PROVIDER === "local" && !config.DISABLE_GEMINI && config.LLM_MODEL === undefined)
    refuse("LLM_MODEL", "should be the path of a GGUF file, since LLM_PROVIDER is local");
  if (config.NODE_ENV !== "production") return;
  if (WELL_KNOWN.test(config.SECRET_KEY ?? "")) refuse("SECRET_KEY", "should not be one from a guide in production");
  if (WELL_KNOWN.test(config.FIRST_SUPERUSER_PASSWORD ?? ""))
    refuse("FIRST_SUPERUSER_PASSWORD", "should not be one from a guide in production");
  if (config.RATE_LIMIT_MULTIPLIER !== 1) refuse("RATE_LIMIT_MULTIPLIER", "should not be set in production");
});

export type Config = z.infer<typeof Config>;

/** The bucket that uploads lie in; null where they lie in `UPLOAD_DIR`. */
export function bucketOf(config: Config) {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket } = config;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
  return endpoint && bucket && accessKeyId && secretAccessKey
    ? { endpoint, bucket, accessKeyId, secretAccessKey }
    : null;
}

export const SETTINGS = Object.keys(Settings.shape);

/** Reads the environment once, at the start; what is wrong is one line each. Nothing else touches `process.env`. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  const { success, data, error } = Config.safeParse(set);
  if (success) return data;
  throw new Error(error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; "));
}

/** Which school the settings mean, in words and without a password. */
export const schoolAt = ({ DATABASE_URL, DATA_DIR }: Config): string => {
  if (DATABASE_URL === undefined) return `embedded, in ${DATA_DIR}`;
  const { host, pathname } = new URL(DATABASE_URL);
  return `Postgres, ${host}${pathname}`;
};
