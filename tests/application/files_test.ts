import { expect, test } from "bun:test";
import { memoryPorts } from "../../src/adapters/memory/mod.ts";
import { sweepFiles } from "../../src/application/files.ts";

const bytes = new Uint8Array([1]);

/** A store with so many files that have a row, and so many that have none. */
async function kept(known: number, unknown: number) {
  const ports = memoryPorts();
  const row = {
    owner_id: 1,
    submission_id: 1,
    name: "a.wav",
    mime: "audio/wav",
    size: 1,
    sha256: "",
    duration_ms: null,
  };
  for (let i = 0; i < known; i++) {
    await ports.fileStore.put(`homework/audio/known-${i}.wav`, bytes);
    await ports.files.add({ ...row, key: `homework/audio/known-${i}.wav`, created_at: "2026-01-01T00:00:00.000Z" });
  }
  for (let i = 0; i < unknown; i++) await ports.fileStore.put(`homework/audio/unknown-${i}.wav`, bytes);
  await ports.fileStore.put("elsewhere/note.txt", bytes);
  return ports;
}

test("what a process that died left behind is removed, and nothing else", async () => {
  const ports = await kept(3, 2);
  expect(await sweepFiles(ports)()).toBe(2);
  const left = (await ports.fileStore.list()).map(({ key }) => key);
  expect(left.filter((key) => key.includes("unknown"))).toEqual([]);
  expect(left).toHaveLength(4);
});

test("the uploads of another database are left alone", async () => {
  const ports = await kept(0, 5);
  expect(await sweepFiles(ports)()).toBe(0);
  expect(await ports.fileStore.list()).toHaveLength(6);
});
