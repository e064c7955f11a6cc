/** Numbers in (-1, 1), the same in every run (Park and Miller 1988, "minimal standard"). */
export function pseudoRandom(): () => number {
  let state = 20_011;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (2 * state) / 2_147_483_647 - 1;
  };
}
