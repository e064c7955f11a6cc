/** CVODE and SciPy on the same problem, whose right-hand side and Jacobian they get as C. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { pack } from "../../src/arrays/pack.ts";
import { isProgram } from "../../src/ir/ir.ts";
import { PeerUnavailable, runCvode, runSciPy, type PeerPoint } from "../peers/run.ts";
import { cSource } from "./c-source.ts";
import { PATIENCE, RTOLS, type Measured, type Point } from "./measure.ts";
import { errorOf, type Case } from "./problem.ts";

/** Up to so many states matrices are dense in CVODE. */
const DENSE = 50;
/** SciPy's methods take dense matrices of this size in time. */
const SCIPY = 2000;

/** A note says what is not installed. */
export function peersOf(of: Case, onProgress: (line: string) => void, notes: string[]): Measured[] {
  const n = of.end.length;
  const folder = mkdtempSync(join(tmpdir(), "odegrad-work-precision-"));
  try {
    writeProblem(of, folder);
    const cvode = [...(n <= DENSE ? ["dense"] : ["klu", "gmres"]), ...(of.isStiff ? [] : ["adams"])];
    const scipy = n > SCIPY ? [] : of.isStiff ? ["LSODA", "Radau", "BDF"] : ["LSODA", "DOP853", "Radau", "BDF"];
    onProgress(`${of.name}: CVODE`);
    const own = pointsOf(() => runCvode(folder, cvode, PATIENCE, RTOLS), notes);
    onProgress(`${of.name}: SciPy`);
    const others = pointsOf(() => runSciPy(folder, scipy, PATIENCE, RTOLS), notes);
    const named = [
      ...own.map((points, i) => ({ method: `CVODE ${cvode[i]}`, points })),
      ...others.map((points, i) => ({ method: `SciPy ${scipy[i]}`, points })),
    ];
    for (const { method, points } of named) {
      if (points.length === RTOLS.length) continue;
      notes.push(`${of.name}: ${method} fails, or takes longer than ${PATIENCE} s, at rtol ${RTOLS[points.length]}.`);
    }
    return named
      .filter(({ points }) => points.length > 0)
      .map(({ method, points }) => ({ method, isPeer: true, points: points.map((point) => ofPeer(point, of)) }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ofPeer({ end, rtol, seconds, calls }: PeerPoint, of: Case): Point {
  return { rtol, seconds, calls, error: errorOf(end, of) };
}

function pointsOf(run: () => PeerPoint[][], notes: string[]): PeerPoint[][] {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PeerUnavailable)) throw error;
    const note = error.message.split("\n")[0];
    if (!notes.includes(note)) notes.push(note);
    return [];
  }
}

/** As both read it: problem.c and problem.json. */
function writeProblem({ problem, scale }: Case, folder: string): void {
  const rhs = problem.code.rhsProgram();
  const { pattern, values } = derivativesOf(rhs).jacobian("u");
  if (!isProgram(values)) throw new TypeError(`${problem.name}: its Jacobian is no program`);
  const [n, np] = [problem.layout.u.size, problem.layout.p.size];
  const [starts, rows] = [Array.from(pattern.columnPointers), Array.from(pattern.rowIndices)];
  const [u0, p] = [Array.from(pack(problem.layout.u, problem.u0, "u0")), Array.from(pack(problem.layout.p, problem.p, "p"))];
  const [t0, t1] = problem.tspan;
  // Not const: GCC 12 for AVX-512 copies a constant array of repeated numbers wrongly.
  const list = (type: string, name: string, numbers: readonly number[]): string =>
    `${type} ${name}[] = {${numbers.length > 0 ? numbers.join(", ") : "0"}};`;
  const source = [
    cSource({ rhs, jacobian: values }),
    `enum { N = ${n}, NP = ${np}, NONZEROS = ${rows.length} };`,
    list("int", "starts", starts),
    list("int", "rows", rows),
    list("double", "u0", u0),
    list("double", "scale", Array.from(scale)),
    list("double", "p", p),
    `static const double t0 = ${t0}, t1 = ${t1};`,
    "",
  ];
  writeFileSync(join(folder, "problem.c"), source.join("\n"));
  const library = join(folder, "problem.so");
  writeFileSync(
    join(folder, "problem.json"),
    JSON.stringify({ library, n, starts, rows, u0, scale: Array.from(scale), p, tspan: [t0, t1] }),
  );
}
