/** The program of the reverse sweep with its memory, compiled for one method, problem and loss. */
import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Target } from "../../../src/compile/compile.ts";
import { stepAdjoint } from "../../../solvers/step/derived-adjoint.ts";
import type { Method } from "../../../solvers/step/method.ts";
import type { StepPrograms } from "../../../solvers/step/builder.ts";
import type { System } from "../../../solvers/step/system.ts";
import { sizeOfPast } from "../../../solvers/step/adjoint.ts";
import { sizeOfState } from "../../../solvers/step-loop/kept-states.ts";
import { prepare, stepPrograms, type Prepared } from "../../../solvers/step-loop/prepare.ts";
import type { GradientTask } from "../../task/task.ts";
import { adjointParts } from "./adjoint-parts.ts";
import { integer, real, type SweepSizes } from "./sweep-memory.ts";
import { sweepProgram } from "./sweep-program.ts";

/** The numbers that the records of a block may take. */
const SIZE_OF_BLOCK = 2 ** 14;
/** The numbers that the states at the loss's times may take in memory. */
const SIZE_OF_STATES = 2 ** 12;
/** The largest number of steps in a block, and of the loss's times in memory. */
const MOST = 256;

type Arrays =
  | "records"
  | "stepTimes"
  | "lossTimes"
  | "states"
  | "p"
  | "atol"
  | "lambda"
  | "slope"
  | "past"
  | "bar"
  | "gradient"
  | "factors"
  | "reals";

/** The compiled program, and the views of its memory. */
export class CompiledSweep {
  readonly programs: StepPrograms;
  readonly view: Readonly<Record<Arrays, Float64Array> & Record<"lossIndices" | "integers", Int32Array>>;
  readonly sizes: SweepSizes;
  /** Runs the program on what is in memory. */
  readonly run: () => void;
  private readonly target: Target;
  private prepared: Prepared | undefined;

  constructor(
    private readonly system: System,
    private readonly method: Method,
    { backend, code, target, loss, wrt }: GradientTask,
  ) {
    this.target = target;
    const arena = new Arena();
    const vjp = backend.prepare({ code, arena, target });
    const programs = (this.programs = stepPrograms(system, method));
    const { n, np } = system;
    const parts = adjointParts(code, { system, programs }, vjp, wrt.p);
    const recordSize = sizeOfState(programs, n) + programs.stages * n;
    const fitting = (numbers: number, each: number): number => Math.min(MOST, Math.max(1, Math.floor(numbers / each)));
    const sizes = { block: fitting(SIZE_OF_BLOCK, recordSize + programs.factors.size), times: fitting(SIZE_OF_STATES, n) };
    this.sizes = sizes;
    const touches = loss.sum || loss.integral;
    const steps = {
      step: stepAdjoint(method, parts, false),
      interpolatedStep: touches && stepAdjoint(method, parts, true),
    };
    const unit = compile({ sweep: sweepProgram(parts, steps, loss, sizes) }, arena, target);
    const counts: Record<Arrays, number> = {
      records: (sizes.block + 1) * recordSize,
      stepTimes: sizes.block + 1,
      lossTimes: sizes.times + 1,
      states: (sizes.times + 1) * n,
      p: np,
      atol: n,
      lambda: n,
      slope: n,
      past: sizeOfPast(parts),
      bar: programs.recordSize,
      gradient: np,
      factors: sizes.block * programs.factors.size,
      reals: Object.keys(real).length,
    };
    const names = Object.keys(counts) as Arrays[];
    const address = Object.fromEntries(names.map((name) => [name, arena.reserve(counts[name])])) as Record<Arrays, number>;
    const [lossIndices, integers] = [arena.reserve(sizes.times + 1, "i32"), arena.reserve(Object.keys(integer).length, "i32")];
    const { sweep } = unit.link();
    const { records, stepTimes, lossTimes, states, p, atol, lambda, slope, past, bar, gradient, factors, reals } = address;
    const cotangents = [atol, lambda, slope, past, bar, gradient];
    this.run = () => void sweep(records, stepTimes, lossTimes, lossIndices, states, p, ...cotangents, factors, reals, integers);
    const views = Object.fromEntries(names.map((name) => [name, arena.f64(address[name], counts[name])]));
    this.view = {
      ...(views as Record<Arrays, Float64Array>),
      lossIndices: arena.i32(lossIndices, sizes.times + 1),
      integers: arena.i32(integers, Object.keys(integer).length),
    };
  }

  /** To take steps again, which most sweeps do not. */
  get steps(): Prepared {
    return (this.prepared ??= prepare(this.system, this.method, { target: this.target }));
  }
}
