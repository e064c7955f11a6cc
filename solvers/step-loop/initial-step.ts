/** A first step (Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, II.4). */
import type { Code } from "./prepare.ts";

/** Signed as `span`, by the first n components. Needs the state and its derivative `here`; overwrites `there`; calls the right-hand side once. */
export function initialStep(
  { rhs, view, address, here, there }: Code,
  n: number,
  order: number,
  t0: number,
  span: number,
  rtol: number,
): number {
  const { atol } = view;
  const [u, f, uNext, fNext] = [here.state, here.slope, there.state, there.slope];
  const norm = (of: (i: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (of(i) / (atol[i] + rtol * Math.abs(u[i]))) ** 2;
    return Math.sqrt(sum / n);
  };
  const [size, slope] = [norm((i) => u[i]), norm((i) => f[i])];
  const longest = Math.abs(span);
  const direction = Math.sign(span);
  let first = Math.min(size < 1e-5 || slope < 1e-5 ? 1e-6 : (0.01 * size) / slope, longest);
  if (t0 + first === t0) first = Math.min(longest, Math.abs(t0) * 2 ** -40);
  for (let i = 0; i < u.length; i++) uNext[i] = u[i] + direction * first * f[i];
  rhs(there.f, there.u, address.p, t0 + direction * first);
  const curvature = norm((i) => fNext[i] - f[i]) / first;
  const largest = Math.max(slope, curvature);
  const second = largest <= 1e-15 ? Math.max(1e-6, first * 1e-3) : (0.01 / largest) ** (1 / (order + 1));
  const step = Math.min(100 * first, second, longest);
  return direction * (step > 0 ? step : first);
}
