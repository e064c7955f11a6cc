/** The peers on the same problem, whose right-hand side and Jacobian those that are compiled get as C. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { pack } from "../../src/arrays/pack.ts";
import { isProgram } from "../../src/ir/ir.ts";
import { PeerUnavailable } from "../peers/execute.ts";
import { runCvode, runDiffsol, runSciPy, type PeerPoint } from "../peers/run.ts";
import { cSource } from "./c-source.ts";
import { PATIENCE, RTOLS, type Measured, type Point } from "./measure.ts";
import { runOdex } from "./odex.ts";
import { errorOf, type Case } from "./problem.ts";

/** Up to so many states matrices are dense in CVODE. */
const DENSE = 50;
/** SciPy's methods take dense matrices of this size in time. */
const SCIPY = 2000;

interface Peer {
  readonly name: string;
  /** Its methods for a problem. */
  methodsFor(of: Case): readonly string[];
  /** Points of each method, by the files in `folder` that {@link writeProblem} writes. */
  run(methods: readonly string[], of: Case, folder: string): PeerPoint[][];
}

const peers: readonly Peer[] = [
  {
    name: "CVODE",
    methodsFor: ({ end, isStiff }) => [...(end.length <= DENSE ? ["dense"] : ["klu", "gmres"]), ...(isStiff ? [] : ["adams"])],
    run: (methods, _, folder) => runCvode(folder, methods, PATIENCE, RTOLS),
  },
  {
    name: "SciPy",
    methodsFor({ end, isStiff }) {
      if (end.length > SCIPY) return [];
      return isStiff ? ["LSODA", "Radau", "BDF"] : ["LSODA", "DOP853", "Radau", "BDF"];
    },
    run: (methods, _, folder) => runSciPy(folder, methods, PATIENCE, RTOLS),
  },
  {
    name: "diffsol",
    methodsFor: ({ isStiff }) => (isStiff ? ["bdf", "esdirk34"] : ["bdf", "tsit45"]),
    run: (methods, _, folder) => runDiffsol(folder, methods, PATIENCE, RTOLS),
  },
  {
    name: "odex",
    methodsFor: ({ isStiff }) => (isStiff ? [] : ["GBS"]),
    run: (methods, of) => methods.map(() => runOdex(of)),
  },
];

/** A note says what is not installed. */
export function peersOf(of: Case, onProgress: (line: string) => void, notes: string[]): Measured[] {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-work-precision-"));
  try {
    writeProblem(of, folder);
    return peers.flatMap((peer) => {
      onProgress(`${of.name}: ${peer.name}`);
      const methods = peer.methodsFor(of);
      return pointsOf(() => peer.run(methods, of, folder), notes).flatMap((points, i) => {
        const method = `${peer.name} ${methods[i]}`;
        if (points.length < RTOLS.length)
          notes.push(`${of.name}: ${method} fails, or takes longer than ${PATIENCE} s, at rtol ${RTOLS[points.length]}.`);
        return points.length > 0 ? [{ method, isPeer: true, points: points.map((point) => ofPeer(point, of)) }] : [];
      });
    });
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
