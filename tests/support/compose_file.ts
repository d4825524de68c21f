import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tools } from "./debian.ts";
import { enter, layer } from "./layers.ts";

const PROJECT = join(import.meta.dir, "../..");

type Service = {
  readonly image: string;
  readonly environment?: Record<string, string>;
  readonly depends_on?: Record<string, { condition: string }>;
  readonly volumes?: { type: string; source: string; target: string; read_only?: boolean }[];
  readonly ports?: { published: string; target: number; host_ip?: string }[];
  readonly healthcheck?: { test: string[] };
  readonly deploy: { replicas?: number; resources: { limits: { memory: string } } };
  readonly networks: Record<string, unknown>;
  readonly cap_drop: string[];
  readonly security_opt: string[];
  readonly logging: { options: Record<string, string> };
  readonly restart: string;
  readonly read_only?: boolean;
  readonly tmpfs?: string[];
  readonly stop_grace_period?: string;
  readonly command?: string[];
};

export type Composed = {
  readonly services: Record<string, Service>;
  readonly networks: Record<string, { internal?: boolean }>;
};

/** Where the project lies for docker-compose. */
export const INSIDE = "/mnt";

/** What docker-compose itself makes of compose.yaml; fails with its words where it refuses. It needs no engine for that. */
export async function composed(env: Record<string, string>, profiles: readonly string[] = []): Promise<Composed> {
  const folder = await mkdtemp(join(tmpdir(), "compose-"));
  await using root = await layer(await tools());
  try {
    // Not the project's own folder: its .env belongs to whoever works there.
    await cp(join(PROJECT, "compose.yaml"), join(folder, "compose.yaml"));
    await mkdir(join(folder, "docs"));
    const command = ["docker-compose", ...profiles.map((name) => `--profile=${name}`), "config", "--format=json"];
    const options = {
      cwd: INSIDE,
      volumes: { [INSIDE]: folder },
      env: { PATH: "/usr/bin:/bin", HOME: "/tmp", ...env },
    };
    const { code, output, stdout } = await enter(root, command, options).done();
    if (code !== 0) throw new Error(output);
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
