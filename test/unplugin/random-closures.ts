/** Writes closures at random: nested functions, blocks and loops, shadowed names, what can be declared, and right-hand sides that use it. */

/** A number from 0 up to 1. */
type Random = () => number;

/** What can be declared, with the expressions that give numbers of it. `n`: its name; `v`: numbers; `e`: an expression of numbers in scope. */
type Declaration = (n: string, v: Random, e: string) => readonly [text: string, expression: string];

const declarations: readonly Declaration[] = [
  (n, v, e) => [`const ${n} = ${v()} + 0.5 * (${e});`, n],
  (n, v) => [`let ${n} = ${v()}; ${n} += 0.25;`, n],
  (n, v) => [`var ${n}v = ${v()}; ${n}v *= 0.5;`, `${n}v`],
  (n, v) => [`const ${n} = [${v()}, ${v()}];`, `${n}[1]`],
  (n, v) => [`const ${n} = Float64Array.of(${v()}, ${v()});`, `${n}[1]`],
  (n, v) => [`const ${n} = { a: { b: ${v()} }, c: "text" };`, `${n}.a.b`],
  (n, v) => [`const { x: { y: ${n} = ${v()} } = {} } = { x: {} };`, n],
  (n, v) => [`const [, ${n} = ${v()}, ...rest_${n}] = [1, ${v()}, 2];`, n],
  (n, v, e) => [`const ${n} = (x, k = ${e}) => x * ${v()} + k * 0.25;`, `${n}(0.5)`],
  (n, v, e) => [
    `function ${n}(x) { let s = ${v()}; for (let i = 0; i < 3; i++) s += x * (${e}) * i * 0.125; return s; }`,
    `${n}(0.5)`,
  ],
  (n, v) => [`class ${n} { static s = ${v()}; static h(x) { return this.s * x; } }`, `${n}.h(0.25)`],
  (n, v) => [
    `class ${n}C { k = ${v()}; static s = ${v()}; get g() { return this.k / 2; } f(x) { return this.g * x + ${n}C.s; } } const ${n} = new ${n}C();`,
    `${n}.f(0.5)`,
  ],
  (n, v, e) => [`const ${n} = { k: ${v()}, m(x) { return this.k * x + (${e}) * 0.125; } };`, `${n}.m(0.5)`],
  (n, v) => [`const ${n} = { k: ${v()}, m(y, x) { return this.k * x + y; } }, ${n}b = ${n}.m.bind(${n}, ${v()});`, `${n}b(0.5)`],
  (n, v) => [`const ${n} = new Gain(${v()});`, `${n}.of(0.5)`],
  (n, v) => [`const ${n} = ${v()};`, `scaled(${n})`],
  (n, v) => [`const ${n} = ${v()};`, `${n} * helpers.offset.deep.value`],
];

/** Around what is declared, within. */
const surroundings: readonly ((inner: string, k: number, v: Random) => string)[] = [
  (inner) => `{ ${inner} }`,
  (inner) => `return (() => { ${inner} })();`,
  (inner, k, v) => `for (const i${k} of [${v()}]) { ${inner} }`,
  (inner, k, v) => `try { throw ${v()}; } catch (e${k}) { ${inner} }`,
  (inner, k, v) => `return (function (a${k} = ${v()}) { if (a${k} !== 77) { ${inner} } })();`,
];

/** Of u' = (p c / 4 - 1) u, c being a sum of what is captured. */
const rightHandSides: readonly ((sum: string, first: string) => string)[] = [
  (sum) => `(u, p) => [p[0] * (${sum}) * u[0] * 0.25 - u[0]]`,
  (sum) => `function (du, u, p) { const c = ${sum}; du[0] = p[0] * c * u[0] * 0.25 - u[0]; }`,
  (sum) =>
    `(u, p) => { let s = 0; for (let j = 0; j < 2; j++) { const f = (x) => x * (${sum}); s += f(p[0]) / 8; } return [s * u[0] - u[0]]; }`,
  (sum, first) => `(u, p, t, c, k = ${first}) => [p[0] * (${sum} + 0 * k) * u[0] * 0.25 - u[0]]`,
  (sum) => `(u, p) => { { const v9 = 2; var q = v9 / 2; } return [1].map((x) => p[0] * (${sum}) * u[0] * 0.25 * x - u[0] * q); }`,
  (sum) =>
    `(() => { const host = { k: 1, rhs(u, p) { return [p[0] * (${sum}) * u[0] * 0.25 * this.k - u[0]]; } }; return host.rhs.bind(host); })()`,
];

/**
 * The text of a function of a number k, which gives a right-hand side, what c is, and a function that sets k. It uses `tanh`, `scaled`, `Gain` and
 * `helpers` of its module.
 */
export function randomClosure(random: Random): string {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const v = (): number => Math.round((random() * 2 - 1) * 64) / 32 || 0.5;
  let made = 0;
  const nameIn = (outer: ReadonlyMap<string, string>): string =>
    random() < 0.3 && outer.size > 0 ? one([...outer.keys()]) : `v${made++}`;
  const within = (depth: number, outer: ReadonlyMap<string, string>): string => {
    const scope = new Map(outer);
    let text = "";
    const own = new Set(Array.from({ length: 1 + Math.floor(random() * 3) }, () => nameIn(outer)));
    // What is declared further down is not there yet, nor what it shadows.
    for (const name of own) scope.delete(name);
    for (const name of own) {
      const [declared, expression] = one(declarations)(name, v, scope.size > 0 ? one([...scope.values()]) : "1");
      text += `${declared}\n`;
      scope.set(name, expression);
    }
    if (depth > 0) return text + one(surroundings)(within(depth - 1, scope), depth, v);
    const used = [...scope.values()].slice(-4);
    for (const extra of ["tanh(0.5)", "state.k", "k"]) if (random() < 0.4) used.push(extra);
    const sum = used.map((expression, i) => `${0.25 + 0.125 * i} * (${expression})`).join(" + ");
    return `${text}return { rhs: ${one(rightHandSides)(sum, used[0])}, c: () => ${sum}, set };`;
  };
  const body = within(Math.floor(random() * 4), new Map());
  return `(k) => {\nconst state = { k: k / 2 };\nconst set = (next) => { k = next; state.k = next / 2; };\n${body}\n}`;
}
