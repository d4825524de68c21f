import { whisper } from "../../src/adapters/ai/whisper.ts";
import { SHIPPED_MODEL } from "../../src/adapters/ai/whisper_ready.ts";
import { clip, joined, recordings } from "./recordings.ts";

// Stands for a server that is killed while it recognises.

const long = joined(recordings.concat(recordings, recordings).map(({ file }) => clip(file)));
await whisper({ model: SHIPPED_MODEL.file }).transcribe(long, { language: "en" });
