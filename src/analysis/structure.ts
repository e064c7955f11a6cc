/**
 * Which inputs cannot influence a loss of a solution, whatever the values: what is zero by structure. What acts through comparisons,
 * whole numbers or indices alone does influence it, though no derivative passes there.
 */
import { Builder } from "../ir/builder.ts";
import { inline } from "../ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../ir/ir.ts";
import { rootsOf } from "./activity.ts";
import { influences } from "./influences.ts";

export interface Dynamics {
  /** (output du[n], input u[n], input p[np], scalar t) */
  readonly rhs: Program;
  /** Of each event (output u_after[n], input u[n], input p[np], scalar t). */
  readonly events: readonly Program[];
  /** Parts of the loss: programs of u, p and scalars, that return a number. */
  readonly losses: readonly Program[];
}

export interface Influencing {
  /** Components of the state, flat: those that may influence the loss from their initial value on. */
  readonly u: ReadonlySet<number>;
  readonly p: ReadonlySet<number>;
}

/** The loss is influenced by a state that it reads, and by what influences that. */
export function influencing({ losses, ...dynamics }: Dynamics): Influencing {
  const u = new Set<number>();
  const p = new Set<number>();
  for (const loss of losses) {
    const program = storingResult(loss);
    const result = arrayOf(program, "result");
    for (const i of influences(program, result, arrayOf(program, "u"), true)[0]) u.add(i);
    for (const j of influences(program, result, arrayOf(program, "p"), true)[0]) p.add(j);
  }
  return reaching(dynamics, { u, p });
}

/** The parameters that may influence these components of the state that a program (output u[n], input p[np]) gives. */
export function influencesOf(program: Program, components: ReadonlySet<number>): Set<number> {
  const rows = influences(program, arrayOf(program, "u"), arrayOf(program, "p"), true);
  return new Set([...components].flatMap((i) => Array.from(rows[i] ?? [])));
}

/** And what influences the derivative, or a jump, of what is influenced. */
export function reaching({ rhs, events }: Omit<Dynamics, "losses">, from: Influencing): Influencing {
  const changes = [{ program: rhs, output: "du" }, ...events.map((program) => ({ program, output: "u_after" }))];
  const by = (input: "u" | "p"): Int32Array[][] =>
    changes.map(({ program, output }) => influences(program, arrayOf(program, output), arrayOf(program, input), true));
  const [byU, byP] = [by("u"), by("p")];
  const u = new Set(from.u);
  const p = new Set(from.p);
  const pending = [...u];
  for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
    for (const rows of byU) {
      for (const k of rows[i]) {
        if (!u.has(k)) pending.push(k);
        u.add(k);
      }
    }
    for (const rows of byP) for (const j of rows[i]) p.add(j);
  }
  return { u, p };
}

function arrayOf(program: Program, name: string): ArrayDeclaration {
  return rootsOf(program, [name])[0] as ArrayDeclaration;
}

/** The same program with its result in an array. */
function storingResult(program: Program): Program {
  const b = new Builder(program.name);
  const args = program.parameters.map((parameter): ArrayArgument | Value => {
    if (parameter.kind === "scalar")
      return b.scalarParameter(parameter.name, parameter.value.type, parameter.value.min, parameter.value.max);
    return { array: b.arrayParameter(parameter.array.name, parameter.array.size, "input"), offset: b.i32(0) };
  });
  const result = b.arrayParameter("result", 1, "output");
  b.store(result, b.i32(0), inline(b, program, args)!);
  return b.finish();
}
