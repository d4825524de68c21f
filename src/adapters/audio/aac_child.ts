import type { Samples } from "../../domain/speech.ts";
import { serve } from "../children/serve.ts";
import { batches, openTrack } from "./demux.ts";
import { enough, unreadable } from "./formats.ts";
import { joined, mix, resample } from "./resample.ts";

// The one place of the AAC decoder, which is under the GPL: an optional package, loaded by no process but this.

export type AacAsk = { bytes: Uint8Array; maxSeconds: number };

serve(async ({ bytes, maxSeconds }: AacAsk): Promise<Samples> => {
  const track = await openTrack(bytes, "m4a", maxSeconds);
  const parts: Float32Array[] = [];
  let rate = 0;
  let length = 0;
  try {
    // What lies before the file's zero is the encoder's lead-in.
    const lead = Math.max(0, -track.start);
    const { decoder } = await import("@audio/decode-aac");
    const aac = await decoder({ asc: track.description, gapless: { start: lead } });
    for await (const batch of batches(track)) {
      const { channelData, sampleRate } = aac.decode(batch);
      const mono = mix(channelData);
      if (mono.length === 0) continue;
      rate ||= sampleRate;
      parts.push(mono);
      length += mono.length;
      if (length > enough(maxSeconds, rate)) break;
    }
    return rate > 0 ? resample(joined(parts), rate) : new Float32Array(0);
  } catch (error) {
    throw unreadable(error);
  }
});
