/** Writes functions by the grammar: the same of the same seed, on every machine. */
import { digests, ends, expressions, statements, type Context, type Kind } from "./grammar.ts";

/** What the function is to be: in place, out of place, of a number, or one that changes `u`. */
export const forms = ["rhs", "value", "loss", "event"] as const;
export type Form = (typeof forms)[number];

export interface Written {
  readonly seed: number;
  readonly form: Form;
  readonly body: string;
  /** Those it was made by. */
  readonly productions: ReadonlySet<string>;
}

/** Everyday programs take rows as often as people do, the others all of them nearly alike, and certain ones whatever comes. */
export interface Style {
  readonly statements: number;
  readonly flatness: number;
  /** By turns, from seed to seed. */
  readonly certain: number;
}

export const everyday: Style = { statements: 5, flatness: 1, certain: 0 };
export const rare: Style = { statements: 2, flatness: 0.25, certain: 2 };

export const parameters: Readonly<Record<Form, readonly string[]>> = {
  rhs: ["du", "u", "p", "t", "c"],
  value: ["u", "p", "t", "c"],
  loss: ["u", "p", "t", "c"],
  event: ["u", "p", "t", "c"],
};

export function write(seed: number, form: Form, style: Style): Written {
  const writer = new Writer(seed, form, style);
  return { seed, form, body: writer.function(), productions: writer.productions };
}

interface Production {
  readonly kind: Kind | "statement";
  readonly text: string;
  readonly where?: (context: Context) => boolean;
}

const table: readonly Production[] = [
  ...Object.entries(expressions).flatMap(([kind, rows]) => rows.map(([, text]) => ({ kind: kind as Kind, text }))),
  ...statements.map(([, text, where]) => ({ kind: "statement" as const, text, where })),
];

/** Of the whole grammar: "list: [...u]". */
export function productions(): string[] {
  return [
    ...table.map(({ kind, text }) => `${kind}: ${text}`),
    ...Object.entries(ends).flatMap(([form, rows]) => rows.map(([, begin, end]) => `${form}: ${begin} ${end}`)),
    ...Object.values(digests).map((text) => `digest: ${text}`),
  ];
}

/** Uniform between 0 and 1 (mulberry32, by T. Ettinger). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Variable {
  readonly name: string;
  readonly kind: Kind;
  readonly assignable: boolean;
}

const HOLE = /\$(\w+)([.=])?|%(\w)(?::(\w+)([.=]))?|@(\w+)(?::(\w+)(!)?)?|§/g;

/** Kinds that a row may ask for where expressions have to end. */
const SIMPLE: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  num: ["ix"],
  int: [],
  ix: [],
  text: ["ix"],
  bool: ["num", "int", "ix", "text"],
};
const OTHERS = ["num", "int", "ix", "text", "bool"];

const availableIn = new WeakMap<readonly Variable[], ReadonlySet<string>>();

interface Holes {
  readonly variables: readonly (readonly [kind: Kind, assignable: boolean])[];
  readonly asked: readonly string[];
}

const known = new Map<string, Holes>();

function holesOf(text: string): Holes {
  let holes = known.get(text);
  if (!holes) {
    const [variables, asked]: [[Kind, boolean][], string[]] = [[], []];
    for (const [, kind, how, , picked, pickedHow] of text.matchAll(HOLE)) {
      if (kind && how) variables.push([kind as Kind, how === "="]);
      else if (kind) asked.push(kind);
      else if (picked) variables.push([picked as Kind, pickedHow === "="]);
    }
    known.set(text, (holes = { variables, asked }));
  }
  return holes;
}

/** Is it a name, a call, or in parentheses, so that it can stand beside any operator? */
function isClosed(text: string): boolean {
  if (/^[\w.]+(\([^()]*\)|\[[^[\]]*\])*$/.test(text)) return true;
  let depth = 0;
  for (let i = 0; i < text.length - 1; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")") depth--;
    if (depth === 0) return false;
  }
  return text.endsWith(")");
}

class Writer {
  readonly productions = new Set<string>();
  private readonly random: () => number;
  private scope: Variable[] = [];
  private count = 0;
  private depth = 0;
  private context: Context;
  private readonly begin: string;
  private readonly end: string;
  /** What the next expression of its kind is to be. */
  private certain: Production | undefined;

  constructor(
    private readonly seed: number,
    private readonly form: Form,
    private readonly style: Style,
  ) {
    this.random = randomNumbers(seed);
    this.context = { inLoop: false, isOuter: true, form };
    const [begin, end] = this.pick(form, ends[form], ([, begin, end]) => `${begin} ${end}`).slice(1);
    [this.begin, this.end] = [begin as string, end as string];
  }

  function(): string {
    const gate = this.random() < 0.25;
    const nested = gate && (this.form === "rhs" || this.form === "event");
    const outside = gate ? [`if (t < 0.6 || t > 0.9) ${this.exit("t")}`] : [];
    const lines = [
      this.row("let @x:num! = $num;"),
      this.row("let @n:int! = 1;"),
      ...["const @l:list! = $list;", "const @w:typed! = $typed;", "let @y:num! = $num;"]
        .filter(() => this.random() < 0.4)
        .map((text) => this.row(text)),
      ...Array.from({ length: this.style.certain }, (_, k) => table[(this.seed * this.style.certain + k) % table.length]).flatMap(
        (production) => this.having(production),
      ),
      ...this.some(1 + Math.floor(this.random() * this.style.statements * 2)),
      "let s = 0;",
      ...this.scope.filter(() => this.random() < 0.8).flatMap(({ name, kind }) => this.digest(name, digests[kind])),
      this.exit("s"),
    ];
    const all = nested
      ? [this.form === "rhs" ? "du.fill(0);" : "", "if (t > 0.6 && t < 0.9) {", this.begin, ...lines, "}"]
      : [this.begin, ...outside, ...lines];
    return all.filter(Boolean).join("\n");
  }

  /** Statements that contain a production, after those that declare its variables; none where it has no place. */
  private having(production: Production): string[] {
    const { kind, text, where } = production;
    const context = [this.context, { ...this.context, inLoop: true }, { ...this.context, isOuter: false }].find(
      (each) => !where || where(each),
    );
    if (!context) return [];
    const needed = holesOf(text).variables.filter(([each, assignable]) => !this.candidates(each, assignable).length);
    const lines = needed.flatMap(([each]) => this.declared(each));
    if (kind !== "statement") {
      this.certain = production;
      return [...lines, ...this.declared(kind)];
    }
    this.productions.add(`${kind}: ${text}`);
    const [outer, before] = [this.scope, this.context];
    this.context = context;
    const line = this.row(text);
    this.context = before;
    if (context === before) return [...lines, line];
    this.scope = outer;
    const name = `k${this.count++}`;
    if (context.inLoop) return [...lines, `for (let ${name} = 0; ${name} < 3; ${name}++) { ${line} }`];
    return [...lines, `const ${name} = (x) => { ${line} return x; };`, `${name}(0.5);`];
  }

  /** A variable of a kind, where there is none. */
  private declared(kind: Kind): string[] {
    if (kind !== "class") return [this.row(`let @x:${kind}! = $${kind};`)];
    return this.having(table.find(({ text }) => text.startsWith("class"))!);
  }

  private digest(name: string, text: string | undefined): string[] {
    if (!text) return [];
    this.productions.add(`digest: ${text}`);
    return [text.replaceAll(/%(?!\d| [\d(])/g, name)];
  }

  private some(count: number): string[] {
    return Array.from({ length: count }, () => this.statement());
  }

  private statement(): string {
    const rows = statements.filter(([, text, where]) => (!where || where(this.context)) && this.applies(text, this.depth < 3));
    return this.row(this.pick("statement", rows)[1]);
  }

  private applies(text: string, mayNest: boolean): boolean {
    const { variables, asked } = holesOf(text);
    if (!mayNest && asked.some((kind) => /^(block|loop|stmts|body)$/.test(kind))) return false;
    return variables.every(([kind, assignable]) => this.available.has(assignable ? `${kind}=` : kind));
  }

  /** Kinds of the variables in scope, and with a `=` of those that can be assigned to. */
  private get available(): ReadonlySet<string> {
    let known = availableIn.get(this.scope);
    if (!known) {
      known = new Set(this.scope.flatMap(({ kind, assignable }) => (assignable ? [kind, `${kind}=`] : [kind])));
      availableIn.set(this.scope, known);
    }
    return known;
  }

  private candidates(kind: Kind, assignable: boolean): Variable[] {
    return this.scope.filter((variable) => variable.kind === kind && (!assignable || variable.assignable));
  }

  private pick<T extends readonly [number, string, ...unknown[]]>(
    kind: string,
    rows: readonly T[],
    textOf: (row: T) => string = ([, text]) => text,
  ): T {
    const weights = rows.map(([weight]) => weight ** this.style.flatness);
    let left = this.random() * weights.reduce((sum, weight) => sum + weight, 0);
    const row =
      rows[
        Math.max(
          0,
          weights.findIndex((weight) => (left -= weight) < 0),
        )
      ];
    this.productions.add(`${kind}: ${textOf(row)}`);
    return row;
  }

  /** Fills the holes of a statement. */
  private row(text: string): string {
    const outer = this.scope;
    const staying: Variable[] = [];
    const filled = this.fill(text, 2, staying);
    this.scope = [...outer, ...staying];
    return filled;
  }

  private expression(kind: Kind, depth: number): string {
    const outer = this.scope;
    const { certain } = this;
    if (certain?.kind === kind) {
      this.certain = undefined;
      this.productions.add(`${kind}: ${certain.text}`);
      const text = this.fill(certain.text, depth, []);
      this.scope = outer;
      return isClosed(text) ? text : `(${text})`;
    }
    const allowed = SIMPLE[kind] ?? OTHERS;
    const rows = expressions[kind].filter(
      ([, text]) => this.applies(text, depth > 0) && (depth > 0 || holesOf(text).asked.every((asked) => allowed.includes(asked))),
    );
    const text = this.fill(this.pick(kind, rows)[1], depth - 1, []);
    this.scope = outer;
    return isClosed(text) ? text : `(${text})`;
  }

  private fill(text: string, depth: number, staying: Variable[]): string {
    const named = new Map<string, string>();
    const outer = this.scope;
    const assignable = /^(let|var)\b/.test(text);
    return text.replace(HOLE, (hole, kind, how, picked, pickedKind, pickedHow, fresh, freshKind, stays) => {
      if (hole === "§") return ((this.scope = outer), "");
      if (kind) return how ? this.variable(kind, how === "=") : this.hole(kind, depth);
      const key = picked ? `%${picked}` : `@${fresh}`;
      if (picked && pickedKind) named.set(key, this.variable(pickedKind, pickedHow === "="));
      else if (fresh && !named.has(key)) {
        const name = `${fresh}${this.count++}`;
        named.set(key, name);
        if (freshKind && stays) staying.push({ name, kind: freshKind, assignable });
        else if (freshKind) this.scope = [...this.scope, { name, kind: freshKind, assignable: false }];
      }
      return named.get(key)!;
    });
  }

  private variable(kind: Kind, assignable: boolean): string {
    const candidates = this.candidates(kind, assignable);
    // Of what came last rather more often.
    return candidates[Math.floor(candidates.length * Math.sqrt(this.random()))].name;
  }

  private hole(kind: string, depth: number): string {
    switch (kind) {
      case "block":
        return `{ ${this.statements(this.context)} }`;
      case "loop":
        return `{ ${this.statements({ ...this.context, inLoop: true })} }`;
      case "stmts":
        return this.statements(this.context);
      case "body":
        return this.statements({ ...this.context, inLoop: false, isOuter: false });
      case "exit":
        return this.exit("0");
      default:
        return this.expression(kind as Kind, depth);
    }
  }

  private statements(context: Context): string {
    const [outer, before] = [this.scope, this.context];
    this.context = context;
    this.depth++;
    const lines = this.some(1 + Math.floor(this.random() * 2.5));
    this.depth--;
    this.context = before;
    this.scope = outer;
    return lines.join(" ");
  }

  /** Gives a value and returns. */
  private exit(value: string): string {
    return this.fill(this.end.replaceAll("^", value), 2, []);
  }
}
