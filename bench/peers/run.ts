/** Runs the competitors, in C and in Python: builds what is missing, runs it, and reads its lines of JSON. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execute, linesOf, peerPaths, peersFolder, requirePeer, requirePython, requireSundials } from "./execute.ts";

export interface PeerMeasurement {
  readonly problem: string;
  readonly solver: string;
  /** rtol = atol. */
  readonly tol: number;
  /** Median over several runs. */
  readonly seconds: number;
  /** Accepted steps, forward. */
  readonly steps: number;
  /** At the end, largest over the components; of a gradient, in the Euclidean norm over the parameters. */
  readonly relativeError: number;
}

export interface PeerGradientMeasurement extends PeerMeasurement {
  readonly backwardSteps: number;
  /** The same solver, solving forward only. */
  readonly forwardSeconds: number;
  /** Relative errors of the value, of the derivative by each parameter, and of that along a direction of the initial state. */
  readonly errors: {
    readonly value: number;
    readonly A: number;
    readonly B: number;
    readonly alpha: number;
    readonly u0: number;
  };
}

export interface PeerBatchMeasurement {
  /** On the wall and on the processor, of one run. */
  readonly seconds: number;
  readonly processorSeconds: number;
  /** State at which the last trajectory ends. */
  readonly end: readonly number[];
}

export type PeerGradientSolver = "adams" | "dense" | "gmres";

export interface PeerGradient {
  readonly problem: string;
  readonly solver: string;
  /** rtol. */
  readonly tol: number;
  /** Median over several runs. */
  readonly seconds: number;
  /** Before the first run, where the program compiles when it is run. */
  readonly compileSeconds?: number;
  readonly loss: number;
  readonly gradient: readonly number[];
}

/** Hand-written, fused Tsit5 on Lotka-Volterra, t from 0 to 10. Needs a C compiler and `make`. */
export function runLotkaVolterra(tolerances: readonly number[]): PeerMeasurement[] {
  return run("lotka-volterra", withReferences(tolerances)) as PeerMeasurement[];
}

/** The discrete adjoint of the same, of the sum of squares over 100 samples, by four parameters. */
export function runLotkaVolterraGradient(tolerances: readonly number[]): PeerMeasurement[] {
  return run("lotka-volterra-gradient", withReferences(tolerances)) as PeerMeasurement[];
}

/** That gradient by CVODES: by its adjoint, and by forward sensitivities, one after the other for each tolerance. Needs SUNDIALS. */
export function runLotkaVolterraGradientCvode(tolerances: readonly number[]): PeerMeasurement[] {
  return run("lotka-volterra-gradient-cvode", withReferences(tolerances)) as PeerMeasurement[];
}

/** Lorenz systems by steps of 0.001 of the classical Runge-Kutta method, in vectors. Needs a C compiler and `make`. */
export function runLorenzBatch(precision: "f64" | "f32", trajectories: number, steps: number): PeerBatchMeasurement {
  return run(`lorenz-batch-${precision}`, [trajectories, steps].map(String))[0] as PeerBatchMeasurement;
}

/** CVODE with KLU on the 32x32 Brusselator. Needs SUNDIALS too: see `build-sundials.sh`. */
export function runBrusselator(tolerances: readonly number[]): PeerMeasurement[] {
  return run("brusselator-forward", withReferences(tolerances)) as PeerMeasurement[];
}

/** The adjoint of CVODES with KLU on the 32x32 Brusselator, for the sum of the state at the end. Needs SUNDIALS too. */
export function runBrusselatorGradient(tolerances: readonly number[]): PeerGradientMeasurement[] {
  return run("brusselator-adjoint", withReferences(tolerances)) as PeerGradientMeasurement[];
}

/**
 * The adjoint of CVODES on a problem by its name in `gradient.c`, by Adams or by BDF with the linear solver named. Needs SUNDIALS
 * too.
 */
export function runGradient(
  problem: string,
  solver: PeerGradientSolver,
  atolPerRtol: number,
  rtols: readonly number[],
): PeerGradient[] {
  return run("gradient", [problem, solver, ...[atolPerRtol, ...rtols].map(String)]) as PeerGradient[];
}

/** A point of a work-precision diagram: what was solved to a tolerance, and took. */
export interface PeerPoint {
  readonly rtol: number;
  /** The least of several runs. */
  readonly seconds: number;
  /** Calls of the right-hand side. */
  readonly calls: number;
  readonly end: readonly number[];
}

/** CVODE on the problem of a C file that is generated, by Adams, or by BDF with dense matrices or KLU. Needs SUNDIALS. */
export function runCvode(folder: string, methods: readonly string[], patience: number, rtols: readonly number[]): PeerPoint[][] {
  const { sundials } = peerPaths();
  requireSundials("work-precision", sundials);
  const program = join(folder, "cvode");
  const what = [`SUNDIALS=${sundials}`, `PROBLEM=${join(folder, "problem.c")}`, `OUT=${program}`];
  execute("make", ["--silent", "-C", peersFolder(), ...what, "work-precision"], "building CVODE's side of a problem");
  return methods.map(
    (method) =>
      linesOf(execute(program, [method, ...[patience, ...rtols].map(String)], `running CVODE (${method})`)) as PeerPoint[],
  );
}

/** SciPy's methods on the problem of a JSON file, whose functions are in a library beside it. Needs a C compiler, and SciPy. */
export function runSciPy(folder: string, methods: readonly string[], patience: number, rtols: readonly number[]): PeerPoint[][] {
  const { python } = peerPaths();
  requirePython("work-precision", python);
  const script = join(peersFolder(), "work-precision.py");
  return runOnLibrary("SciPy", [python, script], folder, methods, [patience, ...rtols]);
}

/** diffsol's methods on the same. Needs a C compiler, and diffsol. */
export function runDiffsol(
  folder: string,
  methods: readonly string[],
  patience: number,
  rtols: readonly number[],
): PeerPoint[][] {
  const { diffsol } = peerPaths();
  requirePeer("diffsol", diffsol);
  return runOnLibrary("diffsol", [diffsol], folder, methods, [patience, ...rtols]);
}

/** By a program that loads the problem's functions from a library; its words begin `program`. */
function runOnLibrary(
  name: string,
  [program, ...words]: readonly string[],
  folder: string,
  methods: readonly string[],
  asked: readonly number[],
): PeerPoint[][] {
  const [source, library] = [join(folder, "problem.c"), join(folder, "problem.so")];
  const flags = ["-O3", "-march=native", "-shared", "-fPIC", source, "-o", library, "-lm"];
  execute("cc", flags, `building ${name}'s side of a problem`);
  const problem = join(folder, "problem.json");
  return methods.map(
    (method) =>
      linesOf(execute(program, [...words, problem, method, ...asked.map(String)], `running ${name} (${method})`)) as PeerPoint[],
  );
}

/**
 * A Python program of this folder, by its name without the extension; each takes a file and tolerances, rtol = atol. The interpreter
 * is that of the virtual environment in /opt/odegrad-peers/venv, or the one that the environment variable PEERS_PYTHON names.
 */
export function runPython(program: string, file: string, tolerances: readonly number[]): PeerGradient[] {
  const { python } = peerPaths();
  requirePython(program, python);
  const script = join(peersFolder(), `${program}.py`);
  return linesOf(execute(python, [script, file, ...tolerances.map(String)], `running the peer ${program}`)) as PeerGradient[];
}

/** A reference of `data/`: the numbers in it. */
export function readReference(file: string): Float64Array {
  return Float64Array.from(
    readFileSync(join(peersFolder(), "data", file), "utf8")
      .trim()
      .split(/\s+/),
    Number,
  );
}

function withReferences(tolerances: readonly number[]): string[] {
  return [join(peersFolder(), "data"), ...tolerances.map(String)];
}

const withoutSundials: ReadonlySet<string> = new Set([
  "lotka-volterra",
  "lotka-volterra-gradient",
  "lorenz-batch-f64",
  "lorenz-batch-f32",
]);

/** Throws {@link PeerUnavailable}, with the compiler's own words, where the program cannot be built or run. */
function run(program: string, args: readonly string[]): unknown[] {
  const folder = peersFolder();
  const { sundials } = peerPaths();
  if (!withoutSundials.has(program)) requireSundials(program, sundials);
  execute("make", ["--silent", "-C", folder, `SUNDIALS=${sundials}`, `out/${program}`], `building the peer ${program}`);
  return linesOf(execute(join(folder, "out", program), args, `running the peer ${program}`));
}
