/** A program as one WebAssembly function: values are locals, or trees where they are used once; control flow stays structured. */
import type { ArrayDeclaration, Block, Call, External, For, If, Load, Parameter, Program, Value, While } from "../../ir/ir.ts";
import { InternalError } from "../../core/errors.ts";
import { tripCount } from "../../ir/builder.ts";
import { scalarOperations, type ScalarOperationName } from "../../ir/scalar-operations.ts";
import { elementSize, planAddresses, type Access, type Addresses, type Pointer, type Term } from "./address.ts";
import { Budget } from "./budget.ts";
import { writeFill, writeZeros } from "./fill.ts";
import { emitLanes } from "./lanes.ts";
import { get, i32, plus, scaled, set, tee, wasmType, type Tree } from "./tree.ts";
import { countUses } from "./uses.ts";
import { planVectors } from "./vectorise.ts";
import { NOTHING, Writer } from "./writer.ts";

/** What a function needs of the module around it. */
export interface Surroundings {
  /** Byte offset of a local or constant array in the unit's region. */
  offsetOf(array: ArrayDeclaration): number;
  /** The name to call a program, a function of the host, or one of `Math` by. */
  callee(target: Program | External): string;
  math(name: string): string;
  vectorFunction(name: ScalarOperationName): string;
}

/** An operation of scalars. */
export function operationTree(
  name: ScalarOperationName,
  args: readonly Tree[],
  of: Pick<Surroundings, "math" | "vectorFunction">,
): Tree {
  const { wasm } = scalarOperations[name];
  if (wasm === undefined) throw new InternalError(`${name} was not lowered`);
  if (typeof wasm !== "string") {
    if ("math" in wasm) return ["call", of.math(wasm.math), ...args];
    const lanes = args.map((arg): Tree => ["f64x2.splat", arg]);
    return ["f64x2.extract_lane", 0, ["call", of.vectorFunction(wasm.vector), ...lanes]];
  }
  if (wasm === "") return args[0];
  // WebAssembly takes the condition last.
  return wasm === "select" ? ["select", args[1], args[2], args[0]] : [wasm, ...args];
}

export function emitFunction(program: Program, name: string, surroundings: Surroundings): Tree {
  return new FunctionEmitter(program, planAddresses(program), surroundings).emit(name);
}

export class FunctionEmitter extends Writer {
  private readonly parameters: ReadonlySet<ArrayDeclaration>;
  private readonly budget: Budget;

  constructor(
    program: Program,
    private readonly addresses: Addresses,
    readonly surroundings: Surroundings,
  ) {
    super(program, countUses(program, addresses));
    this.budget = new Budget(this, program.name, surroundings);
    this.parameters = new Set(program.parameters.flatMap((p) => (p.kind === "array" ? [p.array] : [])));
  }

  emit(name: string): Tree {
    const { parameters, body, result } = this.program;
    const declared = parameters.map((parameter): Tree => [
      "param",
      this.parameter(parameter),
      parameter.kind === "array" ? "i32" : wasmType(parameter.value.type),
    ]);
    this.instructions(body);
    if (result) this.line(this.use(result));
    const returns: Tree[] = result ? [["result", wasmType(result.type)]] : [];
    return ["func", name, ...declared, ...returns, ...this.locals, ...this.statements];
  }

  private parameter(parameter: Parameter): string {
    if (parameter.kind === "array") return `$a${parameter.array.id}`;
    const local = `$p${parameter.value.id}`;
    this.names.set(parameter.value, local);
    return local;
  }

  operation(name: ScalarOperationName, args: readonly Tree[]): Tree {
    return operationTree(name, args, this.surroundings);
  }

  // Addresses

  /** The address of an access, without what its instruction adds. */
  address(access: Access, term: (value: Value) => Tree = (value) => this.use(value)): Tree {
    const { array, pointer, terms, constant, direct } = this.addresses.of.get(access)!;
    const start = pointer ? get(pointer.local) : this.base(array);
    const sum = total(start, terms, term);
    return direct || constant === 0 ? sum : plus(sum, i32(constant));
  }

  /** What the instruction of an access adds to its address. */
  offset(access: Access): string {
    const { array, pointer, constant, direct } = this.addresses.of.get(access)!;
    if (pointer) return `offset=${constant - pointer.constant}`;
    return `offset=${(direct ? constant : 0) + this.regionOffset(array)}`;
  }

  private base(array: ArrayDeclaration): Tree {
    return this.parameters.has(array) ? get(`$a${array.id}`) : ["global.get", "$region"];
  }

  private regionOffset(array: ArrayDeclaration): number {
    return this.parameters.has(array) ? 0 : this.surroundings.offsetOf(array);
  }

  private pointer({ local, array, terms, constant }: Pointer): void {
    const sum = total(this.base(array), terms, (value) => this.use(value));
    const rest = constant + this.regionOffset(array);
    this.line(set(this.local("i32", local), rest ? plus(sum, i32(rest)) : sum));
  }

  // Instructions

  instructions(block: Block): void {
    const outer = this.block;
    this.block = block;
    for (const i of block.instructions) {
      switch (i.kind) {
        case "let": {
          if (!this.isUsed(i.result)) break;
          const args = i.args.map((arg) => this.expression(arg));
          const reads = args.some((arg) => arg.reads.size) ? new Set(args.flatMap((arg) => [...arg.reads])) : NOTHING;
          this.define(i.result, {
            tree: this.operation(
              i.operation,
              args.map((arg) => arg.tree),
            ),
            depth: 1 + Math.max(...args.map((arg) => arg.depth)),
            reads,
          });
          break;
        }
        case "load":
          this.load(i);
          break;
        case "store": {
          const tree: Tree = [`${i.array.element}.store`, this.offset(i), this.address(i), this.use(i.value)];
          this.settle(i.array);
          this.line(tree);
          break;
        }
        case "accumulate": {
          const { element } = i.array;
          const at = this.local("i32");
          const old: Tree = [`${element}.load`, this.offset(i), get(at)];
          const tree: Tree = [
            `${element}.store`,
            this.offset(i),
            tee(at, this.address(i)),
            [`${element}.add`, old, this.use(i.value)],
          ];
          this.settle(i.array);
          this.line(tree);
          break;
        }
        case "fill":
          this.fill(i.array, this.use(i.value), i.value.constant);
          break;
        case "call":
          this.call(i);
          break;
        case "if":
          this.if(i);
          break;
        case "for":
          this.for(i);
          break;
        case "while":
          this.while(i);
      }
    }
    this.block = outer;
  }

  private load(i: Load): void {
    if (!this.isUsed(i.result)) return;
    const { array } = i;
    const changes = array.role !== "input" && array.role !== "constant";
    this.define(i.result, {
      tree: [`${array.element}.load`, this.offset(i), this.address(i)],
      depth: 1,
      reads: changes ? new Set([array]) : NOTHING,
    });
  }

  private fill(array: ArrayDeclaration, value: Tree, known: number | undefined): void {
    this.settle(array);
    const start = plus(this.base(array), i32(this.regionOffset(array)));
    if (known === 0) return writeZeros(this, start, array.size * elementSize(array));
    writeFill(this, array, start, value);
  }

  private call(i: Call): void {
    const args = i.args.map((argument): Tree => {
      if (!("array" in argument)) return this.use(argument);
      const { array, offset } = argument;
      return total(plus(this.base(array), i32(this.regionOffset(array))), [[offset, elementSize(array)]], (value) =>
        this.use(value),
      );
    });
    this.settle();
    const call: Tree = ["call", this.surroundings.callee(i.callee), ...args];
    if (!i.result) this.line(call);
    else this.line(this.isUsed(i.result) ? set(this.nameOf(i.result), call) : ["drop", call]);
  }

  private if(i: If): void {
    const condition = this.use(i.condition);
    this.settle();
    const branch = (block: Block): Tree[] =>
      this.collect(() => {
        this.instructions(block);
        i.results.forEach((result, k) => {
          const value = this.use(block.yields[k]);
          if (this.isUsed(result)) this.line(set(this.nameOf(result), value));
        });
      });
    const then = branch(i.then);
    const otherwise = branch(i.else);
    this.line(["if", condition, ["then", ...then], ...(otherwise.length ? [["else", ...otherwise]] : [])]);
  }

  private for(i: For): void {
    this.budget.of(i, () => this.counting(i));
  }

  private counting(i: For): void {
    this.enter(i.carried);
    this.addresses.pointers.get(i)?.forEach((pointer) => this.pointer(pointer));
    const index = this.nameOf(i.index);
    this.line(set(index, this.use(i.from)));
    this.budget.iterations(i, get(index), this.use(i.to));
    const vectors = planVectors(i);
    if (vectors) emitLanes(this, i, vectors);
    const more: Tree = [i.step > 0 ? "i32.lt_s" : "i32.gt_s", get(index), this.use(i.to)];
    const count = tripCount(i.from, i.to, i.step);
    if (vectors && count !== undefined) {
      if (count % 2) this.line(...this.iteration(i));
    } else {
      const again = this.label();
      const loop: Tree = ["loop", again, ...this.iteration(i), set(index, plus(get(index), i32(i.step))), ["br_if", again, more]];
      this.line(count ? loop : ["if", more, ["then", loop]]);
    }
    this.leave(i);
  }

  private while(i: While): void {
    this.budget.of(i, () => this.conditional(i));
  }

  private conditional(i: While): void {
    this.enter(i.carried);
    const again = this.label();
    const done = this.label();
    const condition = this.collect(() => {
      this.instructions(i.condition);
      this.line(["br_if", done, ["i32.eqz", this.use(i.condition.yields[0])]]);
      this.budget.iteration(i);
    });
    this.line(["block", done, ["loop", again, ...condition, ...this.iteration(i), ["br", again]]]);
    this.leave(i);
  }

  private enter(carried: For["carried"]): void {
    for (const { phi, initial } of carried) this.line(set(this.nameOf(phi), this.use(initial)));
    this.settle();
  }

  /** The body, and the phis' next values: all on the stack before the first is set, for one may be another's present value. */
  private iteration(i: For | While): Tree[] {
    return this.collect(() => {
      this.instructions(i.body);
      const next = i.body.yields.map((value) => this.use(value));
      const changed = i.carried.map((c, k) => ({ phi: c.phi, tree: next[k] })).filter(({ phi }, k) => phi !== i.body.yields[k]);
      this.line(...changed.map(({ tree }) => tree), ...changed.reverse().map(({ phi }): Tree => ["local.set", this.nameOf(phi)]));
    });
  }

  /** The phis keep their last values, so they also stand for the results. */
  private leave(i: For | While): void {
    i.results.forEach((result, k) => this.names.set(result, this.nameOf(i.carried[k].phi)));
  }
}

function total(start: Tree, terms: readonly Term[], term: (value: Value) => Tree): Tree {
  return terms.reduce((sum, [value, factor]) => plus(sum, scaled(term(value), factor)), start);
}
