/**
 * One run of a function on tracked arrays. Each operation leaves a closure that takes the cotangent of its result back to its operands; the
 * reverse sweep runs them in the opposite order.
 */
import { layoutOf } from "../../../../src/arrays/layout.ts";
import { ndarray } from "../../../../src/arrays/ndarray.ts";
import { joinArguments, splitArguments } from "../../../../src/operations/arguments.ts";
import type { ArrayOperation } from "../../../../src/operations/index.ts";
import { flat } from "../../../../src/operations/plain.ts";
import { pack } from "../../../../src/arrays/pack.ts";
import { isNdArray } from "../../../../src/core/array-values.ts";
import type { Definition } from "../../../../src/operations/definitions.ts";
import type { Target } from "../../../../src/compile/compile.ts";
import { Buffer, bufferBehind } from "./buffer.ts";
import { calledPlainly, type PlainArgument } from "../../../../src/tape/pullbacks/called-plainly.ts";
import { pullbackOf, type Pullback } from "../../../../src/tape/pullbacks/pullback.ts";
import { guarded, Tracked, trackedBehind, type Recorder, usedAsNumber } from "./tracked.ts";

/** An operand with its value at the time: what the user overwrites later does not change the reverse sweep. */
interface Operand extends PlainArgument {
  readonly tracked?: Tracked;
}

/** The recording. */
export class Recording implements Recorder {
  private readonly pullbacks: (() => void)[] = [];

  constructor(private readonly target: Target) {}

  input(name: string, shape: readonly number[], value: Float64Array, container: Tracked["container"]): Tracked {
    return new Tracked(this, name, shape, value, container);
  }

  buffer(name: string, shape: readonly number[]): Buffer {
    return new Buffer(this, name, shape);
  }

  apply(operation: ArrayOperation | Definition, args: readonly unknown[]): unknown {
    return "lower" in operation ? this.operate(operation, args) : this.call(operation, args);
  }

  private operate(operation: ArrayOperation, args: readonly unknown[]): unknown {
    const { name } = operation;
    const { operands: given, options } = splitArguments(operation, args);
    const operands = given.map((value) => this.operand(value, name));
    const values = operands.map(({ shape, value }) => (shape.length ? ndarray(value, shape) : value[0]));
    const plain = operation.plain as (...given: unknown[]) => ReturnType<ArrayOperation["plain"]>;
    const result = plain(...joinArguments(operation, { operands: values, options }));
    const [shape, value] = typeof result === "number" ? [[], Float64Array.of(result)] : [result.shape, result.data];
    const tracked = new Tracked(this, `the result of ${name}`, shape, value);
    const [shapes, active] = [operands.map((o) => o.shape), activityOf(operands)];
    this.keepPullback(tracked, operands, () => pullbackOf({ operation, options, shapes, active }, this.target));
    return guarded(tracked);
  }

  /** Calls a function with derivatives of its own. */
  private call(definition: Definition, args: readonly unknown[]): unknown {
    const operands = args.map((value) => this.operand(value, definition.name));
    const { value, result, pullback } = calledPlainly(definition, operands, activityOf(operands), this.target);
    const container = result.container === "ndarray" ? "ndarray" : "typed";
    const tracked = new Tracked(this, `the result of ${definition.name}`, result.shape, value, container);
    this.keepPullback(tracked, operands, () => pullback);
    return guarded(tracked);
  }

  private keepPullback(tracked: Tracked, operands: readonly Operand[], pullback: () => Pullback): void {
    this.pullbacks.push(() => {
      if (!tracked.cotangent) return;
      pullback()(
        operands.map((o) => o.value),
        tracked.cotangent,
        operands.map((o) => o.tracked?.gradient),
      );
    });
  }

  /** The elements of a buffer as they are now. */
  snapshot(buffer: Buffer): Tracked {
    const { value, origins } = buffer.state();
    const tracked = new Tracked(this, buffer.name, buffer.shape, value);
    this.pullbacks.push(() => {
      const { cotangent } = tracked;
      if (cotangent) origins.forEach((origin, e) => origin && (origin.tracked.gradient[origin.element] += cotangent[e]));
    });
    return tracked;
  }

  /** Runs the reverse sweep. */
  sweepBack(): void {
    for (let k = this.pullbacks.length - 1; k >= 0; k--) this.pullbacks[k]();
  }

  private operand(value: unknown, operation: string): Operand {
    const buffer = bufferBehind(value);
    const tracked = buffer ? this.snapshot(buffer) : trackedBehind(value);
    if (tracked) return { shape: tracked.shape, value: tracked.value, container: tracked.container, tracked };
    if (Array.isArray(value)) value.forEach(refuseTracked);
    // Throws where it is no operand.
    const { shape } = flat(value, operation);
    const container = isNdArray(value) ? "ndarray" : "typed";
    return { shape, value: pack(layoutOf(value, operation), value, operation), container };
  }
}

/** Refuses a tracked number in an array of numbers. */
function refuseTracked(element: unknown): void {
  const name = bufferBehind(element)?.name ?? trackedBehind(element)?.name;
  if (name !== undefined) usedAsNumber(name, Symbol.toPrimitive);
}

function activityOf(operands: readonly Operand[]): boolean[] {
  return operands.map((operand) => operand.tracked !== undefined);
}
