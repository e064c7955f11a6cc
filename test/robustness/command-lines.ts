/** Values of every option of the command, right and wrong, and what may stand for a problem. */
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface OptionValues {
  readonly right: readonly string[];
  /** Of its own kind, and wrong. */
  readonly wrong: readonly string[];
  /** Of a value that the list of hostile ones has: may it be taken? */
  readonly mayBeRight: (text: string) => boolean;
}

/** Values that no option was made for. */
export const hostile: readonly string[] = [
  "",
  " ",
  "0",
  "-1",
  "1.5",
  "1e-400",
  "1e-300",
  "1e300",
  "1e999",
  "9007199254740993",
  "NaN",
  "Infinity",
  "-Infinity",
  "0x10",
  "1_000",
  "1,2",
  "1,2,",
  ",",
  "1;2",
  "null",
  "undefined",
  "true",
  "{}",
  "[]",
  "__proto__",
  "constructor",
  "toString",
  "=",
  "a=",
  "a=b=c",
  "$(id)",
  "a\nb",
  "a\u2028b",
  "\u001b[31mred",
  "🙂",
  "'; --",
  "x".repeat(10_000),
  "1".repeat(400),
];

const number = (text: string): number => (text.trim() === "" ? NaN : Number(text));
const positive = (text: string): boolean => number(text) > 0 && number(text) < Infinity;
const whole =
  (least: number, most: number) =>
  (text: string): boolean =>
    Number.isSafeInteger(number(text)) && number(text) >= least && number(text) <= most;
const numbers = (text: string): number[] => text.split(",").map(number);
const never = (): boolean => false;
/** Words that are not those that are taken. */
const name = (...wrong: string[]): readonly string[] => [...wrong, "tsit5,rk4", "--json"];

/** By their long names, behind that of a command whose values are others; a new option has to be put in here. */
export const optionValues: Readonly<Record<string, OptionValues>> = {
  "--set": {
    right: ["n=3", "n=4"],
    wrong: ["n", "=3", "n=0", "n=1e9", "n=-4", "n=2.5", "n=x", "m=3", "n=[3]", 'n={"n":3}', "N=3", "form=lops", "tEnd=0"],
    mayBeRight: never,
  },
  "--solver": { right: ["tsit5", "vern7"], wrong: name("tsit6", "Tsit5", "rk4", "euler", "ode45"), mayBeRight: never },
  "--dt": { right: ["0.01"], wrong: ["0", "-0.1", "0.1s"], mayBeRight: positive },
  "--rtol": {
    right: ["1e-6", "0.001"],
    wrong: ["0", "-1e-3", "1", "2", "1e-3x", "1e", "--"],
    mayBeRight: (text) => positive(text) && number(text) < 1,
  },
  "--atol": { right: ["1e-6"], wrong: ["0", "-1e-3", "small", "1e-3,1e-4"], mayBeRight: positive },
  "--max-time": { right: ["100000"], wrong: ["0", "-5", "5s"], mayBeRight: positive },
  "--max-steps": { right: ["100000"], wrong: ["0", "-5", "1.5", "many"], mayBeRight: whole(1, Infinity) },
  "--tspan": {
    right: ["0,10", "-1,12"],
    wrong: ["0", "1,1", "0,1,2", "0,", "0:1", "a,b", "0,NaN", "0 1"],
    mayBeRight: (text) => numbers(text).length === 2 && numbers(text).every(Number.isFinite),
  },
  // Of clusters alone, which the device is not.
  "--redis": { right: [], wrong: ["redis://127.0.0.1:1", "here"], mayBeRight: never },
  "--resume": { right: [], wrong: ["0b7e7a1c-4d2f", "again"], mayBeRight: never },
  "--json": { right: [], wrong: [], mayBeRight: never },
  "--plot": { right: [], wrong: ["a.gif", "a", "a.svg.gz", ".svg", "a.SVGx"], mayBeRight: never },
  "--max-step": { right: ["0.5"], wrong: ["0", "-1", "long"], mayBeRight: positive },
  "--first-step": { right: ["0.01"], wrong: ["0", "-1", "short"], mayBeRight: positive },
  "--stops": {
    right: ["0.5", "0.25,0.5"],
    wrong: ["a", "0.5,", "0.5;0.6", "0.5,NaN"],
    mayBeRight: (text) => numbers(text).every(Number.isFinite),
  },
  "--saveat": {
    right: ["0.25", "0.25,0.5"],
    wrong: ["0", "0.5,0.25", "0.5,99", "1e-12", "every", "0.1,", "-5,0.1"],
    mayBeRight: (text) => numbers(text).every((x) => Number.isFinite(x) && x !== 0),
  },
  "--wrt": { right: ["p", "u0", "p,u0", "t0"], wrong: ["q", "p,p", "p;u0", "P", "p,", "p u0"], mayBeRight: never },
  "--adjoint": { right: ["gauss", "discrete"], wrong: name("gaus", "adjoint", "Gauss", "steady"), mayBeRight: never },
  "--program": { right: ["rhs", "vjp"], wrong: ["jvp", "RHS", "rhs,vjp"], mayBeRight: never },
  "--vjp": { right: ["source", "finite"], wrong: name("sorce", "user", "enzyme", "zygote"), mayBeRight: never },
  "--check": { right: [], wrong: [], mayBeRight: never },
  "--vary": {
    right: ["p.a=uniform(1,2)", "u0.prey=linspace(0.5,1)"],
    wrong: [
      "p.a",
      "p.a=",
      "p.a=uniform",
      "p.a=uniform(1)",
      "p.a=uniform(1,2",
      "p.a=uniform(1,2,3)",
      "p.a=uniform(,)",
      "p.a=uniform( , )",
      "p.a=uniform(NaN,1)",
      "p.a=gauss(0,1)",
      "p.a=loguniform(0,1)",
      "p.a=loguniform(-1,1)",
      "p.a=normal(0,-1)",
      "p.z=uniform(1,2)",
      "a=uniform(1,2)",
      "u0[0]=uniform(1,2)",
      "p=uniform(1,2)",
      "p.a=toString(1,2)",
      "__proto__=uniform(1,2)",
      "p.a=uniform(-1e308,1e308)",
      "p.a=normal(0,1e308)",
    ],
    mayBeRight: never,
  },
  "--steps": { right: ["2", "5"], wrong: ["0", "-3", "2.5", "few"], mayBeRight: whole(1, Infinity) },
  "--optimiser": { right: ["adam", "lbfgs", "adam,lbfgs"], wrong: name("Adam", "sgd", "lbfgs,adam"), mayBeRight: never },
  "--learning-rate": { right: ["0.01"], wrong: ["0", "-0.1", "fast"], mayBeRight: positive },
  "--out": { right: [], wrong: ["a.txt", "a", ".json", "a.npz.gz", "a.JSON"], mayBeRight: never },
  "--trajectories": { right: ["4", "1"], wrong: ["0", "-3", "2.5", "1e15", "1e12", "few"], mayBeRight: whole(1, 1e4) },
  "--seed": { right: ["7", "1"], wrong: ["0", "-1", "0.5", "1e300", "4294967296", "random"], mayBeRight: whole(0, 2 ** 31 - 1) },
  // Reduced ones may be as many as there are whole numbers; a million millions would take weeks.
  "ensemble --trajectories": { right: ["4", "1"], wrong: ["0", "-3", "2.5", "1e17", "few"], mayBeRight: whole(1, 1e4) },
  "--data": { right: [], wrong: ["nowhere.csv", "/", "/dev/null", "README.md"], mayBeRight: never },
  "--columns": {
    right: ["t=t,prey=prey", "prey=prey,predator=prey"],
    wrong: ["t", "t=", "=prey", "prey=Hares", "t=hours,prey=prey", "prey=prey,prey=t", "u=prey", "prey=prey,", "toString=prey"],
    mayBeRight: never,
  },
  "--of": {
    right: ["sd=prey/predator", "sd=max(prey,u.predator)-a*t"],
    wrong: [
      "sd",
      "sd=",
      "sd=prey^2",
      "sd=prey;1",
      "sd=preys",
      "sd=prey=1",
      "sd=()",
      "sd=alert(1)",
      "sd=random()",
      "zz=prey",
      "sd=u",
    ],
    mayBeRight: never,
  },
  "--covariates": {
    right: ["b=dose", "u0.predator=dose"],
    wrong: ["b", "b=", "b=sd", "z=sd", "b=zz", "prey=sd", "u0.x=sd", "b=sd,b=sd", "toString=sd"],
    mayBeRight: never,
  },
  "--experiment": { right: ["group"], wrong: ["zz", "Group", "group,group", "toString"], mayBeRight: never },
  "--sigma": {
    right: ["0.1", "prey=0.1", "prey=sd"],
    wrong: ["prey", "prey=", "prey=Hares", "prey=-1", "0", "-1", "zz=1", "zz=sd", "prey=1,prey=2", "prey=0", "prey=Infinity"],
    mayBeRight: positive,
  },
  "--params": {
    right: ["a", "a,u0.prey", "u0.prey"],
    wrong: ["A", "a,a", "a,", "p", "p.a", "a[0]", "u0", "toString", "a;b", "u0.x", "prey"],
    mayBeRight: never,
  },
  "--start": {
    right: ["a=1.4"],
    wrong: ["a", "a=", "a=x", "b=1", "z=1", "a=1,a=2", "a=Infinity", "a=NaN", "toString=1", "a=1;b=2"],
    mayBeRight: never,
  },
  "--bounds": {
    right: ["a=0:5", "a=0:"],
    wrong: ["a=5:0", "a=0", "a=0:x", "a=9:10", "b=0:1", "a=0:5:6", "a=1:1", "a=NaN:1", "a=", "a=-5:0"],
    mayBeRight: never,
  },
  // What is sampled has two bounds, or zero alone.
  "fit --bounds": { right: ["a=:5"], wrong: ["a=5:0"], mayBeRight: never },
  "--log": { right: ["a"], wrong: ["b", "z", "a,a", "a,", "toString"], mayBeRight: never },
  "--prior": {
    right: ["a=normal(1,0.5)", "a=lognormal(0,1)"],
    wrong: [
      "a",
      "a=normal",
      "a=normal(1)",
      "a=normal(1,-1)",
      "a=normal(1,0)",
      "a=uniform(0,1)",
      "b=normal(1,1)",
      "a=normal(NaN,1)",
    ],
    mayBeRight: never,
  },
  "--held-out": {
    right: ["0.2"],
    wrong: ["0", "1", "-0.2", "1.5", "20%", "A,B", "0.2,0.3"],
    mayBeRight: (text) => number(text) > 0 && number(text) < 1,
  },
  "--starts": { right: ["1", "2"], wrong: ["0", "-3", "2.5", "few", "1e12"], mayBeRight: whole(1, 1e4) },
  "--chains": { right: ["2"], wrong: ["0", "-3", "2.5", "few", "1e12"], mayBeRight: whole(1, 1e4) },
  "--draws": { right: ["4"], wrong: ["3", "0", "-3", "4.5", "few", "1e12"], mayBeRight: whole(4, 1e4) },
  "--warmup": { right: ["1", "5"], wrong: ["0", "-3", "2.5", "few", "1e12"], mayBeRight: whole(1, 1e4) },
  "--reduce": {
    right: ["mean", "variance,quantiles", "states"],
    wrong: name("median", "Mean", "mean,", "mean,mean", "states,mean", "toString"),
    mayBeRight: never,
  },
  "--bins": { right: ["2", "30"], wrong: ["0", "-3", "2.5", "few"], mayBeRight: whole(1, 2 ** 20) },
  "--between": {
    right: ["0,10", "prey=0,10"],
    wrong: ["0", "10,0", "0,10,20", "prey=0", "preys=0,1", "0,NaN", "=0,1", "few"],
    mayBeRight: (text) => numbers(text).length === 2 && numbers(text).every(Number.isFinite),
  },
  "--save": { right: ["prey", "predator,prey"], wrong: ["preys", "prey,", ",", "prey,prey"], mayBeRight: never },
  "--chunk": { right: ["2", "7"], wrong: ["0", "-3", "2.5", "few"], mayBeRight: whole(1, Infinity) },
  "--device": { right: ["cpu", "auto"], wrong: name("gpu", "CPU", "cuda"), mayBeRight: never },
  "--precision": { right: ["f64", "f32"], wrong: name("f16", "F64", "double", "f32x4"), mayBeRight: never },
};

/** Of a command's option. */
export function valuesOf(command: string, option: string): OptionValues {
  return optionValues[`${command} ${option}`] ?? optionValues[option];
}

/** A file of observations, with what tells experiments apart, deviations and a covariate. */
export function observationsFile(component: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "odegrad-")), "data.csv");
  const rows = ["0.5,1.1,1,0.1,0.7", "1,1.2,1,0.2,0.7", "1.5,1.4,2,0.1,0.7", "2,1.7,2,0.3,0.7"];
  writeFileSync(path, [`t,${component},group,sd,dose`, ...rows].join("\n"));
  return path;
}

/** Options that an option calls for. */
export const together: Readonly<Record<string, readonly string[]>> = {
  "--dt": ["--solver", "rk4"],
  "--bins": ["--reduce=histogram", "--between=0,10"],
  "--between": ["--reduce=histogram"],
};

/** Modules by their text. */
const texts: Readonly<Record<string, string>> = {
  "empty.mjs": "",
  "text.mjs": "this is no JavaScript",
  "throws.mjs": 'throw new TypeError("of the module");',
  "throws-text.mjs": 'throw "of the module";',
  "throws-nothing.mjs": "throw undefined;",
  "named-only.mjs": "export const problem = 1;",
  "null.mjs": "export default null;",
  "number.mjs": "export default 3;",
  "promise.mjs": "export default Promise.resolve(1);",
  "function.mjs": "export default () => ({});",
  "specification.mjs": "export default { rhs: (u) => u, u0: [1], tspan: [0, 1] };",
  "like-one.mjs": "export default { rhs: (u) => u, tspan: [0, 1], layout: {} };",
  "getter.mjs": 'export default { get rhs() { throw new TypeError("of a getter"); } };',
  "proxy.mjs": 'export default new Proxy({}, { get() { throw new RangeError("of a proxy"); } });',
  "missing-import.mjs": 'import { nothing } from "./nowhere.mjs"; export default nothing;',
  "missing-package.mjs": 'import nothing from "a-package-that-nobody-has"; export default nothing;',
  "data.json": "{}",
  "binary.wasm": "\0asm",
  "notes.txt": "notes",
  "syntax.ts": "export default odeProblem({ rhs( => ",
  "odd ?#%20 \n name.mjs": "export default 3;",
};

/** Made in a fresh folder: what may be named as a problem and is none. */
export function hostileProblems(): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-"));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "folder.ts"));
  symlinkSync(join(folder, "loop.ts"), join(folder, "loop.ts"));
  const there = [...Object.keys(texts), "folder.ts", "loop.ts", "nowhere.ts", "nowhere/a.ts", "null.mjs/a.ts"];
  return [
    ...there.map((name) => join(folder, name)),
    "",
    " ",
    ".",
    "/",
    folder,
    "/dev/null",
    "/dev/zero.js",
    "lotkavolterra",
    "lotka-volterra",
    "brusselater",
    "__proto__",
    "constructor",
    "-",
    "a\0b.ts",
    "\u001b[31m.ts",
    `${"x".repeat(5000)}.ts`,
    "https://localhost/a.ts",
    "file:///tmp/a.ts",
    "data:text/javascript,export default 1",
  ];
}
