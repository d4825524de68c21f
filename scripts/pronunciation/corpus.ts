import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A clip of a corpus in Kaldi's layout. */
export type CorpusClip = { readonly id: string; readonly speaker: string; readonly text: string; readonly wav: string };

const lines = (file: string) =>
  readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, id, rest] = line.match(/^(\S+)\s+(.*)$/) ?? [];
      return id && rest ? [[id, rest.trim()] as const] : [];
    });

/**
 * The training split: `train/wav.scp`, `train/text`, `train/utt2spk`, and the texts of `dev/utt2score` where that is there,
 * because names are written with capitals there and text in capitals alone is not what people send.
 */
export function trainingClips(folder: string): CorpusClip[] {
  const scored = join(folder, "dev/utt2score");
  const written = new Map(
    existsSync(scored) ? lines(scored).map(([id, json]) => [id, String(JSON.parse(json).text)] as const) : [],
  );
  const speakers = new Map(lines(join(folder, "train/utt2spk")));
  const texts = new Map(lines(join(folder, "train/text")));
  return lines(join(folder, "train/wav.scp")).map(([id, wav]) => ({
    id,
    speaker: speakers.get(id) ?? "",
    text: written.get(id) ?? texts.get(id)?.toLowerCase() ?? "",
    wav: join(folder, wav),
  }));
}
