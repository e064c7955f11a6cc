import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { BadData, fit, fromCsv, observations, type CsvOptions, type CsvText } from "../../../training/index.ts";
import { temporaryFolder } from "../../cli/run.ts";

const written = { t: [0, 1, 2], values: { prey: [1, 2.5, NaN], predator: [1, NaN, 0.25] } };

describe("what a file says", () => {
  it.each<[string, string]>([
    ["plain", "t,prey,predator\n0,1,1\n1,2.5,\n2,,0.25\n"],
    ["without a last newline", "t,prey,predator\n0,1,1\n1,2.5,\n2,,0.25"],
    ["with a mark of byte order, and rows that end as on Windows", '\ufeff"t",prey,predator\r\n0,1,1\r\n1,2.5,\r\n2,,0.25\r\n'],
    ["with rows that end as on an old Mac", "t,prey,predator\r0,1,1\r1,2.5,\r2,,0.25\r"],
    ["with semicolons", "t;prey;predator\n0;1;1\n1;2.5;NA\n2;NaN;0.25\n"],
    ["with tabs", "Time\tprey\tpredator\n0\t1\t1\n1\t2.5\tna\n2\t.\t.25\n"],
    ["with quotes and spaces", '"t","prey", predator\n"0",1,"1"\n1, 2.5 , \n2, NaN ,+2.5e-1\n'],
    ["with blank rows", "\n\nt,prey,predator\n0,1,1\n\n1,2.5,\n,,\n2,,0.25\n\n"],
    ["in another order of columns", "predator,t,prey\n1,0,1\n,1,2.5\n0.25,2,\n"],
  ])("%s is the same", async (_, csv) => {
    expect(await fromCsv(csv)).toEqual(written);
    // However it is cut into parts.
    for (const size of [1, 2, 3, 7]) {
      const parts = csv.match(new RegExp(`[^]{1,${size}}`, "g"))!;
      expect(await fromCsv(parts)).toEqual(written);
    }
  });

  it("goes into observations, and a fit of them", async () => {
    const decay = odeProblem({ rhs: (u, p) => ({ a: -p.k * u.a }), u0: { a: 1 }, tspan: [0, 2], p: { k: 1 } });
    const csv = ["t,a", ...[0.5, 1, 1.5, 2].map((t) => `${t},${Math.exp(-0.7 * t)}`)].join("\n");
    const { p } = await fit(decay, observations(await fromCsv(csv)), { rtol: 1e-9, atol: 1e-10 });
    expect(p.k).toBeCloseTo(0.7, 7);
  });

  it("has the columns that are named, and no others", async () => {
    const csv = "hours,Hares,comment,error\n0,10,fine,1\n1,20,,2\n";
    const found = await fromCsv(csv, { t: "hours", values: { prey: "Hares" }, sigma: { prey: "error" } });
    expect(found).toEqual({ t: [0, 1], values: { prey: [10, 20] }, sigma: { prey: [1, 2] } });
  });

  it("is that of each experiment, in the order of the file", async () => {
    const csv = 't,subject,c\n0,"Doe, ""Jane""\nof Leeds",1\n0,2,3\n1,"Doe, ""Jane""\nof Leeds",2\n';
    for (const parts of [[csv], [...csv]]) {
      const found = await fromCsv(parts, { experiment: "subject" });
      expect([...found]).toEqual([
        ['Doe, "Jane"\nof Leeds', { t: [0, 1], values: { c: [1, 2] } }],
        ["2", { t: [0], values: { c: [3] } }],
      ]);
    }
  });

  it("has the conditions of each experiment, which may stand in one of its rows alone", async () => {
    const csv = "t,id,c,kg,dose\n0,A,1,70,\n1,A,2,,5\n0,B,3,55,4\n1,B,4,55,4\n";
    const found = await fromCsv(csv, { experiment: "id", p: { weight: "kg" }, u0: { drug: "dose" } });
    expect([...found.values()]).toEqual([
      { t: [0, 1], values: { c: [1, 2] }, p: { weight: 70 }, u0: { drug: 5 } },
      { t: [0, 1], values: { c: [3, 4] }, p: { weight: 55 }, u0: { drug: 4 } },
    ]);
    expect(await fromCsv("t,c,kg\n0,1,70\n", { p: { weight: "kg" } })).toEqual({ t: [0], values: { c: [1] }, p: { weight: 70 } });
  });

  it("goes into a fit of experiments under their own conditions, and of observables", async () => {
    const decay = odeProblem({
      rhs: (u, p) => ({ drug: (-p.k * p.weight * u.drug) / 50, inert: 0 }),
      u0: { drug: 1, inert: 2 },
      tspan: [0, 2],
      p: { k: 1, weight: 50 },
    });
    const row = (id: string, kg: number, dose: number) => (t: number) =>
      `${t},${id},${kg},${dose},${dose * Math.exp((-0.7 * kg * t) / 50) + 2}`;
    const csv = ["t,id,kg,dose,total", ...[0.5, 1, 2].map(row("A", 70, 3)), ...[0.5, 1, 2].map(row("B", 40, 5))].join("\n");
    const found = await fromCsv(csv, { experiment: "id", p: { weight: "kg" }, u0: { drug: "dose" } });
    const data = [...found.values()].map((one) => observations({ ...one, of: { total: (u) => u.drug + u.inert } }));
    const { p } = await fit(decay, data, { parameters: { k: true }, rtol: 1e-9, atol: 1e-10 });
    expect(p.k).toBeCloseTo(0.7, 7);
  });

  it("has semicolons and tabs for separators before commas, which are within names, or the one that is asked for", async () => {
    expect(await fromCsv('t;u[0,1]\n0;"1"\n')).toEqual({ t: [0], values: { "u[0,1]": [1] } });
    expect(await fromCsv('t,"a;b"\n0,1\n')).toEqual({ t: [0], values: { "a;b": [1] } });
    expect(await fromCsv("t|a;b\n0|1\n", { separator: "|" })).toEqual({ t: [0], values: { "a;b": [1] } });
  });

  it("is the same from a stream of a file", async () => {
    const path = join(temporaryFolder(), "long.csv");
    const rows = 20_000;
    writeFileSync(path, `t,é\n${Array.from({ length: rows }, (_, i) => `${i},${i / 8}\n`).join("")}`);
    const { t, values } = await fromCsv(createReadStream(path, { encoding: "utf8", highWaterMark: 1021 }));
    expect(t).toHaveLength(rows);
    expect(values["é"][rows - 1]).toBe((rows - 1) / 8);
  });

  it("is read part by part: what is wrong is told before the next one is asked for", async () => {
    let asked = 0;
    function* parts(): Generator<string> {
      for (const part of ["t,a\n0,", "1\n1,x\n2", ",3\n"]) {
        asked++;
        yield part;
      }
    }
    await expect(fromCsv(parts())).rejects.toThrow("row 3");
    expect(asked).toBe(2);
  });
});

describe("what is refused", () => {
  it.each<[string, CsvText, CsvOptions, string]>([
    ["no text", "", {}, "fromCsv: there is no text"],
    ["a header alone", "t,a\n", {}, "fromCsv: there is a header, but no row with numbers below it"],
    ["text in place of a number", "t,a\n0,1\n1,high\n", {}, 'row 3, column "a": "high" is no finite number'],
    ["a decimal comma", "t;a\n0;1,5\n", {}, 'row 2, column "a": "1,5" is no finite number. Numbers have a decimal point.'],
    ["an infinity", "t,a\n0,inf\n", {}, 'row 2, column "a": "inf" is no finite number'],
    ["a missing time", "t,a\n,1\n", {}, 'row 2, column "t": there is no time'],
    ["a row that is too short", "t,a,b\n0,1,2\n\n1,2\n", {}, 'row 4 has 2 fields, but the header 3: "t", "a", "b"'],
    ["a row that is too long", "t,a\n0,1,2\n", {}, "row 2 has 3 fields, but the header 2"],
    ["two columns of one name", "t,a, a\n0,1,2\n", {}, 'two columns are named "a"'],
    ["a column without a name", ",t,a\n1,0,1\n", {}, "column 1 has no name"],
    ["no column of times", "hours,a\n0,1\n", {}, 'no column is named "t" or "time" among "hours", "a"'],
    ["two columns of times", "t,time,a\n0,0,1\n", {}, 'several columns are named "t" or "time"'],
    [
      "a column that is not there",
      "t,prey\n0,1\n",
      { values: { a: "pray" } },
      'values.a is "pray", but there is no such column among "t", "prey". Is "prey" meant?',
    ],
    ["no column of values", "t\n0\n", {}, 'there are no columns of values, but "t" alone'],
    [
      "deviations of nothing",
      "t,a,b\n0,1,2\n",
      { values: { a: "a" }, sigma: { b: "b" } },
      'sigma has "b", of which there are no values',
    ],
    [
      "quotes without an end",
      't,a\n0,1\n1,"2\n3,4\n',
      {},
      'quotes are opened, but never closed, in the row that begins with "1,\\"2"',
    ],
    ["a row of no experiment", "t,id,a\n0,,1\n", { experiment: "id" }, 'row 2, column "id": there is no name of an experiment'],
    [
      "a condition that changes",
      "t,id,a,kg\n0,A,1,70\n0,B,1,60\n1,A,1,71\n",
      { experiment: "id", p: { weight: "kg" } },
      'row 4, column "kg": 71 is not 70, as rows above have it of the same experiment',
    ],
    [
      "an experiment without a condition",
      "t,id,a,kg\n0,A,1,70\n0,B,1,\n",
      { experiment: "id", u0: { drug: "kg" } },
      'fromCsv: no row of experiment "B" has a number in column "kg", which is u0.drug.',
    ],
    ["no condition at all", "t,a,kg\n0,1,\n", { p: { weight: "kg" } }, 'no row has a number in column "kg", which is p.weight.'],
    ["conditions of no column", "t,a\n0,1\n", { p: { weight: "kg" } }, 'p.weight is "kg", but there is no such column'],
    ["what is no text", 7 as never, {}, "it is given the number 7, but takes text"],
    ["bytes", [new Uint8Array(3)] as never, {}, 'Decode it first: createReadStream(path, "utf8")'],
  ])("%s", async (_, csv, options, message) => {
    const failed = fromCsv(csv, options as CsvOptions & { experiment?: undefined });
    await expect(failed).rejects.toThrow(BadData);
    await expect(failed).rejects.toThrow(message);
  });

  it.each<[CsvOptions, string]>([
    [{ separator: "::" }, 'separator is "::", but must be one character'],
    [{ values: ["a"] as never }, "values is an array"],
    [{ time: "t" } as CsvOptions, 'fromCsv: there is no "time"'],
  ])("the options %j", async (options, message) => {
    await expect(fromCsv("t,a\n0,1\n", options as never)).rejects.toThrow(message);
  });

  it("at the fit, conditions of what the model has not, and part of a state that is a function of p", async () => {
    const decay = odeProblem({ rhs: (u, p) => ({ a: -p.k * u.a, b: 0 }), u0: { a: 1, b: 1 }, tspan: [0, 2], p: { k: 1 } });
    const at = (conditions: object) => fit(decay, observations({ t: [1], values: { a: [1] }, ...conditions }));
    await expect(at({ u0: { c: 1 } })).rejects.toThrow('observations.u0 has "c", but its components are a, b.');
    await expect(at({ p: { c: 1 } })).rejects.toThrow('observations.p has "c", but its components are k.');
    const settled = odeProblem({
      rhs: (u, p) => ({ a: -p.k * u.a, b: 0 }),
      u0: (p: { k: number }) => ({ a: p.k, b: 1 }),
      tspan: [0, 2],
      p: { k: 1 },
    });
    const part = fit(settled, observations({ t: [1], values: { a: [1] }, u0: { a: 1 } }));
    await expect(part).rejects.toThrow('observations.u0 has no "b". Where u0 is a function of p');
  });

  it("at the fit, a column that no component has", async () => {
    const decay = odeProblem({ rhs: (u, p) => ({ prey: -p.k * u.prey }), u0: { prey: 1 }, tspan: [0, 2], p: { k: 1 } });
    await expect(fit(decay, observations(await fromCsv("t,pray\n1,2\n")))).rejects.toThrow(
      'observations has values of "pray", which is no component of the state. Is "prey" meant?',
    );
  });
});
