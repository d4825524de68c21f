const taken = new WeakMap<object, Map<number, number>>();

/** How many places are taken at a thing, by all users together. */
export const sharesTaken = (thing: object): number =>
  [...(taken.get(thing)?.values() ?? [])].reduce((sum, count) => sum + count, 0);

/** Takes one of so many places that a user has at a thing; gives what frees it, or null where all are taken. */
export function takeShare(thing: object, userId: number, most: number): (() => void) | null {
  const counts = taken.get(thing) ?? new Map<number, number>();
  taken.set(thing, counts);
  const count = counts.get(userId) ?? 0;
  if (count >= most) return null;
  counts.set(userId, count + 1);
  return () => {
    const left = (counts.get(userId) ?? 1) - 1;
    if (left > 0) counts.set(userId, left);
    else counts.delete(userId);
  };
}
