/**
 * Scatter to gather: an innermost loop that adds to neighbours of one element, as the adjoint of a stencil does, is shifted so
 * that an iteration takes its neighbours' contributions to one element instead, which is then written once (Hückelheim et al.,
 * "Automatic differentiation for adjoint stencil loops", ICPP 2019). What is left over at both ends is done by itself.
 */
import { affine } from "../ir/affine.ts";
import { tripCount } from "../ir/builder.ts";
import { Clone, rebuild } from "../ir/clone.ts";
import { slice } from "./distribute.ts";
import {
  operandsOf,
  walk,
  type Accumulate,
  type ArrayDeclaration,
  type For,
  type Instruction,
  type Program,
  type Store,
  type Value,
} from "../ir/ir.ts";
import { costOfLet } from "./lower.ts";

const FEWEST_ITERATIONS = 8;
/** Neighbours further away are left alone: each step is one more iteration done by itself at both ends. */
const FURTHEST = 2;
/** A contribution that costs more than that (nanoseconds, about) is not computed a second time. */
const DEAREST = 4;
/** Of a body, which is written out for the iterations at the ends. */
const MOST_INSTRUCTIONS = 200;

export function gatherNeighbours(program: Program): Program {
  for (const i of walk(program.body)) {
    if (i.kind === "for" && groupsOf(i).length > 0) return rebuild(program, (b) => new Gatherer(b));
  }
  return program;
}

/** An accumulate as part of a group. */
interface Member {
  readonly write: Accumulate;
  /** How many iterations later another member adds to the same element. */
  readonly distance: number;
  /** What the accumulate is computed by, where it can be computed for another iteration. */
  readonly parts: readonly Instruction[] | undefined;
}

/** Accumulates to an element and its neighbours; at least one of them at distance 0. */
type Group = readonly Member[];

class Gatherer extends Clone {
  override instruction(i: Instruction): void {
    const groups = i.kind === "for" ? groupsOf(i) : [];
    if (i.kind !== "for" || groups.length === 0) return super.instruction(i);
    if (i.carried.length > 0) return this.apart(i);
    const { b } = this;
    const [from, to] = [i.from.constant!, i.to.constant!];
    const reach = Math.max(...groups.flat().map(({ distance }) => Math.abs(distance)));
    const isDone = (at: number): boolean => at >= from && at < to;
    const end = (at: number): void => this.iteration(i, groups, b.i32(at), (distance) => isDone(at - distance));
    const outside = (at: number): void => {
      for (const { write, distance, parts } of groups.flat()) {
        if (!isDone(at - distance)) continue;
        const moved = this.moved(parts!, i.index, b.i32(at - distance));
        b.accumulate(this.arrays.get(write.array)!.array, moved.value(write.index), moved.value(write.value));
      }
    };
    const each = (start: number, run: (at: number) => void): void => {
      for (let at = start; at < start + reach; at++) run(at);
    };
    each(from - reach, outside);
    each(from, end);
    b.for(b.i32(from + reach), b.i32(to - reach), 1, [], (at) => (this.iteration(i, groups, at, () => true), []));
    each(to - reach, end);
    each(to, outside);
  }

  /** Sums and writes in loops of their own: one that does both needs more registers than there are. */
  private apart(loop: For): void {
    const { yields } = loop.body;
    super.instruction({ ...loop, body: { instructions: slice(loop.body, [], yields), yields } });
    this.instruction({
      ...loop,
      carried: [],
      results: [],
      body: { instructions: slice(loop.body, writesOf(loop), []), yields: [] },
    });
  }

  /** An iteration, with the contributions that come from those at these distances. */
  private iteration(loop: For, groups: readonly Group[], at: Value, takes: (distance: number) => boolean): void {
    const { b } = this;
    this.values.set(loop.index, at);
    const gathered = new Set<Instruction>(groups.flatMap((group) => group.map(({ write }) => write)));
    for (const i of loop.body.instructions) if (!gathered.has(i)) super.instruction(i);
    for (const group of groups) {
      const own = group.find(({ distance }) => distance === 0)!.write;
      const terms = group.flatMap(({ write, distance, parts }) => {
        if (distance === 0) return [this.value(write.value)];
        if (!takes(distance)) return [];
        return [this.moved(parts!, loop.index, b.operation("i32.sub", at, b.i32(distance))).value(write.value)];
      });
      const sum = terms.reduce((a, term) => b.operation("add", a, term));
      b.accumulate(this.arrays.get(own.array)!.array, this.value(own.index), sum);
    }
  }

  /** What the instructions compute in another iteration. */
  private moved(parts: readonly Instruction[], index: Value, at: Value): Clone {
    const clone = new Clone(this.b);
    for (const [value, own] of this.values) clone.values.set(value, own);
    for (const [array, own] of this.arrays) clone.arrays.set(array, own);
    clone.values.set(index, at);
    for (const part of parts) clone.instruction(part);
    return clone;
  }
}

function groupsOf(loop: For): readonly Group[] {
  const { instructions } = loop.body;
  if (loop.step !== 1 || (tripCount(loop.from, loop.to, 1) ?? 0) < FEWEST_ITERATIONS || instructions.length > MOST_INSTRUCTIONS)
    return [];
  if (!instructions.some((i) => i.kind === "accumulate")) return [];
  if (!instructions.every((i) => i.kind === "let" || i.kind === "load" || i.kind === "store" || i.kind === "accumulate"))
    return [];
  if (loop.carried.length > 0 && !partsSums(loop)) return [];
  const written = new Set(writesOf(loop).map((write) => write.array));
  return neighbours(loop).flatMap((accesses) => {
    const group = groupOf(accesses.map((access) => ({ ...access, parts: partsOf(access.write, loop, written) })));
    return group ? [group] : [];
  });
}

function writesOf({ body }: For): (Store | Accumulate)[] {
  return body.instructions.filter((i) => i.kind === "store" || i.kind === "accumulate");
}

/** Do the loop's sums and its writes have nothing to do with each other? */
function partsSums(loop: For): boolean {
  const writes = writesOf(loop);
  const written = new Set(writes.map(({ array }) => array));
  const phis = new Set(loop.carried.map((c) => c.phi));
  return (
    !loop.body.instructions.some((i) => i.kind === "load" && written.has(i.array)) &&
    !slice(loop.body, writes, []).some((i) => operandsOf(i).some((value) => phis.has(value)))
  );
}

interface Access {
  readonly write: Accumulate;
  /** Of its index, which moves with the loop's own. */
  readonly constant: number;
}

/** Accumulates to arrays that the loop does nothing else with, those to accesses near each other together. */
function neighbours({ index, body: { instructions } }: For): Access[][] {
  const used = new Set(instructions.flatMap((i) => (i.kind === "load" || i.kind === "store" ? [i.array] : [])));
  const changing = new Set(instructions.flatMap((i) => ("result" in i ? [i.result] : [])));
  const moving = new Map<string, Access[]>();
  for (const write of instructions) {
    if (write.kind !== "accumulate" || used.has(write.array)) continue;
    const { constant, terms } = affine(write.index);
    if (terms.get(index) !== 1 || [...terms.keys()].some((value) => changing.has(value))) continue;
    const key = [write.array.id, ...[...terms].map(([value, factor]) => `${value.id}*${factor}`).sort()].join();
    moving.set(key, [...(moving.get(key) ?? []), { write, constant }]);
  }
  return [...moving.values()].flatMap((accesses) => {
    const clusters: Access[][] = [];
    for (const access of accesses.sort((a, b) => a.constant - b.constant)) {
      const last = clusters.at(-1);
      if (last && access.constant - last.at(-1)!.constant <= FURTHEST) last.push(access);
      else clusters.push([access]);
    }
    return clusters;
  });
}

/** Around the access whose contributions cannot be moved, or else around the middle. */
function groupOf(accesses: readonly (Access & Pick<Member, "parts">)[]): Group | undefined {
  const fixed = new Set(accesses.filter(({ parts }) => !parts).map(({ constant }) => constant));
  if (fixed.size > 1) return undefined;
  const [centre] = fixed.size ? fixed : [accesses[accesses.length >> 1].constant];
  const group = accesses
    .map(({ write, constant, parts }) => ({ write, distance: constant - centre, parts }))
    .filter(({ distance }) => Math.abs(distance) <= FURTHEST);
  return group.some(({ distance }) => distance !== 0) ? group : undefined;
}

/** What computes an accumulate, where that is cheap and depends on nothing but the number of the iteration. */
function partsOf(write: Accumulate, { body }: For, written: ReadonlySet<ArrayDeclaration>): Instruction[] | undefined {
  const parts = slice(body, [write], []).filter((i) => i !== write);
  let cost = 0;
  for (const i of parts) {
    if (i.kind === "load" && written.has(i.array)) return undefined;
    if (i.kind === "load") cost += 1;
    if (i.kind === "let" && i.result.type !== "i32") cost += costOfLet(i);
  }
  return cost <= DEAREST ? parts : undefined;
}
