import { join } from "node:path";
import { tools } from "./debian.ts";
import { emptyDatabase } from "./embedded.ts";
import { buildImage, leave, PREPARED } from "./image.ts";
import { versitygw } from "./s3.ts";
import { smallModel } from "./small_model.ts";

// What the system suites would else make or fetch while nothing else runs, one after the other: beside a suite.

await emptyDatabase();
await versitygw();
await smallModel();
await tools();
if (PREPARED) await leave(await buildImage(join(import.meta.dir, "../..")), PREPARED);
