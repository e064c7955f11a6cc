/** How a gradient of the model would be computed, and why so. */
import type { Layout } from "../../src/arrays/layout.ts";
import { componentNames, ownLayout } from "../../src/arrays/layout.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { explain } from "../../sensitivity/explain.ts";
import type { PlanText, Setting, Table } from "../shared/protocol.ts";
import { optionsOf } from "./model.ts";

export function explained(problem: OdeProblem, asked: Setting & { readonly table?: Table }): PlanText {
  const { said, loss } = asked.table ? misfitTo(problem, asked.table) : squareAtEnd(problem);
  const plan = explain(problem, { ...optionsOf(problem, asked), loss });
  const { decisions, warnings } = plan;
  const [first, ...lines] = String(plan).split("\n");
  const known = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith(`  ${decisions[0].about}: `)),
  );
  return {
    summary: first.slice(first.indexOf(": ") + 2),
    loss: said,
    known: known.map((line) => line.trim()),
    decisions: decisions.map(({ about, chosen, because, rejected }) => ({ about, chosen, because, rejected })),
    warnings,
  };
}

interface Stated {
  readonly said: string;
  readonly loss: object;
}

function squareAtEnd({ layout }: OdeProblem): Stated {
  const u = ownLayout(layout.u);
  return {
    said: `the square of ${componentNames(u, "u")[0]} at the end`,
    loss: { final: written("u", `(${accessOf(u, 0)}) ** 2`) },
  };
}

/** The sum of squares of what the data differ by; what is missing counts as met. */
function misfitTo({ layout }: OdeProblem, { t, values }: Table): Stated {
  const u = ownLayout(layout.u);
  const all = componentNames(u, "u");
  const names = Object.keys(values).filter((name) => all.includes(name));
  const order = Array.from(t.keys()).sort((a, b) => t[a] - t[b]);
  const data = names.map((name) => Float64Array.from(order, (i) => (Number.isNaN(values[name][i]) ? 0 : values[name][i])));
  const terms = names.map((name, k) => `(${accessOf(u, all.indexOf(name))} - c.data${k}[i]) ** 2`);
  return {
    said: `the squares of what the data differ by, at ${t.length} times`,
    loss: {
      at: Float64Array.from(order, (i) => t[i]),
      of: written("u, p, t, i, c", terms.join(" + ")),
      constants: Object.fromEntries(data.map((list, k) => [`data${k}`, list])),
    },
  };
}

/** A function by its text, which is what the library reads. */
function written(parameters: string, expression: string): (...args: never[]) => number {
  return new Function(parameters, `return ${expression};`) as (...args: never[]) => number;
}

/** How a function writes a component of its state `u`. */
function accessOf(layout: Layout, index: number, path = "u"): string {
  if (layout.kind === "scalar") return path;
  if (layout.kind === "extended") return accessOf(layout.own, index, path);
  if (layout.kind === "struct") {
    const within = ({ offset, size }: Layout): boolean => index >= offset && index < offset + size;
    const [name, field] = Object.entries(layout.fields).find(([, one]) => within(one))!;
    return accessOf(field, index, `${path}[${JSON.stringify(name)}]`);
  }
  const { shape, offset, container } = layout;
  if (container !== "ndarray") return `${path}[${index - offset}]`;
  let rest = index - offset;
  const indices = shape.map((_, axis) => {
    const stride = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
    const at = Math.floor(rest / stride);
    rest %= stride;
    return at;
  });
  return `${path}.get(${indices.join(", ")})`;
}
