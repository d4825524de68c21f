import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readConfig, SETTINGS } from "../../src/config.ts";
import { composed, INSIDE } from "../support/compose_file.ts";
import { parseDockerfile } from "../support/dockerfile.ts";

// compose.yaml, as docker-compose itself reads it, against what the server, the image and the proxy's file say.

const PROJECT = join(import.meta.dir, "../..");
const NEEDED = { POSTGRES_PASSWORD: "7a1f0c", FIRST_SUPERUSER_PASSWORD: "a school's password" };
const plain = await composed(NEEDED);
const watched = await composed({ ...NEEDED, METRICS_TOKEN: "a scraper's own token" }, ["monitoring"]);
const image = parseDockerfile(await Bun.file(join(PROJECT, "Dockerfile")).text()).at(-1);
const servers = ["api", "worker"].map((name) => ({ name, service: service(name) }));

function service(name: string) {
  const found = watched.services[name];
  if (!found) throw new Error(`there is no service ${name}`);
  return found;
}

test("a plain start brings up the database, the queue, two API processes, two workers and the proxy", () => {
  expect(Object.keys(plain.services).sort()).toEqual(["api", "postgres", "proxy", "redis", "worker"]);
  for (const { service } of servers) expect(service.deploy.replicas).toBe(2);
  expect(Object.keys(watched.services)).toEqual(expect.arrayContaining(["prometheus", "grafana"]));
});

test.each(Object.keys(NEEDED))("without %s nothing starts, and it is told what to set", async (name) => {
  const { [name as keyof typeof NEEDED]: _, ...rest } = NEEDED;
  await expect(composed(rest)).rejects.toThrow(new RegExp(`set ${name} in \\.env`));
});

test("the servers take their settings, each of which exists", () => {
  for (const { name, service } of servers) {
    const { environment = {} } = service;
    expect(Object.keys(environment).filter((key) => !SETTINGS.includes(key))).toEqual([]);
    expect(readConfig(environment)).toMatchObject({ ROLE: name, NODE_ENV: "production", TRUST_PROXY: 1, PORT: 8004 });
  }
});

test("a setting that is commented out exists too", async () => {
  const text = await Bun.file(join(PROJECT, "compose.yaml")).text();
  const named = [...text.matchAll(/^ {2}# ([A-Z0-9_]+): /gm)].map(([, name]) => name);
  expect(named).toHaveLength(4);
  expect(named.filter((name) => !SETTINGS.includes(name ?? ""))).toEqual([]);
});

test("database and queue are where the settings say, with the same password", () => {
  const { DATABASE_URL = "", REDIS_URL = "" } = service("api").environment ?? {};
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = service("postgres").environment ?? {};
  expect(DATABASE_URL).toBe(`postgresql://${POSTGRES_USER}:${POSTGRES_PASSWORD}@postgres:5432/${POSTGRES_DB}`);
  expect(new URL(REDIS_URL).hostname).toBe("redis");
  const command = service("redis").command?.join(" ");
  expect(command).toContain("--appendonly yes");
  expect(command).toContain("--maxmemory-policy noeviction");
});

test("the servers' folders are the image's, and belong to its user", () => {
  const env = Object.assign({}, ...(image?.steps ?? []).map((step) => (step.kind === "env" ? step.values : {})));
  const [uid, gid] = image?.steps.findLast((step) => step.kind === "user")?.user.split(":") ?? [];
  for (const { service } of servers) {
    expect(service.environment).toMatchObject({ DATA_DIR: env.DATA_DIR, UPLOAD_DIR: env.UPLOAD_DIR });
    expect(service.volumes).toMatchObject([{ type: "volume", source: "uploads", target: env.UPLOAD_DIR }]);
    expect(service.tmpfs).toContain(`/data:uid=${uid},gid=${gid},mode=0700`);
  }
});

test("whoever waits for another waits for its health, and everybody has a check of it", () => {
  expect(image?.health?.command.join(" ")).toMatch(/\/health\b/);
  for (const [name, { healthcheck }] of Object.entries(watched.services)) {
    // The servers have the image's, which asks whether they are alive and not whether they are ready.
    if (name === "api" || name === "worker") expect(healthcheck).toBeUndefined();
    else expect(healthcheck?.test[0], name).toBe("CMD");
  }
  for (const { service } of servers)
    expect(service.depends_on).toMatchObject({
      postgres: { condition: "service_healthy" },
      redis: { condition: "service_healthy" },
    });
  expect(service("proxy").depends_on).toMatchObject({ api: { condition: "service_healthy" } });
});

test("one port is open to the world, and the database is on a network without a way out", () => {
  const open = Object.entries(plain.services).flatMap(([name, { ports = [] }]) =>
    ports.map(({ published, target }) => ({ name, published, target })),
  );
  expect(open).toEqual([{ name: "proxy", published: "8004", target: 8080 }]);
  expect(service("grafana").ports).toMatchObject([{ host_ip: "127.0.0.1" }]);
  expect(plain.networks.inside?.internal).toBe(true);
  for (const name of ["postgres", "redis"]) expect(Object.keys(service(name).networks)).toEqual(["inside"]);
  expect(Object.keys(service("proxy").networks)).toEqual(["outside"]);
});

test("every service has no more rights, memory and log than it needs", () => {
  for (const [name, each] of Object.entries(watched.services)) {
    expect(each.cap_drop, name).toEqual(["ALL"]);
    expect(each.security_opt, name).toEqual(["no-new-privileges:true"]);
    expect(each.restart, name).toBe("unless-stopped");
    expect(Number(each.deploy.resources.limits.memory), name).toBeGreaterThan(0);
    expect(each.logging.options, name).toMatchObject({ "max-size": "20m", "max-file": "5" });
    // Compose writes secrets and inline files into a container after it is made.
    expect(each.read_only ?? false, name).toBe(!["prometheus", "grafana"].includes(name));
  }
  for (const { service } of servers) expect(service.stop_grace_period).toBe("15s");
});

test("the proxy's file exists, and fits the service behind it and what may be uploaded", async () => {
  const [mounted] = service("proxy").volumes ?? [];
  const file = join(PROJECT, mounted?.source.slice(INSIDE.length) ?? "");
  expect(existsSync(file)).toBe(true);
  const text = await Bun.file(file).text();
  const { PORT, MAX_UPLOAD_MB } = readConfig(service("api").environment ?? {});
  expect(text).toContain(`server api:${PORT} resolve `);
  expect(text).toContain(`listen ${service("proxy").ports?.[0]?.target};`);
  expect(Number(/client_max_body_size (\d+)m;/.exec(text)?.[1])).toBe(MAX_UPLOAD_MB + 1);
});

test("what is mounted from here is here, and Prometheus finds its rules, its token and every process", async () => {
  const mounted = Object.values(watched.services).flatMap(({ volumes = [] }) =>
    volumes.filter(({ type }) => type === "bind").map(({ source }) => join(PROJECT, source.slice(INSIDE.length))),
  );
  expect(mounted).toHaveLength(4);
  expect(mounted.filter((file) => !existsSync(file))).toEqual([]);
  type Scrape = { authorization: { credentials_file: string }; dns_sd_configs: { names: string[]; port: number }[] };
  const settings = Bun.YAML.parse(await Bun.file(join(PROJECT, "docs/deploy/prometheus.yaml")).text()) as {
    rule_files: string[];
    scrape_configs: Scrape[];
  };
  const targets = (service("prometheus").volumes ?? []).map(({ target }) => target);
  for (const file of settings.rule_files) expect(targets).toContain(`/etc/prometheus/${file}`);
  const named = settings.scrape_configs.flatMap(({ dns_sd_configs }) => dns_sd_configs.flatMap(({ names }) => names));
  expect(named.sort()).toEqual(servers.map(({ name }) => name).sort());
  for (const { authorization, dns_sd_configs } of settings.scrape_configs) {
    expect(authorization.credentials_file).toBe("/run/secrets/metrics_token");
    expect(dns_sd_configs.map(({ port }) => String(port))).toEqual([service("api").environment?.PORT ?? ""]);
  }
});
