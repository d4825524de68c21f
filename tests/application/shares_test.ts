import { expect, test } from "bun:test";
import { takeShare } from "../../src/application/shares.ts";

test("a user has so many places at a thing, each other user and thing their own", () => {
  const [decoder, streams] = [{}, {}];
  const [leave] = [takeShare(decoder, 7, 2), takeShare(decoder, 7, 2)];
  expect(takeShare(decoder, 7, 2)).toBeNull();
  expect(takeShare(decoder, 8, 2)).not.toBeNull();
  expect(takeShare(streams, 7, 2)).not.toBeNull();
  leave?.();
  expect(takeShare(decoder, 7, 2)).not.toBeNull();
  expect(takeShare(decoder, 7, 2)).toBeNull();
});
