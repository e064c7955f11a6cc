import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { json, modulePath, odegrad, odegradWith, temporaryFolder } from "./run.ts";

interface Case {
  readonly args: readonly string[];
  /** Name of the error; commander's own messages have none. */
  readonly name?: string;
  readonly says: RegExp;
  readonly status: 1 | 2;
}

const cases: Readonly<Record<string, Case>> = {
  "unknown problem": {
    args: ["solve", "brusselater"],
    name: "UnknownProblem",
    says: /Did you mean "brusselator"\?.*lotkaVolterra/,
    status: 1,
  },
  "unknown solver": {
    args: ["solve", "lotkaVolterra", "--solver", "tsit6"],
    name: "UnknownSolver",
    says: /tsit6.*tsit5/s,
    status: 1,
  },
  "unknown option of a problem": {
    args: ["solve", "brusselator", "--set", "m=8"],
    name: "UnknownProblemOption",
    says: /"m".*\bn\b/,
    status: 1,
  },
  "options of a module": {
    args: ["solve", "decay.ts", "--set", "k=1"],
    name: "ModuleTakesNoOptions",
    says: /decay\.ts/,
    status: 1,
  },
  "missing file": { args: ["solve", "nowhere/problem.ts"], name: "MissingModule", says: /nowhere\/problem\.ts/, status: 1 },
  "no default export": {
    args: ["solve", modulePath("no-default.js")],
    name: "NoDefaultExport",
    says: /exports problem.*export default odeProblem/,
    status: 1,
  },
  "a default export that is no problem": {
    args: ["solve", modulePath("not-a-problem.js")],
    name: "NotAProblem",
    says: /object with the keys rhs/,
    status: 1,
  },
  "a module that throws": {
    args: ["solve", modulePath("throws.js")],
    name: "BrokenModule",
    says: /TypeError: broken on purpose/,
    status: 1,
  },
  "a gradient without a loss": {
    args: ["gradient", modulePath("bare.js")],
    name: "NoLoss",
    says: /\{ problem, loss \}/,
    status: 1,
  },
  "a solve that fails": {
    args: ["solve", modulePath("no-derivative.js")],
    name: "NonFiniteDerivative",
    says: /t = 1\b.*u\[0\]/,
    status: 1,
  },
  "a tolerance of the wrong sign": {
    args: ["solve", "lotkaVolterra", "--rtol", "-1"],
    name: "BadOptionValue",
    says: /--rtol -1/,
    status: 2,
  },
  "a problem of a benchmark that takes none": {
    args: ["bench", "vjp", "lotkaVolterra"],
    name: "OptionsDisagree",
    says: /vjp takes no problem/,
    status: 2,
  },
  "no problem for a benchmark of problems": {
    args: ["bench", "work-precision"],
    name: "OptionsDisagree",
    says: /name one or several, such as lotkaVolterra/,
    status: 2,
  },
  "unknown benchmark": { args: ["bench", "nothing"], name: "UnknownBenchmark", says: /brusselator/, status: 1 },
  "unknown kind of picture": {
    args: ["solve", "lotkaVolterra", "--plot", "a.gif"],
    name: "UnknownPictureFormat",
    says: /\.svg/,
    status: 1,
  },
  "unreadable number": {
    args: ["solve", "lotkaVolterra", "--rtol", "small"],
    name: "BadOptionValue",
    says: /--rtol small/,
    status: 2,
  },
  "unreadable span of time": {
    args: ["solve", "lotkaVolterra", "--tspan", "3"],
    name: "BadOptionValue",
    says: /a,b/,
    status: 2,
  },
  "unreadable setting": { args: ["solve", "brusselator", "--set", "n"], name: "BadOptionValue", says: /name=value/, status: 2 },
  "unreadable wrt": { args: ["gradient", "lotkaVolterra", "--wrt", "q"], name: "BadOptionValue", says: /p, u0/, status: 2 },
  "varying what there is not": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.aa=uniform(1,2)"],
    name: "BadVariation",
    says: /"p\.aa".*Is "p\.a" meant\?/,
    status: 1,
  },
  "a distribution that cannot be read": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1)"],
    name: "BadOptionValue",
    says: /--vary p\.a=uniform\(1\).*loguniform\(a, b\)/,
    status: 2,
  },
  "an ensemble that varies nothing": { args: ["ensemble", "lotkaVolterra"], says: /required option '--vary/, status: 2 },
  "an ensemble of zero": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1,2)", "--trajectories", "0"],
    name: "BadOptionValue",
    says: /--trajectories 0: expected a whole number, 1 or more/,
    status: 2,
  },
  "an unknown device": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1,2)", "--device", "gpu"],
    name: "UnknownDevice",
    says: /"gpu".*"cpu", "threads", "webgpu".*"auto"/,
    status: 1,
  },
  "f64 of a GPU": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1,2)", "--device", "webgpu", "--precision", "f64"],
    name: "NoDoublePrecision",
    says: /f32, not in f64/,
    status: 1,
  },
  "a precision that there is not": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1,2)", "--precision", "f16"],
    name: "BadOptionValue",
    says: /f32, f32x2 or f64/,
    status: 2,
  },
  "a reduction that there is not": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1,2)", "--reduce", "mode"],
    name: "BadOptionValue",
    says: /--reduce mode.*mean, variance, quantiles/,
    status: 2,
  },
  "a histogram without ends": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1,2)", "--reduce", "histogram"],
    name: "OptionsDisagree",
    says: /--between 0,10/,
    status: 2,
  },
  "bins without a histogram": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1,2)", "--bins", "4"],
    name: "OptionsDisagree",
    says: /--bins is of --reduce histogram alone/,
    status: 2,
  },
  "ends of bins that are none": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1,2)", "--reduce", "histogram", "--between", "3,1"],
    name: "BadOptionValue",
    says: /--between 3,1.*the smaller one first/,
    status: 2,
  },
  "a component to keep that there is not": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1,2)", "--save", "pray"],
    name: "BadOption",
    says: /no "pray".*prey, predator/,
    status: 1,
  },
  "a file that cannot hold numbers": {
    args: ["ensemble", "lotkaVolterra", "--vary", "p.a=uniform(1,2)", "--out", "numbers.txt"],
    name: "BadOptionValue",
    says: /--out numbers\.txt.*\.npy or \.csv/,
    status: 2,
  },
  "an ensemble of which nothing is left": {
    args: ["ensemble", modulePath("blow-up.js"), "--vary", "u0.x=uniform(5,6)", "--trajectories", "10"],
    name: "EveryTrajectoryFailed",
    says: /none of the 10 trajectories/,
    status: 1,
  },
  "unknown option": { args: ["solve", "lotkaVolterra", "--rtoll", "1"], says: /--rtoll.*--rtol/s, status: 2 },
  "unknown command": { args: ["sovle"], says: /unknown command 'sovle'.*solve/s, status: 2 },
  "no problem named": { args: ["solve"], says: /missing required argument 'problem'/, status: 2 },
};

describe("errors", () => {
  it.each(Object.entries(cases))("%s", (_, { args, name, says, status }) => {
    const outcome = odegrad(...args);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).toMatch(says);
    if (name) expect(outcome.stderr.startsWith(`${name}: `)).toBe(true);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
    expect(outcome.status).toBe(status);
  });
});

it("says what to install for pictures", () => {
  const without = `--import=${pathToFileURL(modulePath("without-packages.js")).href}`;
  const { status, stderr } = odegradWith(without, "solve", "lotkaVolterra", "--plot", join(temporaryFolder(), "a.svg"));
  expect(stderr).toMatch(/^MissingPackage: .*npm install @observablehq\/plot/);
  expect(status).toBe(1);
});

it("says what to install for TypeScript that Node cannot run by itself, and runs what it can without", () => {
  const without = `--import=${pathToFileURL(modulePath("without-packages.js")).href}`;
  const enums = odegradWith(without, "solve", modulePath("enums.ts"));
  expect(enums.stderr).toMatch(/^MissingPackage: Loading .*enums\.ts.*npm install tsx/);
  expect(enums.status).toBe(1);
  expect(odegrad("solve", modulePath("enums.ts"))).toMatchObject({ status: 0, stderr: "" });
  const types = odegradWith(without, "solve", modulePath("decay.ts"));
  const stripped = Boolean((process.features as { typescript?: unknown }).typescript);
  if (stripped) expect(types.status).toBe(0);
  else expect(types.stderr).toMatch(/^MissingPackage: .*decay\.ts.* in Node 2\d\..*Node 22\.18.*npm install tsx/);
  expect(odegradWith(without, "solve", modulePath("bare.js")).status).toBe(0);
});

it("loads a module from outside the repository with no copy of the library near it", () => {
  const path = join(temporaryFolder(), "decay.ts");
  copyFileSync(modulePath("decay.ts"), path);
  expect(json<{ problem: string }>("solve", path).problem).toBe("decay");
});

it("prints help and succeeds", () => {
  const { status, stdout } = odegrad("--help");
  expect(status).toBe(0);
  for (const command of ["problems", "solve", "gradient", "bench"]) expect(stdout).toContain(command);
});

it("lists the problems", () => {
  expect(odegrad("problems").stdout).toMatch(/^brusselator\n.*\n\s+options: n=32/m);
  expect(json<{ problems: { name: string }[] }>("problems").problems.map(({ name }) => name)).toContain("lotkaVolterra");
});
