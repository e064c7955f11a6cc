/** Pushforwards of pullbacks, and pullbacks of pushforwards: both are linear, and each is the transpose of the other. */
import { reverse } from "./reverse.ts";
import { UnsupportedValue } from "../core/errors.ts";
import { Builder } from "../ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../ir/ir.ts";

/**
 * Makes of a pullback (inputs…, input y_bar, outputs x_bar…), which is linear in y_bar, the pushforward (inputs…, inputs x_dot…,
 * output y_dot).
 */
export function pushforwardOf(pullback: Program): Program {
  const { inputs, outputs } = arraysOf(pullback);
  const yBar = inputs.at(-1)!;
  const b = new Builder(`${pullback.name}_transposed`);
  const given = inputs.slice(0, -1).map((x) => b.arrayParameter(x.name, x.size, "input"));
  const tangents = outputs.map((x) => b.arrayParameter(x.name.replace(/_bar$/, "_dot"), x.size, "input"));
  const yDot = b.arrayParameter("y_dot", yBar.size, "output");
  b.call(transposed(pullback, [yBar]), [...given, zeros(b, yBar), ...tangents, yDot].map(whole(b)));
  return b.finish();
}

/**
 * Makes of a pushforward (inputs…, `count` inputs x_dot…, output y_dot), which is linear in x_dot, the pullback (inputs…, input
 * y_bar, inout x_bar…), which adds.
 */
export function pullbackOf(pushforward: Program, count: number): Program {
  const { inputs, outputs } = arraysOf(pushforward);
  const [given, tangents] = [inputs.slice(0, -count), inputs.slice(-count)];
  const b = new Builder(`${pushforward.name}_transposed`);
  const point = given.map((x) => b.arrayParameter(x.name, x.size, "input"));
  const yBar = b.arrayParameter("y_bar", outputs[0].size, "input");
  const gradients = tangents.map((x) => b.arrayParameter(x.name.replace(/_dot$/, "_bar"), x.size, "inout"));
  const parts = tangents.map((x) => b.localArray("part", x.size));
  const anywhere = tangents.map((x) => zeros(b, x));
  b.call(transposed(pushforward, tangents), [...point, ...anywhere, yBar, ...parts].map(whole(b)));
  gradients.forEach((gradient, k) =>
    b.for(b.i32(0), b.i32(gradient.size), 1, [], (i) => (b.accumulate(gradient, i, b.load(parts[k], i)), [])),
  );
  return b.finish();
}

function arraysOf({ parameters }: Program): Record<"inputs" | "outputs", ArrayDeclaration[]> {
  const arrays = parameters.flatMap((p) => (p.kind === "array" ? [p.array] : []));
  return { inputs: arrays.filter((a) => a.role === "input"), outputs: arrays.filter((a) => a.role === "output") };
}

function transposed(linear: Program, by: readonly ArrayDeclaration[]): Program {
  const found = reverse(linear, { wrt: by.map((x) => x.name) });
  if (!found.result) return found;
  throw new UnsupportedValue(
    `${linear.name} has a loop whose length the data decide, so the rule for the other direction cannot be derived from it. ` +
      `Give both vjp and jvp, or write the loop with a fixed number of iterations.`,
  );
}

/** The point at which a linear map is transposed makes no difference. */
function zeros(b: Builder, like: ArrayDeclaration): ArrayDeclaration {
  const array = b.localArray("anywhere", like.size);
  b.fill(array, b.f64(0));
  return array;
}

function whole(b: Builder): (array: ArrayDeclaration) => ArrayArgument {
  return (array) => ({ array, offset: b.i32(0) });
}
