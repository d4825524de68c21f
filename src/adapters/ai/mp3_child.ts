import { serve } from "../children/serve.ts";
import type { Encode } from "./mp3.ts";
import { mp3Frames } from "./mp3_frames.ts";

serve<Encode, Uint8Array>(({ samples, rate }) => mp3Frames(samples, rate));
