import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inTime } from "../../../cli/fit/in-time.ts";
import { courseOf, oneDigit } from "../../../cli/train/progress.ts";
import { deviation, file, lotkaVolterraFile } from "../fit/data.ts";
import { refused } from "../refused.ts";
import { json, modulePath, odegrad, temporaryFolder } from "../run.ts";

interface Fitted {
  readonly problem: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly of: string;
    readonly value: number;
    readonly standardError: number;
  }[];
  readonly p: Readonly<Record<string, number>>;
  readonly sigma: Readonly<Record<string, number>>;
  readonly residuals: readonly { readonly experiment: number; readonly name: string }[];
  readonly converged: boolean;
  readonly value: number;
  readonly heldOut?: number;
  readonly atBest?: number;
  readonly starts?: readonly { readonly value: number }[];
}

const data = lotkaVolterraFile();
const truth = { a: 1.5, b: 1, c: 3, d: 1 };

describe("fit", () => {
  it("of a named problem recovers its parameters from a file, within their standard errors", () => {
    const said = json<Fitted>("fit", "lotkaVolterra", "--data", data, "--start", "a=1.2,b=0.8,c=2.5,d=0.8");
    expect(said.problem).toBe("lotkaVolterra");
    expect(said.converged).toBe(true);
    expect(said.residuals).toHaveLength(79);
    for (const { name, value, standardError } of said.parameters) {
      expect(Math.abs(value - truth[name as keyof typeof truth]) / standardError, name).toBeLessThan(3);
      expect(standardError, name).toBeLessThan(0.03);
    }
    for (const sigma of Object.values(said.sigma)) expect(Math.abs(sigma / deviation - 1)).toBeLessThan(0.3);
  });

  it("moves what is named, from where it is said, within bounds, on its scale and with what is known of it", () => {
    const said = json<Fitted>(
      ..."fit lotkaVolterra --params a,c,u0.prey --start a=1.4,u0.prey=1.1 --bounds a=0:1.45,c=1: --log c".split(" "),
      ..."--prior u0.prey=normal(1.05,1e-6) --sigma 0.05 --data".split(" "),
      data,
    );
    expect(said.parameters.map(({ name, of }) => [name, of])).toEqual([
      ["a", "p"],
      ["c", "p"],
      ["prey", "u0"],
    ]);
    expect(said.parameters[0]).toMatchObject({ value: 1.45, atBound: "upper" });
    expect(said.parameters[2].value).toBeCloseTo(1.05, 5);
    expect(said.p).toMatchObject({ b: 1, d: 1 });
    expect(said.sigma).toEqual({ prey: 0.05, predator: 0.05 });
  });

  it("from several starts finds what one start does not", () => {
    const args = [
      "fit",
      "lotkaVolterra",
      "--data",
      data,
      "--params",
      "a,c",
      "--start",
      "a=0.5,c=0.6",
      "--bounds",
      "a=0.1:5,c=0.5:6",
    ];
    const one = json<Fitted>(...args);
    const several = json<Fitted>(...args, "--starts", "6", "--seed", "2");
    expect(several.value).toBeLessThan(one.value - 10);
    expect(several.p.a).toBeCloseTo(1.5, 1);
    expect(several.starts).toHaveLength(6);
  });

  it("takes columns by other names, deviations from columns, and experiments", () => {
    const rows = [1, 2].flatMap((id) => [0.5, 1, 1.5].map((t) => `${id},${t},${3 * Math.exp(-0.8 * t)},note,0.1`));
    const path = file(["who;hours;u0;comment;sd", ...rows.map((row) => row.replaceAll(",", ";"))].join("\n"));
    const columns = ["--columns", "t=hours,u[0]=u0", "--experiment", "who", "--sigma", "u[0]=sd"];
    const said = json<Fitted>("fit", modulePath("decay.ts"), "--data", path, ...columns);
    expect(said.p.k).toBeCloseTo(0.8, 4);
    expect(new Set(said.residuals.map(({ experiment }) => experiment))).toEqual(new Set([0, 1]));
    expect(said.parameters[0].standardError).toBeGreaterThan(0);
    expect(said.sigma).toEqual({});
  });

  it("ends where data are met no better that are not fitted, a part of them or experiments by name", () => {
    const part = json<Fitted>("fit", "lotkaVolterra", "--data", data, "--start", "a=1.4", "--held-out", "0.25", "--seed", "4");
    expect(part.residuals).toHaveLength(59);
    expect(part.heldOut).toBeLessThan(0);
    const rows = ["A", "B", "C"].flatMap((id, k) => [0.5, 1, 1.5].map((t) => `${id},${t},${3 * Math.exp(-0.8 * t) + 0.1 * k}`));
    const path = file(["who,t,u[0]", ...rows].join("\n"));
    const of = ["fit", modulePath("decay.ts"), "--data", path, "--experiment", "who", "--sigma", "0.1", "--held-out"];
    const named = json<Fitted>(...of, "B,C");
    expect(named.residuals).toHaveLength(3);
    const misfits = [0.1, 0.2].flatMap((off) =>
      [0.5, 1, 1.5].map((t) => (3 * Math.exp(-named.p.k * t) - 3 * Math.exp(-0.8 * t) - off) ** 2),
    );
    expect(named.heldOut).toBeCloseTo(misfits.reduce((sum, square) => sum + square / 0.1 ** 2 / 2, 0) / 6, 4);
    // Without what is held out it is 0.8; what is held out lies higher.
    expect(named.p.k).toBeLessThan(0.79);
  });

  it("takes columns of functions of the state, and conditions of experiments from columns", () => {
    const total = (t: number, prey: number, d: number): number => prey * Math.exp(0.3 * d * t);
    const rows = [
      ["A", 2, 1],
      ["B", 3, 2],
    ].flatMap(([id, prey, d]) =>
      [0.5, 1, 2].map((t) => `${id},${prey},${d},${t},${Math.log(total(t, Number(prey), Number(d)))}`),
    );
    const path = file(["id,x0,day,t,size", ...rows].join("\n"));
    const module = modulePath("growth.ts");
    const picture = join(temporaryFolder(), "growth.svg");
    const args = [
      "--experiment",
      "id",
      "--covariates",
      "day=day,u0.x=x0",
      "--of",
      "size=log(max(x, 0.001)) + 0*t",
      "--plot",
      picture,
    ];
    const said = json<Fitted>("fit", module, "--data", path, "--params", "rate", "--sigma", "0.1", ...args);
    expect(said.p.rate).toBeCloseTo(0.3, 5);
    expect(new Set(said.residuals.map(({ name }) => name))).toEqual(new Set(["size"]));
    // Each experiment has a curve of its own, that begins where it begins.
    const curves = [...readFileSync(picture, "utf8").matchAll(/aria-label="line"[^]*? d="(M[^L]*)L/g)].map(([, start]) => start);
    expect(new Set(curves).size).toBe(2);
  });

  it("draws the data with the fit, a curve between observations within its bands", () => {
    const path = join(temporaryFolder(), "fit.svg");
    expect(odegrad("fit", "lotkaVolterra", "--data", data, "--params", "a", "--plot", path).stdout).toContain(`picture: ${path}`);
    const svg = readFileSync(path, "utf8");
    expect(svg.split(/<circle [^>]*r="3"/)).toHaveLength(80);
    const [, curve] = /aria-label="line"[^]*? d="([^"]*)"/.exec(svg)!;
    expect(curve.split("L")).toHaveLength(301);
    for (const text of ["95 % of the prediction", "95 % of observations"]) expect(svg).toContain(text);
  });

  it("prints lines where there is no terminal, and a summary", () => {
    const { status, stdout, stderr } = odegrad("fit", "lotkaVolterra", "--data", data, "--start", "a=1.2");
    expect(status).toBe(0);
    expect(stderr).toMatch(/^(iteration \d+: misfit -?[\d.]+\n)+$/);
    expect(stdout).toMatch(/^lotkaVolterra: 79 observations of prey, predator in .*data\.csv, rtol 1e-6/);
    expect(stdout).toMatch(/\na +1\.\d+ +± 0\.0\d+\n/);
    expect(stderr + stdout).not.toContain("\r");
  });

  it.each([
    [
      ["--data", "nowhere.csv"],
      1,
      "CannotRead: --data nowhere.csv cannot be read: ENOENT: no such file or directory, open 'nowhere.csv'. Give the path of a CSV file.",
    ],
    [["--data", "/tmp"], 1, "CannotRead: --data /tmp cannot be read: EISDIR"],
    [["--data", file("t,prey\n0,x\n")], 1, 'data.csv: row 2, column "prey": "x" is no finite number'],
    [["--data", file("t,pray\n0,1\n")], 1, 'Is "prey" meant? Say which columns count, --columns prey=pray, or'],
    [["--data", data, "--columns", "prey=Hares"], 1, 'data.csv: --columns prey is "Hares", but there is no such column'],
    [
      ["--data", data, "--params", "a,alpha"],
      1,
      'UnknownComponent: The problem "lotkaVolterra" has no component "alpha" for --params',
    ],
    [["--data", data, "--params", "a", "--start", "b=1"], 2, "OptionsDisagree: --start has b, which is not free"],
    [["--data", data, "--params", "a", "--start", "u0.prey=1"], 2, "--start has u0.prey, which is not free"],
    [["--data", data, "--start", "a=one"], 2, "BadOptionValue: --start a=one: expected such as a=1,b=2"],
    [["--data", data, "--bounds", "a=5:0"], 2, "--bounds a=5:0: expected such as a=0:5,b=0:,c=:1, the lower number first"],
    [["--data", data, "--start", "a=50,b=-50"], 1, "BadStart: The model has no misfit at the start: StepUnderflow"],
    [["--data", data, "--start", "a=50,b=-50"], 1, "Start elsewhere: --start name=number."],
    [
      ["--data", data, "--bounds", "a=2:3"],
      1,
      "BadParameter: --bounds a=2:3: a starts at 1.5, outside of them. Give --start a=number within them.",
    ],
    [["--data", data, "--params", "u0.prey", "--bounds", "u0.prey=2:3"], 1, "--bounds u0.prey=2:3: u0.prey starts at 1, outside"],
    [["--data", data, "--start", "a=0", "--log", "a"], 1, "BadParameter: --log a: it starts at 0, but must be a positive number"],
    [["--data", data, "--prior", "a=normal(1,0)"], 1, "BadParameter: --prior a has the deviation 0, which must be positive"],
    [
      ["--data", data, "--prior", "a=lognormal(1,1)", "--start", "a=-1"],
      1,
      "starts at -1. Give --start a=number, a positive one.",
    ],
    [["--data", data, "--start", "a=0", "--starts", "3"], 1, "--starts: nothing says how far apart the starts of a are"],
    [["--data", data, "--columns", "foo=prey"], 1, 'has no component "foo" for --columns. Its components: prey, predator.'],
    [["--data", data, "--sigma", "foo=1"], 1, 'BadData: --data: `--sigma` has "foo", of which there are no values.'],
    [
      ["--data", file("t,prey\n-1,2\n")],
      1,
      "BadData: --data has a value at t = -1, outside of --tspan [0, 10]. Give --tspan start,end.",
    ],
    [["--data", file("hours,prey\n1,2\n")], 1, "Name that of the times: --columns t=hours."],
    [["--data", file("t,prey,\n1,2,3\n")], 1, "column 3 has no name. Name it, or those that count: --columns prey=prey."],
    [
      ["--data", file("t,prey,sd\n1,2,-1\n"), "--sigma", "prey=sd"],
      1,
      "--sigma prey: value [0] is -1, but must be a positive number.",
    ],
    [
      ["--data", data, "--of", "total=prey^2"],
      2,
      '--of "total=prey^2": expected an expression of numbers, components, t, + - * / % **, and',
    ],
    [["--data", data, "--of", "total=prey^2"], 2, ": a power is **."],
    [["--data", data, "--of", "total=pray+1"], 2, ": there is no pray; is prey meant?"],
    [["--data", data, "--of", "total=prey 1"], 2, ': what is "1"?'],
    [["--data", data, "--of", "total=prey"], 1, 'BadData: --of has "total", of which there are no values.'],
    [["--data", file("t,total\n0,1\n")], 1, "or what it is of: --of total=expression."],
    [
      ["--data", data, "--covariates", "prey=predator"],
      1,
      'has no component "prey" for --covariates. Its components: a, b, c, d, u0.prey, u0.predator.',
    ],
    [["--data", data, "--covariates", "a=zz"], 1, 'data.csv: --covariates a is "zz", but there is no such column'],
    [["--data", data, "--covariates", "u0.prey=zz"], 1, 'data.csv: --covariates u0.prey is "zz", but there is no such column'],
    [
      ["--data", file("t,prey,dose\n0,1,\n"), "--covariates", "u0.prey=dose"],
      1,
      'no row has a number in column "dose", which is u0.prey by --covariates.',
    ],
    [
      ["--data", file("id,t,prey,kg\nA,0,1,1\nB,1,1,2\n"), "--experiment", "id", "--covariates", "a=kg"],
      1,
      "BadParameter: fit: a of p is fitted, one value for all experiments, but in --data[0] it is 1, and in --data[1] 2. Leave it out of --params, or of --covariates.",
    ],
    [["--data", data, "--log", "a,a"], 2, "--log a,a: expected names with commas between them, each once"],
    [["--data", data, "--sigma", "prey=0"], 2, "--sigma prey=0: expected positive numbers"],
    [["--data", data, "--prior", "a=cauchy(0,1)"], 2, "with normal(mean,deviation) or lognormal(mean,deviation)"],
    [["--data", data, "--tspan", "5,0"], 1, "BadData: --data is met from earlier to later times, but --tspan [5, 0] goes back."],
    [["--data", data, "--tspan", "5,8"], 1, "BadData: --data has a value at t = 0, outside of --tspan [5, 8]."],
    [
      ["--data", data, "--held-out", "1.5"],
      2,
      "--held-out 1.5: expected a part between 0 and 1, as there is one experiment alone.",
    ],
    [["--data", data, "--held-out", "0.2", "--starts", "2"], 2, "leave out --starts, or --held-out"],
    [
      ["--data", file("id,t,prey\nA1,0,1\nA2,0,1\n"), "--experiment", "id", "--held-out", "A3"],
      2,
      '--held-out A3: expected a part between 0 and 1, or some of 2 experiments by name: is "A1" meant?',
    ],
    [
      ["--data", file("id,t,prey\nA1,0,1\nA2,0,1\n"), "--experiment", "id", "--held-out", "A1,A2"],
      2,
      "--held-out A1,A2: expected some experiments, but not all.",
    ],
    [["--data", data, "--held-out", "0.001"], 1, "--held-out: of 40 times a part of 0.001 is none. Give another part."],
    [["--data", data, "--starts", "0"], 2, "--starts 0: expected a whole number, 1 to"],
    [[], 2, "required option '--data <file>' not specified\n`odegrad help fit` says what it takes.\n"],
    [["--data", data, "--chains", "3"], 2, "unknown option '--chains'\n`odegrad help fit` says what it takes.\n"],
  ])("%j is refused", async (args, code, message) => {
    const [exit, said] = await refused("fit", "lotkaVolterra", ...args);
    expect([exit, said]).toEqual([code, expect.stringContaining(message)]);
    expect(said).not.toContain("..");
  });
});

it("what a result warns of is told in the command's words", () => {
  const { stdout } = odegrad("fit", "lotkaVolterra", "--data", file("t,prey\n1,2\n2,3\n"));
  expect(stdout).toContain("a standard deviation cannot be fitted to that. Give one: --sigma prey=number.");
  const decay = ["fit", modulePath("decay.ts"), "--data", file('t,"u[0]"\n0.5,3\n1,3\n2,3\n'), "--log", "k", "--sigma", "1"];
  expect(odegrad(...decay).stdout).toContain("With --bounds, and without --log, it can be at 0.");
});

it("components whose names have commas are named like any others", async () => {
  const [, said] = await refused("fit", "lotkaVolterra", "--data", data, "--params", "a,W[0,1]");
  expect(said).toContain('has no component "W[0,1]"');
});

it("what is over time is told as that, and other errors as they are", async () => {
  const late = (signal?: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error)));
  await expect(inTime(1, late)).rejects.toThrow("--max-time 1 was over before there was a result");
  await expect(inTime(1e6, () => Promise.reject(new Error("other")))).rejects.toThrow("other");
});

it("lines are for iterations of one digit that is not zero", () => {
  expect(Array.from({ length: 1000 }, (_, k) => k + 1).filter(oneDigit)).toEqual(
    [1, 10, 100].flatMap((ten) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((k) => k * ten)).concat(1000),
  );
});

it("the course of what may be negative is drawn as it is", () => {
  expect(courseOf([10, 3, -4])).toBe("█▅▁");
});
