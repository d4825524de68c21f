import { tools } from "./debian.ts";
import { emptyDatabase } from "./embedded.ts";
import { versitygw } from "./s3.ts";
import { smallModel } from "./small_model.ts";

// What the system suites need on a machine, made or fetched before they want it. They make what is missing themselves.

// Debian's tools are waited for in place: what is compiled and fetched meanwhile has been started before.
await Promise.all([versitygw(), smallModel(), emptyDatabase().then(tools)]);
