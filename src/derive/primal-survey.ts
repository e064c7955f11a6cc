/** Where everything in a program is: what the questions about its adjoint are asked of. */
import { memo } from "../core/memo.ts";
import { tripCount } from "../ir/builder.ts";
import type {
  Accumulate,
  ArrayDeclaration,
  Block,
  Call,
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

/** A block and the construct that owns it; the function's own block has none. */
export interface Region {
  readonly block: Block;
  readonly owner?: If | For | While;
  readonly outer?: Region;
  /** Position of the owner in the outer block. */
  readonly position: number;
}

export type Origin =
  | { readonly kind: "instruction"; readonly instruction: Let | Load }
  | { readonly kind: "index"; readonly loop: For }
  | { readonly kind: "phi"; readonly loop: For | While }
  | { readonly kind: "result"; readonly instruction: If | For | While };

export interface Access<I> {
  readonly instruction: I;
  readonly region: Region;
  readonly position: number;
}

interface Accesses {
  readonly loads: Access<Load>[];
  readonly stores: Access<Store>[];
  readonly accumulates: Access<Accumulate>[];
  readonly fills: Access<Fill>[];
  /** Calls that read or write it. */
  readonly calls: Access<Call>[];
}

export class PrimalSurvey {
  readonly root: Region;
  readonly regions = new Map<Block, Region>();
  /** Where a value is defined, and by what; parameters have no entry. */
  readonly origins = new Map<Value, { readonly origin: Origin; readonly region: Region }>();
  /** How often a value is used. */
  protected readonly uses = new Map<Value, number>();
  readonly accessesOf = memo((_array: ArrayDeclaration): Accesses => ({
    loads: [],
    stores: [],
    accumulates: [],
    fills: [],
    calls: [],
  }));

  constructor(program: Program) {
    this.root = { block: program.body, position: 0 };
    this.survey(this.root);
  }

  /** Is a value kept or available where the forward and the reverse sweep share a scope? Then no cache is needed. */
  isTopLevel(region: Region): boolean {
    return region.outer === undefined;
  }

  /** Does every loop around a region run a known number of times? */
  isStatic(region: Region): boolean {
    for (let p: Region | undefined = region; p; p = p.outer) {
      if (p.owner?.kind === "while") return false;
      if (p.owner?.kind === "for" && tripCount(p.owner.from, p.owner.to, p.owner.step) === undefined) return false;
    }
    return true;
  }

  /** The counted loops around a region, outermost first. */
  loopsAround(region: Region): For[] {
    const loops: For[] = [];
    for (let p: Region | undefined = region; p; p = p.outer) if (p.owner?.kind === "for") loops.unshift(p.owner);
    return loops;
  }

  protected isWithin(region: Region, block: Block): boolean {
    for (let p: Region | undefined = region; p; p = p.outer) if (p.block === block) return true;
    return false;
  }

  /** Is a region within a loop? */
  protected loopsOver(region: Region): boolean {
    for (let p: Region | undefined = region; p; p = p.outer) if (isLoop(p)) return true;
    return false;
  }

  /** Does the first access always run before the second, and never after it, within one run of `scope`? */
  protected isBefore(first: Access<Instruction>, second: Access<Instruction>, scope: Region): boolean {
    const a = chain(first);
    const b = chain(second);
    let common = 0;
    while (common < a.length && common < b.length && a[common].region === b[common].region) {
      const loops = a[common].region !== scope && isLoop(a[common].region) && this.isWithin(a[common].region, scope.block);
      if (loops) return false;
      if (a[common].position !== b[common].position) return a[common].position < b[common].position;
      common++;
    }
    return false;
  }

  private use(...values: readonly Value[]): void {
    for (const value of values) this.uses.set(value, (this.uses.get(value) ?? 0) + 1);
  }

  private survey(region: Region): void {
    this.regions.set(region.block, region);
    this.use(...region.block.yields);
    region.block.instructions.forEach((i, position) => {
      switch (i.kind) {
        case "let":
          this.use(...i.args);
          this.origins.set(i.result, { origin: { kind: "instruction", instruction: i }, region });
          break;
        case "load":
          this.use(i.index);
          this.origins.set(i.result, { origin: { kind: "instruction", instruction: i }, region });
          this.accessesOf(i.array).loads.push({ instruction: i, region, position });
          break;
        case "store":
          this.use(i.index, i.value);
          this.accessesOf(i.array).stores.push({ instruction: i, region, position });
          break;
        case "accumulate":
          this.use(i.index, i.value);
          this.accessesOf(i.array).accumulates.push({ instruction: i, region, position });
          break;
        case "fill":
          this.use(i.value);
          this.accessesOf(i.array).fills.push({ instruction: i, region, position });
          break;
        case "if":
          this.use(i.condition);
          for (const block of [i.then, i.else]) this.survey({ block, owner: i, outer: region, position });
          for (const result of i.results) this.origins.set(result, { origin: { kind: "result", instruction: i }, region });
          break;
        case "for":
        case "while": {
          this.use(...i.carried.map((c) => c.initial));
          const body: Region = { block: i.body, owner: i, outer: region, position };
          if (i.kind === "for") this.origins.set(i.index, { origin: { kind: "index", loop: i }, region: body });
          for (const c of i.carried) this.origins.set(c.phi, { origin: { kind: "phi", loop: i }, region: body });
          if (i.kind === "while") this.survey({ block: i.condition, owner: i, outer: region, position });
          this.survey(body);
          for (const result of i.results) this.origins.set(result, { origin: { kind: "result", instruction: i }, region });
          break;
        }
        case "call":
          for (const argument of i.args) {
            this.use("array" in argument ? argument.offset : argument);
            if ("array" in argument) this.accessesOf(argument.array).calls.push({ instruction: i, region, position });
          }
      }
    });
  }
}

function isLoop(region: Region): boolean {
  return region.owner !== undefined && region.owner.kind !== "if";
}

/** The regions around an access, outermost first, each with the position in it that leads to the access. */
function chain(access: Access<Instruction>): { readonly region: Region; readonly position: number }[] {
  const links = [{ region: access.region, position: access.position }];
  for (let p = access.region; p.outer; p = p.outer) links.unshift({ region: p.outer, position: p.position });
  return links;
}
