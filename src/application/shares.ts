const taken = new WeakMap<object, Map<number | string, number>>();

/** How many places are taken at a thing, by all users together. */
export const sharesTaken = (thing: object): number =>
  [...(taken.get(thing)?.values() ?? [])].reduce((sum, count) => sum + count, 0);

/** Takes one of so many places that a user, or an address, has at a thing; gives what frees it, or null where all are taken. */
export function takeShare(thing: object, who: number | string, most: number): (() => void) | null {
  const counts = taken.get(thing) ?? new Map<number | string, number>();
  taken.set(thing, counts);
  const count = counts.get(who) ?? 0;
  if (count >= most) return null;
  counts.set(who, count + 1);
  return () => {
    const left = (counts.get(who) ?? 1) - 1;
    if (left > 0) counts.set(who, left);
    else counts.delete(who);
  };
}
