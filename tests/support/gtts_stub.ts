import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the stand-in for Google does with the next requests. */
export type Mood =
  | "speak"
  | "429"
  | "500"
  | "400"
  | "html"
  | "hang"
  | "slow body"
  | "cut"
  | "cut short"
  | "empty"
  | "redirect"
  | "text";

// A silent MPEG-2 frame as Google sends them: 24 kHz, 64 kbit/s, mono.
const FRAME = Buffer.alloc(192);
FRAME.set([0xff, 0xf3, 0x84, 0xc4]);
const FRAMES_PER_CHARACTER = 3;

/** The sound of a text, as long as it would take to say. */
export const soundOf = (text: string): Buffer =>
  Buffer.concat(Array.from({ length: 4 + text.length * FRAMES_PER_CHARACTER }, () => FRAME));

export type GttsStub = AsyncDisposable & {
  readonly url: string;
  /** The queries that came, in order. */
  readonly asked: URLSearchParams[];
  readonly paths: string[];
  /** Requests whose answer nobody waits for any more. */
  readonly left: { count: number };
  /** Requests that another host would have had. */
  readonly elsewhere: { count: number };
  mood: Mood;
  /** From which request on (0 the first) the mood holds; before it, it speaks. */
  from: number;
};

/** A server that speaks as the translator's page does, and misbehaves on demand. */
export async function gttsStub(): Promise<GttsStub> {
  const asked: URLSearchParams[] = [];
  const paths: string[] = [];
  const left = { count: 0 };
  const elsewhere = { count: 0 };
  const other = createServer((_, response) => {
    elsewhere.count++;
    response.writeHead(200, { "content-type": "audio/mpeg" }).end(soundOf("elsewhere"));
  });
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    open.add(response);
    response.on("close", () => {
      open.delete(response);
      if (!response.writableFinished) left.count++;
    });
    const { pathname, searchParams } = new URL(request.url ?? "", "http://stub");
    const mood = asked.length >= stub.from ? stub.mood : "speak";
    paths.push(pathname);
    asked.push(searchParams);
    const sound = soundOf(searchParams.get("q") ?? "");
    const send = (status: number, type: string, body: string | Buffer) =>
      response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
    if (mood === "speak") send(200, "audio/mpeg", sound);
    else if (mood === "429") send(429, "text/html", "<html>Our systems have detected unusual traffic</html>");
    else if (mood === "500") send(500, "audio/mpeg", sound);
    else if (mood === "400") send(400, "text/html", "<html>Bad request</html>");
    else if (mood === "html") send(200, "text/html; charset=UTF-8", "<html>Before you continue</html>");
    else if (mood === "text") send(200, "audio/mpeg", "<html>Before you continue</html>");
    else if (mood === "empty") send(200, "audio/mpeg", "");
    else if (mood === "redirect") response.writeHead(302, { location: `${urlOf(other)}/sorry` }).end();
    else if (mood === "slow body")
      response.writeHead(200, { "content-type": "audio/mpeg" }).write(sound.subarray(0, 400));
    else if (mood === "cut") {
      response.writeHead(200, { "content-type": "audio/mpeg", "content-length": sound.length });
      response.write(sound.subarray(0, 960), () => request.socket.destroy());
    } else if (mood === "cut short") {
      response.writeHead(200, { "content-type": "audio/mpeg", "transfer-encoding": "chunked" });
      response.write(sound.subarray(0, 960), () => request.socket.destroy());
    }
  });
  for (const one of [server, other]) await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
  const stub: GttsStub = {
    url: urlOf(server),
    asked,
    paths,
    left,
    elsewhere,
    mood: "speak",
    from: 0,
    [Symbol.asyncDispose]: async () => {
      for (const response of open) response.destroy();
      for (const one of [server, other]) {
        one.closeAllConnections();
        await new Promise((resolve) => one.close(resolve));
      }
    },
  };
  return stub;
}

const urlOf = (server: ReturnType<typeof createServer>) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
