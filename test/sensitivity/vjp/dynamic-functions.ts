/**
 * Functions (u, p, t, constants) => du, of three states and two parameters, in the full variety of the language, and whether their
 * derivatives are carried or refused. As text: what is traced is JavaScript, not what a compiler makes of TypeScript.
 */
import { CapturedVariable, UnreadableConstruct } from "../../../src/read/syntax/errors.ts";
import { Untraceable } from "../../../src/tape/numbers/errors.ts";
import { type OdegradError } from "../../../src/core/errors.ts";

export interface DynamicFunction {
  readonly name: string;
  readonly rhs: string;
  /** An expression, with {@link declared} in scope. */
  readonly constants?: string;
  /** The error; without one, the derivative is right. */
  readonly refused?: new (...args: never[]) => OdegradError;
}

/** What constants are made of. */
export const declared = `
class Spring {
  constructor(k, rest = 0.1) { this.k = k; this.rest = rest; }
  force(x) { return x > this.rest ? -this.k * (x - this.rest) : 0.5 * x; }
  get double() { return 2 * this.k; }
  set stiffness(k) { this.k = k; }
  static unit(x) { return new this(x).force(x); }
}
class Damped extends Spring {
  force(x) { return super.force(x) * 0.5; }
}
class Hidden {
  #k = 2;
  rate(x) { return x ? this.#k * x : 0; }
  get twice() { return 2 * this.#k; }
}
function Old(k) { this.k = k; }
Old.prototype.rate = function (x) { return x ? this.k * x : 1; };
const shared = new Float64Array([1, 2, 3, 4, 5, 6]);
const bytes = new Float64Array(4);
`;

/** Keywords with no blank before or after an operand, as minifiers leave them. */
const withoutBlanks: Readonly<Record<string, string>> = {
  "return(": "u=>{const f=x=>{if(x>9)return 0;return(x-1)**2};return[f(u[0]),u[1]**2,0]}",
  "return-": "u=>{const f=x=>{return-(x*x)};return[f(u[0]),u[1]*u[1],0]}",
  "return+ and ~": "u=>{const f=x=>{return+x},g=x=>{return~x};return[f(u[0])*u[0],g(u[1]*3)*u[1],0]}",
  "return with a watched method": "u=>{const f=()=>{return[u[0],u[1]].map(x=>x*x)};return[...f(),0]}",
  case: "u=>{switch(+(u[0]>0)){case-1:return[0,0,0];case+true:return[u[0]**3,u[1],0];case(0):return[u[1]*u[0],u[2],0]}}",
  'case"': 'u=>{switch(typeof(u[0])){case"string":return[0,0,0];case"number":return[u[0]**3,u[1],0]}}',
  "typeof, void and delete":
    "u=>{const o={k:u[0]*2,l:u[1]},n=typeof-u[0]==='number'?1:2;void-u[0];void(u[1]**2);delete[o][0].l;return[o.k*n,'l'in o?1:u[1]**2,0]}",
  "in and of":
    "u=>{let s=0;for(const x of[u[0],-u[1]].map(x=>x*x))s+=x;for(const k in[u[0],u[1]].map(x=>x))s*=u[k];const o={a:s};return[s,'a'in o?u[1]*2:0,[0]in[1]?u[2]**2:0]}",
  throw: "u=>{try{throw-u[0]*u[1]}catch(e){try{throw[e].map(x=>x*2)}catch([f]){return[e,f,f*u[2]]}}}",
  new: "u=>{const a=new(Array)(3).fill(u[0]*u[0]),b=new Float64Array([u[1]]);class A{constructor(x){this.x=x}}return[a[2],b[0]**2,new(A)(u[2]).x**2]}",
  yield:
    "u=>{function*g(){yield-u[0];yield(u[1])**2;yield[u[2]].at(0)*2;yield*[u[0]].map(x=>x*3)}const[a,b,c,d]=g();return[a*d,b,c]}",
  "else and do":
    "u=>{let s=u[0],i=0;do-s>9||(s*=2);while(++i<3);if(u[0]>9)s=0;else-s>0?s=u[1]*s:s**=2;do(s+=u[1]**2);while(i-->0)return[s,u[1],0]}",
  instanceof:
    "u=>{const x=[u[0]*u[0]];return[x instanceof(Array)?x[0]:0,u[1]instanceof Array?0:u[1]**2,[u[2]]instanceof Array?u[2]*u[0]:0]}",
  extends:
    "u=>{class A{f(x){return-x*x}}class B extends(A){f(x){return-super.f(x)}static g(x){return(x)**2}}return[new B().f(u[0]),B.g(u[1]),new(B)().f(u[2])]}",
  "braces of an assignment": "u=>{let a,b;({a,b}={a:u[0]*2,b:u[1]});[a,b]=[b*a,a];return[a,b,0]}",
  "a function that stands alone": "u=>{(function(){});(class{});(()=>0)();return[u[0]**2,u[1],0]}",
  "let and const": "u=>{const[a,b]=u,{[0]:c}=[u[2]**2];let[d=-a]=[];var{e=-b}={};return[a*d,b*e,c]}",
  "get and static":
    'u=>{const k="v",o={get[k](){return-u[0]},set[k](x){u[1]=x}};class A{static[k+1]=u[2]**2;static{this.w=-u[1]}}return[o.v**2,A.w,A.v1]}',
};

export const ofLanguage: readonly DynamicFunction[] = [
  ...Object.entries(withoutBlanks).map(([name, rhs]) => ({ name: `without blanks: ${name}`, rhs })),
  {
    name: "Set of numbers",
    rhs: "(u, p) => { let s = 0; for (const v of new Set([u[0], u[1], p[0]])) s += v * v; return [s, 0, 0]; }",
  },
  {
    name: "Set operations",
    rhs: `(u, p) => {
      const a = new Set([u[0], u[1]]);
      const b = new Set([u[1], p[0]]);
      let s = 0;
      a.forEach((v) => s += v ** 3);
      for (const v of [...a].filter((x) => b.has(x))) s *= v;
      return [s, a.size, [...b.keys()].reduce((x, y) => x + y)];
    }`,
  },
  {
    name: "Map keys",
    rhs: `(u) => {
      const m = new Map([[u[0], 1], [u[1], 2]]);
      let s = 0;
      for (const [k, v] of m) s += k * k * v;
      m.forEach((v, k) => s += v * k);
      return [s, m.get(u[0]), [...m.keys()][1]];
    }`,
  },
  {
    name: "Map deleted key",
    rhs: `(u) => {
      const m = new Map([[u[0], 1]]);
      m.delete(u[0]);
      m.set(u[0] * 1, 5);
      return [[...m.keys()][0], m.size, [...m][0][0] ** 2];
    }`,
  },
  {
    name: "dictionary",
    rhs: `(u) => {
      const o = {};
      o[u[0]] = u[1];
      let s = 0;
      for (const k in o) s += Number(k) * o[k];
      return [s, Object.keys(o).length, o[u[0]]];
    }`,
  },
  {
    name: "text and back",
    rhs: `(u) => {
      const s = [u[0], u[1]].join(" ").split(" ").map(Number).reduce((s2, v) => s2 + v * v, 0);
      return [s, 0, 0];
    }`,
  },
  { name: "text by template", rhs: `(u, p) => [Number(\`\${u[0]}\`) * p[0], +String(u[1]), parseFloat(u[2] + "")]` },
  { name: "parseFloat", rhs: "(u) => [Number.parseFloat(u[0]) ** 2, parseFloat(u[1]), 0]" },
  { name: "parseInt", rhs: "(u) => [parseInt((u[0] * 10)) * u[1], Number.parseInt(u[2], 10), 0]" },
  { name: "toFixed shown only", rhs: "(u) => { const label = u[0].toFixed(2); return [label.length * u[0], u[1], u[2]]; }" },
  { name: "toFixed read", rhs: "(u) => [Number(u[0].toFixed(2)) * u[0], u[1], 0]" },
  {
    name: "toPrecision read with all digits",
    rhs: "(u) => [Number((u[0] / 3).toPrecision(14)), u[1], 0]",
    refused: Untraceable,
  },
  {
    name: "digits",
    rhs: `(u) => {
      let s = 0;
      for (const ch of String(u[0] / 3)) s = s * 10 + (ch.charCodeAt(0) - 48);
      return [s, 0, 0];
    }`,
    refused: Untraceable,
  },
  { name: "text cut", rhs: "(u) => [Number(String(u[0] / 3).slice(0, 12)), 0, 0]", refused: Untraceable },
  { name: "text doubled", rhs: `(u) => [Number(\`\${u[0]}e1\`), 0, 0]`, refused: Untraceable },
  {
    name: "text of a coincidence",
    rhs: `(u) => { const s = String(u[0]); return [Number("0.7123") * u[1] + s.length, 0, 0]; }`,
    refused: Untraceable,
  },
  {
    name: "JSON",
    rhs: `(u) => {
      const o = JSON.parse(JSON.stringify({ a: u[0], b: [u[1], 3] }));
      return [o.a * o.b[0] * o.b[1], 0, 0];
    }`,
  },
  {
    name: "JSON of a typed array",
    rhs: "(u) => { const o = JSON.parse(JSON.stringify(u.slice())); return [o[0] * o[1], 0, 0]; }",
  },
  {
    name: "structuredClone",
    rhs: `(u, p) => {
      const row = [u[0], u[1]];
      const copy = structuredClone({ rows: [row, row], all: u, named: new Map([["a", u[2]]]), seen: new Set([1, 2]) });
      copy.rows[0][0] *= p[0];
      copy.all[1] = 3;
      return [copy.rows[1][0] * row[0], copy.all[1] * u[1] + copy.seen.size, copy.named.get("a") ** 2];
    }`,
  },
  { name: "text compared", rhs: `(u) => [String(u[0]) < String(u[1]) ? u[0] : u[1], \`\${u[0]}\` === "0.7123" ? 1 : u[2], 0]` },
  {
    name: "number methods",
    rhs: "(u) => [u[0].valueOf() * 2, u[0].toString(2).slice(-9).length * u[1], (u[0].toExponential(), u[0].toPrecision(3), u[0].toLocaleString(), u[2])]",
  },
  {
    name: "duck typing",
    rhs: `(u) => [(u[0].value ?? u[0]) * 2, (u[1].position ?? 3) * u[1], "x" in Object(1) ? 1 : Object.keys(u[0]).length]`,
  },
  { name: "spread of a number", rhs: "(u) => [Object.keys({ ...(u[0]) }).length + u[0], Object.entries(u[1]).length, 0]" },
  {
    name: "constructor",
    rhs: "(u) => [u[0].constructor === Number ? u[0] : 0, [].constructor === Array ? u[1] : 0, {}.constructor === Object ? u[2] : 0]",
  },
  {
    name: "subarray views",
    rhs: `(u) => {
      const a = new Float64Array(6);
      const v = a.subarray(1, 4);
      const w = v.subarray(1);
      a.set(u);
      v[0] = u[0] * u[1];
      w[1] *= 2;
      w.fill(u[2], 0, 1);
      return [a[1], a[2] * a[3], v.length + w.length];
    }`,
  },
  {
    name: "views by buffer",
    rhs: `(u) => {
      const a = new Float64Array(3);
      a.set(u);
      const b = new Float64Array(a.buffer, 8, 2);
      b[0] = 3 * u[0];
      return a;
    }`,
    refused: Untraceable,
  },
  {
    name: "DataView",
    rhs: `(u) => {
      const d = new DataView(new ArrayBuffer(8));
      d.setFloat64(0, u[0]);
      return [d.getFloat64(0), 0, 0];
    }`,
    refused: UnreadableConstruct,
  },
  {
    name: "Float32Array",
    rhs: "(u) => { const a = new Float32Array(3); a[0] = u[0]; return [a[0], 0, 0]; }",
    refused: Untraceable,
  },
  {
    name: "Int32Array holds rounded",
    rhs: `(u) => {
      const a = new Int32Array(3);
      a[0] = u[0] * 10;
      a[1] += u[2] * 3;
      return [a[0] * u[1], a[1], 0];
    }`,
  },
  { name: "Int32Array.of", rhs: "(u) => [Int32Array.of(u[0] * 3)[0], 0, 0]", refused: Untraceable },
  { name: "bits", rhs: "(u) => [(u[0] * 10) | 0, ((u[1] * 10) >> 1) + ~~(u[2] * 5), ((u[2] * 100) & 7) ^ ~(u[0] * 3)]" },
  { name: "unsigned shift", rhs: "(u) => [((u[1] * 10) >>> 1) / 2 ** 31, (u[0] * 10) << 2, u[0]]" },
  { name: "sort", rhs: "(u) => [...u].sort((a, b) => a - b)" },
  { name: "sort typed", rhs: "(u) => Float64Array.from(u).sort()" },
  { name: "sort by text", rhs: "(u) => [...u].map((x) => x * 10).sort()" },
  {
    name: "toSorted toReversed with",
    rhs: "(u) => { const a = u.toSorted(); const b = a.toReversed(); return b.with(1, u[0] * b[0]); }",
  },
  { name: "sort boolean comparator", rhs: "(u) => [...u].sort((a, b) => ((a > b)))" },
  {
    name: "indexOf includes",
    rhs: "(u) => [[u[0], u[1]].indexOf(u[1]) * u[0], [1, u[2]].includes(u[2]) ? u[0] : 0, [u[0], u[0]].lastIndexOf(u[0]) + [NaN].indexOf(NaN) + Number([NaN].includes(NaN))]",
  },
  {
    name: "indexOf with from",
    rhs: `(u) => {
      const a = [u[0], u[1], u[0]];
      return [a.indexOf(u[0], 1), a.indexOf(u[0], -1), a.lastIndexOf(u[0], -2)];
    }`,
  },
  {
    name: "Object.is",
    rhs: "(u) => [Object.is(u[0], u[0]) ? u[0] : 1, Object.is(u[0] * 0, -0) ? 1 : u[1], Object.is(u[0], u[1]) ? 1 : Object.is(NaN, u[0] * NaN) ? u[2] : 3]",
  },
  {
    name: "Number.isFinite isNaN",
    rhs: "(u) => [Number.isFinite(u[0]) ? u[0] ** 2 : 0, isNaN(u[1]) || Number.isNaN(u[0] / 0) ? 0 : u[1], Number.isInteger(u[0]) ? 1 : u[2]]",
  },
  {
    name: "isFinite as callback",
    rhs: "(u) => [[u[0], Infinity, u[1]].filter(Number.isFinite).length * u[0], [u[0], 0].filter(Boolean).length * u[1], [u[0], u[1]].every(isFinite) ? u[2] : 0]",
  },
  {
    name: "switch",
    rhs: `(u) => {
      switch (u[0] * 0 + 2) {
        case u[1] * 0 + 2:
          return [u[0] ** 2, 1, u[2]];
        default:
          return [0, 0, 0];
      }
    }`,
  },
  {
    name: "switch true",
    rhs: `(u) => {
      switch (true) {
        case u[0] > 5:
          return [1, 1, 1];
        case u[1] < 0:
          return [u[0] * u[1], 1, u[2]];
        default:
          return [u[2], 0, 0];
      }
    }`,
  },
  {
    name: "switch default in the middle",
    rhs: `(u) => {
      let s = 0;
      switch (Math.floor(u[2])) {
        case 5:
          s += 1;
        default:
          s += u[0];
        case 7:
          s += u[1];
          break;
        case 9:
          s = 100;
      }
      return [s, 0, 0];
    }`,
  },
  {
    name: "typeof",
    rhs: `(u) => [typeof u[0] === "number" ? u[0] : 1, typeof (u[1] * 2) === "object" ? 1 : u[1], typeof u === "object" ? u[2] : 0]`,
  },
  { name: "spread into Math", rhs: "(u) => [Math.max(...u), Math.min(...u, 0.1), Math.hypot(u[0], u[1])]" },
  {
    name: "Math.max.apply, reduce",
    rhs: "(u) => [Math.max.apply(null, [...u]), u.reduce((a, b) => Math.max(a, b)), [...u].reduce((a, b) => a + b)]",
  },
  {
    name: "Math aliased",
    rhs: `(u) => {
      const { sin, cos: c } = Math;
      const M = Math;
      return [sin(u[0]), M["exp"](u[1]) * c(u[0]), [u[0], u[2]].map(Math.sqrt)[1]];
    }`,
  },
  {
    name: "Math all",
    rhs: "(u) => [Math.sinh(u[0]) + Math.cbrt(u[0]) + Math.log1p(u[2]) + Math.expm1(u[1]) + Math.atan2(u[0], u[1]), Math.sign(u[1]) * u[0] + Math.trunc(u[2] * 3) + Math.round(u[0] * 3) * u[1], Math.fround(0.5) + Math.clz32(u[2] * 9) + Math.imul(u[2] * 9, 3) + Math.log10(u[2]) + Math.log2(u[2])]",
  },
  { name: "Math.fround", rhs: "(u) => [Math.fround(u[0]) > 0 ? u[0] : 0, 0, 0]" },
  {
    name: "Math of text and nothing",
    rhs: `(u) => [Math.max("3", u[0]), Math.abs(null) + u[1], Math.min() === Infinity ? u[2] : 0]`,
  },
  { name: "Math.random", rhs: "(u) => [u[0] * Math.random(), 0, 0]", refused: Untraceable },
  {
    name: "destructuring",
    rhs: `(u, p) => {
      const [a, , b = 3, ...rest] = u;
      const { x, y: { z = a * 2 } = {}, ...others } = { x: p[0], w: u[1] };
      return [a * b, x * z, others.w + rest.length];
    }`,
  },
  {
    name: "swap",
    rhs: `(u) => {
      const a = [u[0], u[1]];
      [a[0], a[1]] = [a[1], a[0]];
      let x = u[0], y = u[1];
      [x, y] = [y, x];
      return [a[0] ** 2, x * 2, y];
    }`,
  },
  {
    name: "default parameters",
    rhs: `(u) => {
      const f = (x, y = x * 2, { k = 3 } = {}) => x * y * k;
      return [f(u[0]), f(u[1], void 0, { k: u[2] }), f(u[0], u[1])];
    }`,
  },
  {
    name: "class with accessors",
    rhs: `(u) => {
      class A {
        #v = 0;
        static s = 2;
        get v() {
          return this.#v * 2;
        }
        set v(x) {
          this.#v = x;
        }
        static {
          A.s = 3;
        }
        #f(x) {
          return this.#v * x;
        }
        f(x) {
          this.#v += 1;
          this.#v *= 2;
          return #v in this ? this.#f(x) : 0;
        }
      }
      const a = new A();
      a.v = u[0];
      return [a.v, a.f(u[1]), A.s * u[2]];
    }`,
  },
  {
    name: "private changed in a computed object",
    rhs: `(u) => {
      class A {
        #v = 0;
        static f(x) {
          const a = new A();
          ((() => a)()).#v += x;
          return a.#v;
        }
      }
      return [A.f(u[0]), 0, 0];
    }`,
    refused: UnreadableConstruct,
  },
  {
    name: "generators",
    rhs: `(u) => {
      function* g(n) {
        for (let i = 0; i < n; i++) yield u[i] * 2;
        return 0;
      }
      let s = 0;
      for (const v of g(3)) s += v * v;
      return [s, [...g(2)][1], 0];
    }`,
  },
  {
    name: "generator delegating",
    rhs: `(u) => {
      function* a() {
        const x = yield u[0];
        return x * 2;
      }
      function* b() {
        const r = yield* a();
        yield r;
        return 0;
      }
      const g = b();
      const first = g.next().value;
      const second = g.next(first * u[1]).value;
      return [first, second, 0];
    }`,
  },
  {
    name: "yield in a condition",
    rhs: `(u) => {
      function* g() {
        const x = u[0] > 0 && (yield u[1]);
        if (x) yield u[2];
      }
      return [[...g()].length, 0, 0];
    }`,
    refused: UnreadableConstruct,
  },
  {
    name: "iterator by hand",
    rhs: `(u) => {
      const it = { i: 0, [Symbol.iterator]() {
        return this;
      }, next() {
        return this.i < 3 ? { value: u[this.i++], done: false } : { value: 0, done: true };
      } };
      let s = 0;
      for (const v of it) s += v ** 2;
      return [s, 0, 0];
    }`,
  },
  { name: "recursion", rhs: "(u) => { const f = (n) => (n <= 0 ? u[0] : f(n - 1) * u[1] + u[2]); return [f(3), 0, 0]; }" },
  {
    name: "labels",
    rhs: `(u) => {
      let s = 0;
      outer: for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          if (j > i) continue outer;
          if (i + j > 3) break outer;
          s += u[i] * u[j];
        }
      }
      return [s, 0, 0];
    }`,
  },
  {
    name: "try, finally",
    rhs: `(u) => {
      let s = 0;
      const f = (x) => {
        try {
          if (x < 0) throw x;
          return x * 2;
        } catch (e) {
          return e * 3;
        } finally {
          s += x;
        }
      };
      return [f(u[0]), f(u[1]), s];
    }`,
  },
  {
    name: "finally that returns hides no refusal",
    rhs: `(u) => {
      const f = (x) => {
        try {
          return new Float32Array([x])[0];
        } finally {
          return 1;
        }
      };
      return [f(u[0]), 0, 0];
    }`,
    refused: Untraceable,
  },
  {
    name: "error with a number in its text",
    rhs: `(u) => {
      try {
        if (u[0] > 0) throw new Error(\`bad \${u[0]}\`);
        return [0, 0, 0];
      } catch (e) {
        return [e.message.slice(0, 3).length * u[1], 0, 0];
      }
    }`,
  },
  {
    name: "tagged template",
    rhs: `(u) => { const tag = (s, ...v) => s.length * v[0] * v[1]; return [tag\`a\${u[0]}b\${u[1]}\`, 0, 0]; }`,
  },
  {
    name: "Symbol keys",
    rhs: `(u) => {
      const s = Symbol("s");
      const o = { [s]: u[0], [Symbol.toPrimitive]: () => u[1] };
      return [o[s] * 2, o * 2, +o];
    }`,
  },
  {
    name: "valueOf",
    rhs: `(u) => {
      const o = { valueOf: () => u[0], toString: () => "no" };
      return [o * 2, o + 1, o > 0 ? u[1] : 0];
    }`,
  },
  { name: "arrays as numbers", rhs: "(u) => [([u[0]]) * 2, +([u[1]]), (([]) + 1).length * u[2]]" },
  {
    name: "BigInt",
    rhs: "(u) => { let n = 1n; for (let i = 0n; i < 3n; i = i + 1n) n *= 2n; return [u[0] * Number(n), 0, 0]; }",
  },
  { name: "BigInt steps", rhs: "(u) => { let n = 1n; n++; return [u[0] * Number(n), 0, 0]; }" },
  { name: "BigInt of a number", rhs: "(u) => [Number(BigInt(Math.round(u[0] * 10))), 0, 0]", refused: Untraceable },
  { name: "Date", rhs: "(u) => [u[0] * new Date(u[1]).getTime(), 0, 0]", refused: UnreadableConstruct },
  {
    name: "optional chaining",
    rhs: `(u) => {
      const o = { a: { f: (x) => x * 2 } };
      return [o.a?.f(u[0]), o.b?.f(u[1]) ?? u[1], o?.a.f?.(u[2])];
    }`,
  },
  {
    name: "instanceof",
    rhs: "(u) => [u[0] instanceof Number ? 1 : u[0], u instanceof Float64Array ? u[1] : 0, u instanceof Array || Array.isArray(u) ? 0 : u[2]]",
  },
  { name: "truth", rhs: "(u) => [u[0] ? u[0] : 1, !(u[0] * 0) ? u[1] : 2, !!(u[0] * NaN) ? 1 : u[2]]" },
  { name: "logic", rhs: "(u) => [(u[0] * 0) || u[1], u[0] && u[1], (u[0] * 0) ?? u[2]]" },
  {
    name: "logic assignments",
    rhs: `(u) => {
      let a = u[0] * 0;
      a ||= u[1];
      const o = { x: u[0], y: void 0 };
      o.x &&= u[2];
      o.y ??= u[0];
      return [a, o.x, o.y];
    }`,
  },
  {
    name: "in, delete",
    rhs: `(u) => {
      const o = { a: u[0], 2: u[1] };
      const has = u[0] * 0 + 2 in o;
      delete o[u[0] * 0 + 2];
      return [has ? u[0] : 0, "2" in o ? 1 : u[1], Object.keys(o).length];
    }`,
  },
  {
    name: "typed array methods",
    rhs: `(u) => {
      const a = new Float64Array(5);
      a.set(u, 1);
      a.copyWithin(0, 1, 3);
      const m = a.map((x) => x * x);
      return [m.reduce((s, x) => s + x), m.findIndex((x) => x > 1) * u[0], a.slice(-3, -1)[0] * a.at(-2)];
    }`,
  },
  {
    name: "typed arrays made",
    rhs: `(u) => {
      const a = Float64Array.from([u[0], u[1]], (x) => x * 2);
      const b = Float64Array.of(u[2], 1);
      const c = new Float64Array(a);
      c[0] = 1;
      return [a[0], b[0] * c[1], Array.from(b)[0]];
    }`,
  },
  {
    name: "typed arrays convert",
    rhs: `(u) => {
      const a = new Float64Array(3);
      a[0] = u[0] > 0;
      a[1] = "2";
      a[2] = void 0;
      return [a[0] === 1 ? u[0] : 5, a[1] === 2 ? u[1] : 5, Number.isNaN(a[2]) ? u[2] : 5];
    }`,
  },
  {
    name: "typed arrays ignore what is outside",
    rhs: `(u) => {
      const a = new Float64Array(2);
      a[2] = u[0];
      a[-1] = u[0];
      a[0.5] = u[1];
      a["1.5"] = 1;
      a[1] = u[1];
      return [a[2] === void 0 ? u[0] : 1, a[0.5] === void 0 ? a[1] : 1, a.length];
    }`,
  },
  { name: "typed map to booleans", rhs: "(u) => u.map((x) => (x > 0))" },
  {
    name: "fill, reverse, join",
    rhs: `(u) => {
      const a = new Float64Array(3).fill(true);
      const b = [...u].reverse();
      return [a[0] === 1 ? b[0] : 0, u.join().slice(0, 5).length * u[1], b[2]];
    }`,
  },
  {
    name: "concat, flat of typed arrays",
    rhs: "(u) => [[].concat(u).length * u[0], [u, [u]].flat().length * u[1], [[u[2]], [3]].flat()[0]]",
  },
  {
    name: "flatMap, holes, length",
    rhs: `(u) => {
      const a = [u[0], , u[1]];
      a.length = 5;
      a[7] = 1;
      return [a.flatMap((x) => [x, x]).length * u[0], a.length * u[1], a.includes(void 0) && a.indexOf(void 0) === -1 ? u[2] : 0];
    }`,
  },
  {
    name: "list methods by call",
    rhs: "(u) => [Array.prototype.map.call(u, (x) => x * 2)[0], Array.prototype.indexOf.call(u, u[1]) * u[1], Array.prototype.slice.apply([...u], [1])[0]]",
  },
  {
    name: "list methods unbound",
    rhs: `(u) => {
      const { reduce } = Array.prototype;
      const slice = Array.prototype.slice.bind([u[0], u[1]]);
      return [reduce.call(u, (a, b) => a + b), slice(1)[0], 0];
    }`,
  },
  { name: "number methods by call", rhs: "(u) => [Number.prototype.toFixed.call(u[0], 2).length * u[0], 0, 0]" },
  {
    name: "filter with this",
    rhs: `(u) => {
      const limit = { least: 0 };
      return [[...u].filter(function(x) {
        return x > this.least;
      }, limit).length * u[0], u.some((x) => x) ? u[1] : 0, u.find((x) => x < 0)];
    }`,
  },
  {
    name: "names of the runtime",
    rhs: `(u) => {
      const __tape = u[0];
      const __old = u[1];
      const o = { a: __old };
      o.a += __tape;
      let __tape_ = 1;
      __tape_ *= u[2];
      try {
        throw u[0];
      } catch (__caught) {
        return [o.a, __tape_, __caught];
      }
    }`,
  },
  {
    name: "keywords of members",
    rhs: `(u) => {
      const o = { if: u[0], get: 2, set: 3, static: u[1], async: 1, get x() {
        return this.if;
      }, async2() {
        return 1;
      } };
      return [o.if * o.get, o.static, o.x];
    }`,
  },
  { name: "async function", rhs: "(u) => { const f = async (x) => x; void f(u[0]); return u; }", refused: UnreadableConstruct },
  { name: "await", rhs: "(u) => { void (async () => { await null; })(); return u; }", refused: UnreadableConstruct },
  {
    name: "closures that count",
    rhs: `(u) => {
      let n = 0;
      const next = () => ++n;
      const list = Array.from({ length: 3 }, next);
      return [list[2] * u[0], n-- * u[1], n];
    }`,
  },
  {
    name: "getter and setter objects",
    rhs: `(u) => {
      const o = { _x: u[0], get x() {
        return this._x * 2;
      }, set x(v) {
        this._x = v;
      } };
      o.x += u[1];
      o.x++;
      return [o.x, o._x, 0];
    }`,
  },
  {
    name: "comma, void, nested ternary",
    rhs: "(u) => [(u[0], u[1]), void 0 === undefined ? u[0] : 1, u[0] > 0 ? (u[1] > 0 ? 1 : u[2]) : 0]",
  },
  {
    name: "do, while, for in",
    rhs: `(u) => {
      let i = 0, s = 0;
      do {
        s += u[i];
      } while (++i < 3);
      for (const k in { a: 1, b: 2 }) s *= k === "a" ? u[0] : 2;
      for (const k in u) s += u[k] * u[k];
      return [s, i, 0];
    }`,
  },
  {
    name: "WeakMap, Symbol.for",
    rhs: "(u) => { const w = new WeakMap(); const key = {}; w.set(key, u[0]); return [w.get(key) * u[1], 0, 0]; }",
  },
  {
    name: "Object methods",
    rhs: `(u) => {
      const o = Object.freeze({ a: u[0], b: u[1] });
      const e = Object.fromEntries(Object.entries(o).map(([k, v]) => [k, v * 2]));
      return [e.a * e.b, Object.values(o).reduce((x, y) => x + y), Object.assign({}, o, { a: u[2] }).a];
    }`,
  },
  {
    name: "equality across kinds",
    rhs: `(u) => [(u[0]) == null ? 1 : u[0], (u[0]) === "0.7" ? 1 : u[1], (u[0] * 0 + 1) == true ? u[2] : 0]`,
  },
  { name: "remainder and powers", rhs: "(u) => [u[1] % 0.3, u[2] ** 2.5, Math.abs(u[1]) ** u[0]]" },
  { name: "negation of text", rhs: `(u) => [-("3") * u[0], ~("5") + u[1], -(u[2])]` },
];

export const ofConstants: readonly DynamicFunction[] = [
  {
    name: "methods of instances",
    rhs: "(u, _p, _t, c) => [c.spring.force(u[0]) * c.spring.double, c.spring.force(u[1]), c.damped.force(u[2])]",
    constants: "{ spring: new Spring(2), damped: new Damped(3) }",
  },
  {
    name: "classes",
    rhs: `(u, p, _t, { Spring: S, Damped: D }) => {
      const s = new S(p[0]);
      s.stiffness = u[0];
      return [s.force(u[0]), new D(u[1]).force(u[2]), S.unit(u[2]) + (s instanceof S && !(s instanceof D) ? u[0] : 0)];
    }`,
    constants: "{ Spring, Damped }",
  },
  {
    name: "an instance with private fields",
    rhs: "(u, _p, _t, c) => [c.hidden.rate(u[0]), 0, 0]",
    constants: "{ hidden: new Hidden() }",
    refused: Untraceable,
  },
  {
    name: "an instance with private fields, given nothing traced",
    rhs: "(u, _p, _t, c) => [c.hidden.twice * u[0], c.hidden.rate(3) * u[1], c.hidden.rate(0) + u[2]]",
    constants: "{ hidden: new Hidden() }",
  },
  {
    name: "an instance of a constructor function",
    rhs: "(u, _p, _t, c) => [c.old.rate(u[0]), 0, 0]",
    constants: "{ old: new Old(2) }",
    refused: Untraceable,
  },
  {
    name: "a native function",
    rhs: "(u, _p, _t, c) => [c.slice(u, 1)[0], 0, 0]",
    constants: "{ slice: Function.prototype.call.bind(Array.prototype.slice) }",
    refused: Untraceable,
  },
  {
    name: "a bound function",
    rhs: "(u, _p, _t, c) => [c.f(u[0]), 0, 0]",
    constants: "{ f: ((k, x) => (x ? k * x : 0)).bind(null, 2) }",
    refused: Untraceable,
  },
  {
    name: "engine functions",
    rhs: "(u, _p, _t, c) => [c.sin(u[0]), c.isFinite(u[1]) ? u[1] : 0, c.M.exp(u[2]) * (c.is(u[0], u[0]) ? 1 : 2)]",
    constants: "{ sin: Math.sin, isFinite: Number.isFinite, M: Math, is: Object.is }",
  },
  {
    name: "helpers that call helpers",
    rhs: "(u, _p, _t, c) => [c.f(u[0], c.g), c.o.scale(u[1]), c.fact(3, u[2])]",
    constants: `{ f: (x, g) => g(x) * 2, g: (x) => x > 0 ? x * x : x, o: { k: 3, scale(x) {
      return this.k * x;
    } }, fact: function fact(n, x) {
      return n ? x * fact(n - 1, x) : 1;
    } }`,
  },
  {
    name: "a function of the name of a global",
    rhs: "(u, _p, _t, c) => [c.Reflect(u[0]), 0, 0]",
    constants: "{ Reflect: (x) => Reflect.apply(Math.sin, null, [x]) }",
    refused: UnreadableConstruct,
  },
  {
    name: "getters of what is outside",
    rhs: "(u, _p, _t, c) => [c.o.k[0] * u[0], c.o.x * u[1], 0]",
    constants: "{ o: { get k() { return shared; }, get x() { return shared[2]; } } }",
  },
  {
    name: "getters among constants",
    rhs: "(u, _p, _t, c) => { c.state.x = u[0]; return [c.state.twice * u[1], 0, 0]; }",
    constants: "{ state: { x: 1, get twice() { return 2 * this.x; } } }",
  },
  {
    name: "maps and sets among constants",
    rhs: `(u, _p, _t, c) => {
      c.memo.set(1, u[0]);
      return [c.memo.get(1) * c.memo.get(0), c.set.has(3) ? u[1] : 0, [...c.set][0] * u[2]];
    }`,
    constants: "{ memo: new Map([[0, 2]]), set: new Set([3]) }",
  },
  {
    name: "lists with holes",
    rhs: "(u, _p, _t, c) => [c.list.length * u[0], c.list[2] * u[1], c.list[1] ?? u[2]]",
    constants: "{ list: [1, , 2] }",
  },
  {
    name: "overlapping views",
    rhs: "(u, _p, _t, c) => { c.a[2] = u[0] * 2; c.b[1] = u[1]; return [c.b[0] * u[1], c.a[3] * u[0], c.a[0]]; }",
    constants: "{ a: shared, b: shared.subarray(2) }",
  },
  {
    name: "bytes shared",
    rhs: "(u, _p, _t, c) => { c.a[0] = u[0]; return [c.i[1] * u[0], 0, 0]; }",
    constants: "{ a: bytes, i: new Int32Array(bytes.buffer) }",
    refused: Untraceable,
  },
  {
    name: "functions with properties",
    rhs: "(u, _p, _t, c) => [c.f(u[0]) * c.f.k, 0, 0]",
    constants: "{ f: Object.assign((x) => x * x, { k: 3 }) }",
  },
  { name: "captured", rhs: "(u) => [u[0] * shared[0], 0, 0]", refused: CapturedVariable },
];
