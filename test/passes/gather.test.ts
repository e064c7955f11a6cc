import fc from "fast-check";
import { expect, it } from "vitest";
import { Builder } from "../../src/ir/builder.ts";
import { gatherNeighbours } from "../../src/passes/gather.ts";
import { walk, type Accumulate, type For, type Program, type Value } from "../../src/ir/ir.ts";
import { run } from "../derive/harness.ts";

const SIZE = 64;
const kinds = ["scaled", "dear", "stored", "carried"] as const;

interface Stencil {
  readonly from: number;
  readonly count: number;
  /** out[i + offset] += a function of x[i], for each. */
  readonly members: readonly { readonly offset: number; readonly kind: (typeof kinds)[number] }[];
  readonly sums: boolean;
}

/** A loop that scatters, and perhaps sums x; `kept` is written, and read in the next iteration. */
function scatter({ from, count, members, sums }: Stencil): Program {
  const b = new Builder("scatter");
  const out = b.arrayParameter("out", SIZE, "output");
  const kept = b.arrayParameter("kept", SIZE, "output");
  const x = b.arrayParameter("x", SIZE, "input");
  b.fill(out, b.f64(0));
  b.fill(kept, b.f64(0));
  const at = (i: Value, offset: number): Value => b.operation("i32.add", i, b.i32(offset));
  const [sum] = b.for(b.i32(from), b.i32(from + count), 1, sums ? [b.f64(0)] : [], (i, [s]) => {
    const value = b.load(x, i);
    members.forEach(({ offset, kind }, k) => {
      const scaled = b.operation("mul", value, b.f64(k + 1));
      if (kind === "stored") {
        b.store(kept, i, scaled);
        return b.accumulate(out, at(i, offset), b.load(kept, at(i, -1)));
      }
      if (kind === "carried") return b.accumulate(out, at(i, offset), sums ? s : scaled);
      return b.accumulate(out, at(i, offset), kind === "dear" ? b.operation("sin", scaled) : scaled);
    });
    return sums ? [b.operation("add", s, value)] : [];
  });
  return b.finish(sums ? sum : b.f64(0));
}

/** The same, plainly. */
function expected({ from, count, members, sums }: Stencil, x: Float64Array): { out: Float64Array; sum: number } {
  const out = new Float64Array(SIZE);
  const kept = new Float64Array(SIZE);
  let sum = 0;
  for (let i = from; i < from + count; i++) {
    members.forEach(({ offset, kind }, k) => {
      const scaled = x[i] * (k + 1);
      if (kind === "stored") kept[i] = scaled;
      const own = { scaled, dear: Math.sin(scaled), stored: kept[i - 1], carried: sums ? sum : scaled };
      out[i + offset] += own[kind];
    });
    if (sums) sum += x[i];
  }
  return { out, sum };
}

const x = Float64Array.from({ length: SIZE }, (_, i) => Math.sin(i + 1));

function check(stencil: Stencil): Program {
  const gathered = gatherNeighbours(scatter(stencil));
  const { out, sum } = expected(stencil, x);
  for (const target of ["javascript", "wasm"] as const) {
    const arrays: Record<string, Float64Array> = { x };
    expect(run(gathered, arrays, {}, target)).toBeCloseTo(sum, 12);
    arrays.out.forEach((value, i) => expect(value, `${target}, element ${i}`).toBeCloseTo(out[i], 12));
  }
  return gathered;
}

/** Accumulates of the longest loop. */
function accumulates(program: Program): Accumulate[] {
  const loops = [...walk(program.body)].filter((i): i is For => i.kind === "for");
  return loops.flatMap(({ body }) => body.instructions.filter((i) => i.kind === "accumulate"));
}

const scaled = (offset: number) => ({ offset, kind: "scaled" as const });

it("takes the contributions of neighbours to one element together, around the one that is dear", () => {
  const sums = { from: 3, count: 20, members: [scaled(1), scaled(-1), { offset: 0, kind: "dear" as const }], sums: true };
  expect(accumulates(check(sums))).toHaveLength(1);
  expect(accumulates(check({ ...sums, members: [scaled(0), scaled(1), scaled(2), scaled(9), scaled(10)] }))).toHaveLength(2);
});

it("leaves alone what it cannot move", () => {
  const fixed = { offset: 0, kind: "dear" } as const;
  for (const members of [
    [fixed, { ...fixed, offset: 1 }],
    [scaled(0), { offset: 1, kind: "stored" } as const, { offset: 2, kind: "stored" } as const],
    [scaled(0), { offset: 1, kind: "carried" } as const],
  ]) {
    const stencil = { from: 2, count: 12, members, sums: true };
    expect(accumulates(check(stencil))).toHaveLength(members.length);
  }
});

it("leaves accumulates alone whose place depends on a table", () => {
  const b = new Builder("table");
  const out = b.arrayParameter("out", SIZE, "output");
  const from = b.arrayParameter("x", SIZE, "input");
  const table = b.constantArray(
    "table",
    Int32Array.from({ length: SIZE }, (_, i) => (i * 7) % 20),
  );
  b.fill(out, b.f64(0));
  b.for(b.i32(0), b.i32(20), 1, [], (i) => {
    const place = b.operation("i32.add", i, b.load(table, i));
    b.accumulate(out, place, b.load(from, i));
    b.accumulate(out, b.operation("i32.add", place, b.i32(1)), b.load(from, i));
    return [];
  });
  const program = b.finish();
  expect(gatherNeighbours(program)).toBe(program);
});

it("computes what the loop did, for random stencils", () => {
  const member = fc.record({ offset: fc.integer({ min: -5, max: 5 }), kind: fc.constantFrom(...kinds) });
  const stencils = fc.record({
    from: fc.integer({ min: 5, max: 12 }),
    count: fc.integer({ min: 6, max: 30 }),
    members: fc.array(member, { minLength: 1, maxLength: 6 }),
    sums: fc.boolean(),
  });
  fc.assert(
    fc.property(stencils, (stencil) => void check(stencil)),
    { numRuns: 100 },
  );
});
