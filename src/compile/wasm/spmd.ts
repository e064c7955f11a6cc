/**
 * A program as one WebAssembly function that runs it for several trajectories at once, one a lane (single program, multiple
 * data; Pharr, Mark, "ispc: A SPMD compiler for high-performance CPU programming", InPar 2012). What all lanes have in common stays
 * scalar. Where lanes part, at a branch or at a loop's end, a mask says for which of them an instruction counts.
 *
 * An array that each lane has of its own lies interleaved: element i of lane l at i * LANES + l.
 */
import type { Block, For, If, Let, Program, Value, While } from "../../ir/ir.ts";
import { InternalError } from "../../core/errors.ts";
import { scalarOperations } from "../../ir/scalar-operations.ts";
import { Budget } from "./budget.ts";
import { operationTree, type Surroundings } from "./function.ts";
import { widened } from "./lane-values.ts";
import { SpmdMemory } from "./spmd-memory.ts";
import { EVERY_LANE, PARTS } from "./spmd-values.ts";
import { get, i32, plus, set, wasmType, type Tree } from "./tree.ts";
import { hasVectorForm } from "./vectorise.ts";

/** `shared`: the parameters that all lanes read from one place. */
export function emitSpmd(program: Program, name: string, surroundings: Surroundings, shared: ReadonlySet<string>): Tree {
  return new SpmdEmitter(program, surroundings, shared).emit(name);
}

class SpmdEmitter extends SpmdMemory {
  private readonly budget = new Budget(this, this.program.name, this.surroundings);

  emit(name: string): Tree {
    const declared = this.program.parameters.map((parameter): Tree => {
      if (parameter.kind === "array") return ["param", `$a${parameter.array.id}`, "i32"];
      this.names.set(parameter.value, `$p${parameter.value.id}`);
      return ["param", `$p${parameter.value.id}`, wasmType(parameter.value.type)];
    });
    this.instructions(this.program.body);
    return ["func", name, ...declared, ...this.locals, ...this.constants, ...this.statements];
  }

  // Instructions

  private instructions(block: Block): void {
    for (const i of block.instructions) {
      switch (i.kind) {
        case "let":
          this.let(i);
          break;
        case "load":
          this.load(i);
          break;
        case "store":
          this.store(i);
          break;
        case "accumulate":
          this.accumulate(i);
          break;
        case "fill":
          this.fill(i);
          break;
        case "if":
          this.if(i);
          break;
        case "for":
          this.for(i);
          break;
        case "while":
          this.while(i);
          break;
        case "call":
          throw new InternalError(`spmd: a call of ${i.callee.name} was not inlined`);
      }
    }
  }

  private let({ result, operation: name, args }: Let): void {
    if (!this.isDivergent(result)) {
      return this.setUniform(
        result,
        operationTree(
          name,
          args.map((arg) => this.uniform(arg)),
          this.surroundings,
        ),
      );
    }
    if (name === "f64.from_i32") return this.setParts(result, (part) => this.converted(args[0], part));
    if (name === "select" || name === "bool.select") {
      return this.setParts(result, (part) => {
        const sides = [this.part(args[1], part), this.part(args[2], part)];
        return this.isDivergent(args[0])
          ? ["v128.bitselect", ...sides, this.part(args[0], part)]
          : ["select", ...sides, this.uniform(args[0])];
      });
    }
    if (hasVectorForm(name)) {
      const { simd } = scalarOperations[name];
      return this.setParts(result, (part) => {
        const parts = args.map((arg) => this.part(arg, part));
        return simd ? [simd, ...parts] : ["call", this.surroundings.vectorFunction(name), ...parts];
      });
    }
    const traps = name === "i32.div" || name === "i32.rem";
    this.setLanes(result, (lane) => {
      const tree = operationTree(
        name,
        args.map((arg) => this.lane(arg, lane)),
        this.surroundings,
      );
      return traps ? this.guarded(lane, "i32", tree) : tree;
    });
  }

  private converted(value: Value, part: number): Tree {
    const [a, b] = [this.lane(value, 2 * part), this.lane(value, 2 * part + 1)];
    return ["f64x2.convert_low_i32x4_s", ["i32x4.replace_lane", 1, ["i32x4.splat", a], b]];
  }

  // Control flow

  private if(i: If): void {
    if (!this.isDivergent(i.condition)) return this.branch(i);
    const branches = [i.then, i.else].map((block, k) => {
      const mask = this.within((part) => (k === 0 ? this.part(i.condition, part) : ["v128.not", this.part(i.condition, part)]));
      return { block, mask };
    });
    for (const { block, mask } of branches) {
      if (!block.instructions.length) continue;
      const body = this.collect(() => this.under(mask, () => this.instructions(block)));
      this.line(["if", this.anyOf(mask), ["then", ...body]]);
    }
    i.results.forEach((result, k) => {
      const [a, b] = [i.then.yields[k], i.else.yields[k]];
      if (result.type === "i32")
        this.setLanes(result, (lane) => ["select", this.lane(a, lane), this.lane(b, lane), this.lane(i.condition, lane)]);
      else
        this.setParts(result, (part) => ["v128.bitselect", this.part(a, part), this.part(b, part), this.part(i.condition, part)]);
    });
  }

  /** All lanes take the same branch. */
  private branch(i: If): void {
    const branch = (block: Block): Tree[] =>
      this.collect(() => {
        this.instructions(block);
        this.under(undefined, () => this.assign(i.results.map((result, k) => [result, block.yields[k]])));
      });
    this.line(["if", this.uniform(i.condition), ["then", ...branch(i.then)], ["else", ...branch(i.else)]]);
  }

  private for(i: For): void {
    this.budget.of(i, () => this.counting(i));
  }

  private counting(i: For): void {
    this.enter(i);
    if (this.isDivergent(i.index)) this.setLanes(i.index, (lane) => this.lane(i.from, lane));
    else this.line(set(this.nameOf(i.index), this.uniform(i.from)));
    const compare = i.step > 0 ? "i32.lt_s" : "i32.gt_s";
    if (this.isDivergent(i.index)) {
      for (const lane of EVERY_LANE) {
        const [from, to] = [this.lane(i.from, lane), this.lane(i.to, lane)];
        this.budget.iterations(i, from, this.mask ? ["select", to, from, this.active(lane)] : to);
      }
      const more = (part: number): Tree => {
        const [a, b] = [2 * part, 2 * part + 1].map((lane): Tree => [compare, this.lane(i.index, lane), this.lane(i.to, lane)]);
        return ["i64x2.replace_lane", 1, ["i64x2.splat", widened(a)], widened(b)];
      };
      this.apart(
        i,
        () => more,
        () => this.setLanes(i.index, (lane) => plus(this.lane(i.index, lane), i32(i.step))),
      );
      return this.leave(i);
    }
    this.budget.iterations(i, this.uniform(i.from), this.uniform(i.to));
    const again = this.label();
    const body = this.collect(() => this.iteration(i));
    const index = this.nameOf(i.index);
    this.line([
      "if",
      [compare, get(index), this.uniform(i.to)],
      [
        "then",
        [
          "loop",
          again,
          ...body,
          set(index, plus(get(index), i32(i.step))),
          ["br_if", again, [compare, get(index), this.uniform(i.to)]],
        ],
      ],
    ]);
    this.leave(i);
  }

  private while(i: While): void {
    this.budget.of(i, () => this.conditional(i));
  }

  private conditional(i: While): void {
    this.enter(i);
    const [condition] = i.condition.yields;
    if (this.isDivergent(condition)) {
      this.apart(i, () => {
        this.budget.iteration(i);
        this.instructions(i.condition);
        return (part) => this.part(condition, part);
      });
    } else {
      const [again, done] = [this.label(), this.label()];
      const body = this.collect(() => {
        this.instructions(i.condition);
        this.line(["br_if", done, ["i32.eqz", this.uniform(condition)]]);
        this.budget.iteration(i);
        this.iteration(i);
      });
      this.line(["block", done, ["loop", again, ...body, ["br", again]]]);
    }
    this.leave(i);
  }

  /** A loop that lanes leave at different times: it goes on while one is left. */
  private apart(i: For | While, condition: () => (part: number) => Tree, advance?: () => void): void {
    const [again, done] = [this.label(), this.label()];
    const active = this.within(() => ["v128.const", "i64x2", "-1", "-1"]);
    const body = this.collect(() =>
      this.under(active, () => {
        const more = condition();
        for (const part of PARTS) this.line(set(active[part], ["v128.and", get(active[part]), more(part)]));
        this.line(["br_if", done, ["i32.eqz", this.anyOf(active)]]);
        this.iteration(i);
        advance?.();
      }),
    );
    this.line(["block", done, ["loop", again, ...body, ["br", again]]]);
  }

  /** Inside a mask phis start afresh for every lane: those of the others are not looked at. */
  private enter(i: For | While): void {
    this.under(undefined, () => this.assign(i.carried.map(({ phi, initial }) => [phi, initial])));
  }

  private iteration(i: For | While): void {
    this.instructions(i.body);
    this.assign(i.carried.map(({ phi }, k) => [phi, i.body.yields[k]]));
  }

  /** The phis keep their last values, so they also stand for the results. */
  private leave(i: For | While): void {
    i.results.forEach((result, k) => {
      const { phi } = i.carried[k];
      if (this.isDivergent(phi)) this.held.set(result, this.hold(phi));
      else this.names.set(result, this.nameOf(phi));
    });
  }
}
