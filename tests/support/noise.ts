/** White noise from -0.5 to 0.5 that is the same every time: the generator of Park and Miller. */
export function noise(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
}
