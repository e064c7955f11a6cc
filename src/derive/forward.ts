/**
 * Forward mode: a program that carries k directional derivatives along with its values (dual numbers in chunks, as in
 * Revels, Lubin, Papamarkou 2016, "Forward-mode automatic differentiation in Julia").
 *
 * The derived program takes the original parameters; then a tangent for each parameter of `wrt` (`u_dot`, an input array of
 * k directions one after the other, direction d at [d * size, (d + 1) * size); for a scalar `t` an array `t_dot[k]`);
 * then for each output array its tangents, laid out alike (`du_dot`), and `result_dot[k]` where there is a result.
 */
import { InternalError } from "../core/errors.ts";
import { Builder } from "../ir/builder.ts";
import { eliminate } from "../passes/eliminate.ts";
import { outputsOf, rootsOf, varied, type Activity } from "../analysis/activity.ts";
import { passing, type Passed } from "../ir/calls.ts";
import { inlineCalls } from "../passes/inline-calls.ts";
import type {
  Accumulate,
  ArrayArgument,
  ArrayDeclaration,
  Block,
  Call,
  Carried,
  Fill,
  For,
  If,
  Instruction,
  Let,
  Load,
  Program,
  Store,
  Value,
  While,
} from "../ir/ir.ts";
import { countsUnlessZero, given, joined, push, settled, type Contribution } from "./contribution.ts";
import { resting } from "./dying.ts";
import { hasRule, zero } from "./rules.ts";

export interface ForwardOptions {
  /** Names of the input arrays and scalars to differentiate with respect to. */
  readonly wrt: readonly string[];
  /** Directions at once. Default 1. */
  readonly chunk?: number;
}

export function forward(program: Program, options: ForwardOptions): Program {
  const inlined = inlineCalls(program, (callee) => hasRule(callee, "jvp"));
  return new Forward(inlined, options.wrt, options.chunk ?? 1).derive();
}

type Tangents = readonly Contribution[];

class Forward {
  private readonly b: Builder;
  private readonly activity: Activity;
  /** Values and arrays whose tangents may be zero because a choice went by them. */
  private readonly resting: Activity;
  private readonly values = new Map<Value, Value>();
  private readonly tangents = new Map<Value, Tangents>();
  private readonly arrays = new Map<ArrayDeclaration, ArrayDeclaration>();
  private readonly shadows = new Map<ArrayDeclaration, ArrayDeclaration>();

  constructor(
    private readonly program: Program,
    private readonly wrt: readonly string[],
    private readonly k: number,
  ) {
    this.b = new Builder(`${program.name}_forward`);
    this.activity = varied(program, rootsOf(program, wrt));
    this.resting = resting(program, this.activity);
  }

  derive(): Program {
    const { b, program, k } = this;
    for (const parameter of program.parameters) {
      if (parameter.kind === "array") {
        const { name, size, role, element } = parameter.array;
        this.arrays.set(parameter.array, b.arrayParameter(name, size, role as "input" | "output" | "inout", element));
      } else {
        this.values.set(
          parameter.value,
          b.scalarParameter(parameter.name, parameter.value.type, parameter.value.min, parameter.value.max),
        );
      }
    }
    for (const array of program.arrays) {
      if (array.role === "local") this.arrays.set(array, b.localArray(array.name, array.size, array.element));
      if (array.role === "constant") this.arrays.set(array, b.constantArray(array.name, array.data!));
    }
    for (const root of rootsOf(program, this.wrt)) this.seed(root);
    this.declareOutputs();
    for (const array of program.arrays) {
      if (array.role === "local" && this.activity.arrays.has(array))
        this.shadows.set(array, b.localArray(`${array.name}_dot`, k * array.size));
    }
    this.block(program.body);
    const result = program.result && this.value(program.result);
    if (program.result) {
      const out = b.arrayParameter("result_dot", k, "output");
      this.settledTangents(program.result).forEach((tangent, d) => b.store(out, b.i32(d), tangent));
    }
    return eliminate(b.finish(result));
  }

  private seed(root: ArrayDeclaration | Value): void {
    const { b, k } = this;
    if ("role" in root) {
      if (root.role === "output") throw new InternalError(`forward: ${root.name} is an output`);
      this.shadows.set(root, b.arrayParameter(`${root.name}_dot`, k * root.size, root.role === "input" ? "input" : "inout"));
      return;
    }
    const parameter = this.program.parameters.find((p) => p.kind === "scalar" && p.value === root);
    const array = b.arrayParameter(`${(parameter as { name: string }).name}_dot`, k, "input");
    this.tangents.set(
      root,
      Array.from({ length: k }, (_, d) => given(b.load(array, b.i32(d)))),
    );
  }

  private declareOutputs(): void {
    const { b, k } = this;
    for (const root of outputsOf(this.program)) {
      if (!("role" in root) || root.element !== "f64" || this.shadows.has(root)) continue;
      const shadow = b.arrayParameter(`${root.name}_dot`, k * root.size, "output");
      if (this.activity.arrays.has(root)) this.shadows.set(root, shadow);
      else b.fill(shadow, b.f64(0));
    }
  }

  private value(value: Value): Value {
    if (value.constant !== undefined)
      return value.type === "f64"
        ? this.b.f64(value.constant)
        : value.type === "i32"
          ? this.b.i32(value.constant)
          : this.b.bool(value.constant !== 0);
    const mapped = this.values.get(value);
    if (!mapped) throw new InternalError(`forward: value ${value.id} of ${this.program.name} is not defined yet`);
    return mapped;
  }

  /** As numbers: zeros for a value that does not vary. */
  private settledTangents(value: Value): readonly Value[] {
    const tangents = this.tangents.get(value);
    return this.directions((d) => (tangents ? settled(this.b, tangents[d]) : this.b.f64(0)));
  }

  private ofElement(array: ArrayDeclaration, tangent: Value): Contribution {
    if (array.role === "input") return given(tangent);
    return this.resting.arrays.has(array) ? countsUnlessZero(tangent) : { value: tangent };
  }

  private shadowIndex(array: ArrayDeclaration, index: Value, direction: number): Value {
    return this.b.operation("i32.add", index, this.b.i32(direction * array.size));
  }

  private block(block: Block): void {
    for (const instruction of block.instructions) {
      this.b.source = "source" in instruction ? instruction.source : undefined;
      this.instruction(instruction);
    }
  }

  private instruction(i: Instruction): void {
    switch (i.kind) {
      case "let":
        return this.let(i);
      case "load":
        return this.load(i);
      case "store":
      case "accumulate":
        return this.write(i);
      case "fill":
        return this.fill(i);
      case "if":
        return this.if(i);
      case "for":
        return this.for(i);
      case "while":
        return this.while(i);
      case "call":
        return this.call(i);
    }
  }

  private load({ array, index, result }: Load): void {
    const { b } = this;
    const at = this.value(index);
    this.values.set(result, b.load(this.arrays.get(array)!, at));
    const shadow = this.shadows.get(array);
    if (!shadow) return;
    const tangents = this.directions((d) => this.ofElement(array, b.load(shadow, this.shadowIndex(array, at, d))));
    this.tangents.set(result, tangents);
  }

  private write({ kind, array, index, value }: Store | Accumulate): void {
    const { b } = this;
    const at = this.value(index);
    b[kind](this.arrays.get(array)!, at, this.value(value));
    const shadow = this.shadows.get(array);
    if (shadow) this.settledTangents(value).forEach((tangent, d) => b[kind](shadow, this.shadowIndex(array, at, d), tangent));
  }

  private fill({ array, value }: Fill): void {
    const { b } = this;
    b.fill(this.arrays.get(array)!, this.value(value));
    const shadow = this.shadows.get(array);
    if (!shadow) return;
    if (!this.tangents.has(value)) return b.fill(shadow, b.f64(0));
    this.settledTangents(value).forEach((tangent, d) => {
      const store = (index: Value): Value[] => (b.store(shadow, this.shadowIndex(array, index, d), tangent), []);
      b.for(b.i32(0), b.i32(array.size), 1, [], store);
    });
  }

  private if(i: If): void {
    const { b } = this;
    const active = i.results.map((result) => this.activity.values.has(result));
    const found: (Tangents | undefined)[][] = [];
    const branch = (block: Block) => () => {
      this.block(block);
      found.push(block.yields.map((value) => this.tangents.get(value)));
      return block.yields.flatMap((value, k) => [this.value(value), ...(active[k] ? this.settledTangents(value) : [])]);
    };
    const condition = this.value(i.condition);
    this.bind(i.results, active, b.if(condition, branch(i.then), branch(i.else)), (tangent, k, d) =>
      joined(b, condition, tangent, found[0][k]?.[d], found[found.length - 1][k]?.[d]),
    );
  }

  private for(i: For): void {
    const active = this.activeCarried(i.carried);
    const body = (index: Value, carried: readonly Value[]): Value[] => {
      this.values.set(i.index, index);
      return this.iteration(i.carried, active, carried, i.body);
    };
    const initial = this.initials(i.carried, active);
    this.bind(i.results, active, this.b.for(this.value(i.from), this.value(i.to), i.step, initial, body, i.mayNotEnd));
  }

  private while(i: While): void {
    const active = this.activeCarried(i.carried);
    const phis = i.carried.map((c) => c.phi);
    const condition = (carried: readonly Value[]): Value => {
      this.bind(phis, active, carried);
      this.block(i.condition);
      return this.value(i.condition.yields[0]);
    };
    const body = (carried: readonly Value[]): Value[] => this.iteration(i.carried, active, carried, i.body);
    this.bind(i.results, active, this.b.while(this.initials(i.carried, active), condition, body, [], i.mayNotEnd));
  }

  private let(i: Let): void {
    const { b } = this;
    const args = i.args.map((arg) => this.value(arg));
    const result = b.operation(i.operation, ...args);
    this.values.set(i.result, result);
    if (!this.activity.values.has(i.result)) return;
    const through = push(b, i, args, result);
    const tangents = this.directions((d) => through(i.args.map((arg) => this.tangents.get(arg)?.[d])));
    if (tangents[0]) this.tangents.set(i.result, tangents as Tangents);
  }

  /** Calls with rules: others are inlined before. */
  private call(i: Call): void {
    const { b, k } = this;
    const { inputs, outputs } = passing(i);
    const argument = ({ array, offset }: ArrayArgument): ArrayArgument => ({
      array: this.arrays.get(array)!,
      offset: this.value(offset),
    });
    const args = i.args.map((a) => argument(a as ArrayArgument));
    b.call(i.callee, args);
    const shadow = ({ at }: Passed, d: number): ArrayArgument => ({
      array: this.shadows.get(at.array)!,
      offset: this.shadowIndex(at.array, this.value(at.offset), d),
    });
    const active = inputs.filter(({ at }) => this.shadows.has(at.array));
    const written = outputs.filter(({ at }) => this.shadows.has(at.array));
    for (let d = 0; d < k; d++) {
      if (!active.length || !outputs.length) written.forEach((passed) => zero(b, shadow(passed, d), passed.parameter.size));
      else {
        const jvp = (i.callee as Program).rules!.jvp!(active.map(({ parameter }) => parameter.name));
        b.call(jvp, [...args, ...[...active, ...written].map((passed) => shadow(passed, d))]);
      }
    }
  }

  private directions<T>(make: (direction: number) => T): T[] {
    return Array.from({ length: this.k }, (_, d) => make(d));
  }

  private activeCarried(carried: readonly Carried[]): boolean[] {
    return carried.map((c) => this.activity.values.has(c.phi));
  }

  private initials(carried: readonly Carried[], active: readonly boolean[]): Value[] {
    return carried.flatMap((c, k) => [this.value(c.initial), ...(active[k] ? this.settledTangents(c.initial) : [])]);
  }

  private iteration(carried: readonly Carried[], active: readonly boolean[], values: readonly Value[], body: Block): Value[] {
    this.bind(
      carried.map((c) => c.phi),
      active,
      values,
    );
    this.block(body);
    return body.yields.flatMap((value, k) => [this.value(value), ...(active[k] ? this.settledTangents(value) : [])]);
  }

  /** Reads values and, behind each active one, its tangents off a flat list. */
  private bind(
    targets: readonly Value[],
    active: readonly boolean[],
    flat: readonly Value[],
    tangentOf: (tangent: Value, k: number, direction: number) => Contribution = (value, k) =>
      this.resting.values.has(targets[k]) ? countsUnlessZero(value) : { value },
  ): void {
    let at = 0;
    targets.forEach((target, k) => {
      this.values.set(target, flat[at++]);
      if (!active[k]) return;
      this.tangents.set(
        target,
        this.directions((d) => tangentOf(flat[at + d], k, d)),
      );
      at += this.k;
    });
  }
}
