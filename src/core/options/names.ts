/** What to say of a key that nothing knows: what it is called here, where it belongs, or the nearest name. */

/** Names of other systems, in small letters without underscores, and ours. */
const OURS: Readonly<Record<string, string | readonly string[]>> = {
  reltol: "rtol",
  relativetolerance: "rtol",
  tol: "rtol",
  tolerance: "rtol",
  abstol: "atol",
  absolutetolerance: "atol",
  savetimes: "saveat",
  teval: "saveat",
  saveeverystep: "saveat",
  tsave: "saveat",
  ts: ["at", "saveat"],
  times: ["at", "saveat"],
  dtmax: "maxStep",
  hmax: "maxStep",
  maxdt: "maxStep",
  maxstepsize: "maxStep",
  dt0: "firstStep",
  h0: "firstStep",
  hini: "firstStep",
  initialstep: "firstStep",
  tstops: "stops",
  tcrit: "stops",
  discontinuities: "stops",
  callback: "events",
  callbacks: "events",
  event: "events",
  maxiters: "maxSteps",
  maxnumsteps: "maxSteps",
  mxstep: "maxSteps",
  nsteps: "maxSteps",
  params: "p",
  parameters: "p",
  theta: "p",
  args: "p",
  y0: "u0",
  x0: "u0",
  initial: "u0",
  initialstate: "u0",
  initialvalue: "u0",
  timespan: "tspan",
  trange: "tspan",
  method: "solver",
  alg: "solver",
  algorithm: "solver",
  integrator: "solver",
  sensealg: "adjoint",
  sensitivity: "adjoint",
  autojacvec: "vjp",
  denseoutput: "dense",
  f: "rhs",
  fun: "rhs",
  func: "rhs",
  ode: "rhs",
  dynamics: "rhs",
  jac: "derivatives",
  jacobian: ["jac", "derivatives"],
  lossfunction: "loss",
  cost: "loss",
  objective: "loss",
  abortsignal: "signal",
  progress: "onProgress",
  lr: "learningRate",
  stepsize: "dt",
  affect: "apply",
  condition: "when",
  mass: "massMatrix",
  massmatrix: "massMatrix",
  initialize: "initialise",
};

/** Where our own names belong; what solves takes u0, p, tspan, solver and the tolerances. */
const HOMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["solver", "rtol", "atol", "maxSteps", "maxStep", "firstStep", "stops", "onProgress", "signal", "target"].map((name) => [
      name,
      "of what solves: solve, gradient, …",
    ]),
  ),
  ...Object.fromEntries(["saveat", "dense", "throwOnFailure"].map((name) => [name, "of `solve`; a loss has its times in `at`"])),
  ...Object.fromEntries(
    ["loss", "wrt", "adjoint", "vjp", "check", "backward", "memoryBudget"].map((name) => [name, "of `gradient` and its kin"]),
  ),
  ...Object.fromEntries(
    ["rhs", "derivatives", "massMatrix", "initialise"].map((name) => [name, "of the problem: odeProblem({ … })"]),
  ),
  ...Object.fromEntries(["residual", "du0"].map((name) => [name, "of the problem: daeProblem({ … })"])),
  ...Object.fromEntries(
    ["events", "constants"].map((name) => [name, "of the problem: odeProblem({ … }), or remake(problem, { … }) for others"]),
  ),
  ...Object.fromEntries(["at", "of", "integral", "final"].map((name) => [name, "of the loss: loss: { … }"])),
  ...Object.fromEntries(["device", "precision"].map((name) => [name, "of batches: solveBatch, gradientBatch, …"])),
  dt: "of the methods of fixed steps: solver: rk4({ dt: 0.01 })",
};

/** What there is nothing for yet. */
const NOTHING: Readonly<Record<string, string>> = {
  adaptive: "Steps of fixed length are taken by methods that are made for them: solver: rk4({ dt: 0.01 }).",
  when: "Events happen at given times, { at, apply }; those that a condition on the state triggers are not supported yet.",
};

/** A sentence. */
export function adviceOn(key: string, known: readonly string[]): string {
  const plain = normal(key);
  const same = known.find((name) => normal(name) === plain);
  if (same) return `It is \`${same}\` here.`;
  const candidates = Object.hasOwn(OURS, plain) ? [OURS[plain]].flat() : [key];
  const ours = candidates.find((name) => known.includes(name)) ?? candidates[0];
  if (known.includes(ours)) return `It is \`${ours}\` here.`;
  if (Object.hasOwn(NOTHING, normal(ours))) return NOTHING[normal(ours)];
  if (Object.hasOwn(HOMES, ours)) return `${ours === key ? "It" : `It is \`${ours}\` here, and`} is an option ${HOMES[ours]}.`;
  const near = nearest(key, known);
  return near === undefined ? `Known are ${known.join(", ")}.` : `Is \`${near}\` meant? Known are ${known.join(", ")}.`;
}

function normal(key: string): string {
  return key.toLowerCase().replaceAll(/[_-]/g, "");
}

/** Within a third of its letters. */
export function nearest(key: string, known: readonly string[]): string | undefined {
  const best = known
    .map((name) => ({ name, distance: distance(key.toLowerCase(), name.toLowerCase()) }))
    .reduce((a, b) => (b.distance < a.distance ? b : a), { name: "", distance: Infinity });
  return best.distance <= Math.max(1, Math.floor(key.length / 3)) ? best.name : undefined;
}

/** Letters to put in, take out, change, or swap with the next one (restricted Damerau-Levenshtein distance). */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i || j));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1][j - 1] + Number(a[i - 1] !== b[j - 1]);
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.length][b.length];
}
