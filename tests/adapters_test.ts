import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskFiles } from "../src/adapters/files/disk.ts";
import { memoryFiles } from "../src/adapters/memory/files.ts";
import { memoryJobs } from "../src/adapters/memory/jobs.ts";
import { memoryPorts } from "../src/adapters/memory/mod.ts";
import {
  memoryClock,
  memoryMetrics,
  memoryPasswords,
  memoryRates,
  memorySignals,
  memorySignatures,
  memoryTokens,
} from "../src/adapters/memory/system.ts";
import { postgresPorts } from "../src/adapters/postgres/mod.ts";
import { promMetrics } from "../src/adapters/system/metrics.ts";
import { hmacSignatures, jwtTokens, systemClock } from "../src/adapters/system/mod.ts";
import { argonPasswords } from "../src/adapters/system/passwords.ts";
import { jobsContract } from "./contracts/jobs.ts";
import { quotasContract } from "./contracts/quotas.ts";
import * as system from "./contracts/system.ts";
import { atomicallyContract, schoolContract, tableContract } from "./contracts/tables.ts";
import { freshDatabase } from "./support/database.ts";

// Every port, every adapter, one suite each. A new adapter is one line here. Sound, speech and grammar, whose adapters
// are processes of their own, have pages of their own: audio_, speech_ and grammar_adapters_test.ts.

const STORES = {
  memory: async () => memoryPorts(),
  "embedded Postgres": async () => postgresPorts(await freshDatabase()),
};

for (const [name, open] of Object.entries(STORES)) {
  tableContract(name, open);
  schoolContract(name, open);
  atomicallyContract(name, open);
  quotasContract(name, open);
}

jobsContract("memory", async () => memoryJobs({ attempts: 3, backoffMs: 10 }), { backoffMs: 10 });

system.fileStoreContract("memory", async () => memoryFiles());
system.fileStoreContract("disk", async () => diskFiles(await mkdtemp(join(tmpdir(), "files-"))));

system.tokensContract("memory", memoryTokens);
system.tokensContract("jwt", jwtTokens("s".repeat(32)));
system.passwordsContract("memory", memoryPasswords);
system.passwordsContract("argon2id", argonPasswords());
system.signaturesContract("memory", memorySignatures);
system.signaturesContract("hmac", hmacSignatures("s".repeat(32)));
const clock = memoryClock();
system.ratesContract("memory", memoryRates(clock), clock);
system.signalsContract("memory", memorySignals());
system.clockContract("memory", memoryClock());
system.clockContract("system", systemClock);
system.metricsContract("memory", memoryMetrics);
system.metricsContract("prom-client", promMetrics);
