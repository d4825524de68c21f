import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Reply } from "../../application/tutor.ts";
import type { Env, Server } from "../env.ts";
import { mediaUrl } from "../media.ts";
import { sayWarning } from "../messages/mod.ts";
import { IdOut } from "../schemas.ts";

/** What every answer says of its sound. */
export const Sound = {
  audio_url: z.string().nullable().openapi({
    example: "/uploads/speech/3f….mp3?expires=1764000000&signature=…",
    description: "Plays for a day; null where there is no sound",
  }),
  warning: z
    .object({
      code: z.string().openapi({ example: "speech_failed" }),
      detail: z.string().openapi({ example: "Matnni ovozga aylantirib boʻlmadi." }),
    })
    .nullable()
    .openapi({ description: "Why the sound is missing or cut short; null where all is well" }),
};

/** What every answer says of who answered. */
export const Answerer = {
  avatar_type: z.string().openapi({ example: "teacher" }),
  avatar_name: z.string().openapi({ example: "Malika" }),
  session_id: IdOut.openapi({ description: "Send it again to go on with the conversation" }),
  language: z.string().openapi({ example: "uz", description: "Of the answer and its voice" }),
  engine: z.string().openapi({ example: "gemini gemini-2.5-flash", description: "Who answered" }),
};

type Spoken = Pick<Reply, "audio_key" | "warning" | "avatar" | "session_id" | "language" | "engine">;

/** The fields of `Sound` and `Answerer`. */
export function spokenView(
  server: Server,
  c: Context<Env>,
  { audio_key, warning, avatar, session_id, language, engine }: Spoken,
) {
  return {
    audio_url: audio_key === null ? null : mediaUrl(server, audio_key, server.clock.now()),
    warning: warning === null ? null : { code: warning, detail: sayWarning(warning, c.get("language")) },
    avatar_type: avatar.type,
    avatar_name: avatar.name,
    session_id,
    language,
    engine,
  };
}
