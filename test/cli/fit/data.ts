/** Data that fits of the command are of. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lotkaVolterra } from "../../../problems/lotka-volterra.ts";
import { solve } from "../../../solvers/solve/solve.ts";
import { normals } from "../../../src/core/random.ts";
import { temporaryFolder } from "../run.ts";

export const deviation = 0.05;

/** Of Lotka and Volterra's equations at the named problem's parameters, with noise; the path of a CSV file, with a value missing. */
export function lotkaVolterraFile(header = "t,prey,predator"): string {
  const { problem } = lotkaVolterra();
  const t = Array.from({ length: 40 }, (_, i) => i / 4);
  const { u } = solve(problem, { saveat: t, rtol: 1e-9, atol: 1e-9 });
  const normal = normals(11);
  const rows = t.map((time, i) => {
    const [prey, predator] = [u[i].prey, u[i].predator].map((value) => (value + deviation * normal()).toFixed(5));
    return `${time},${i === 7 ? "NA" : prey},${predator}`;
  });
  return file([header, ...rows].join("\n"));
}

export function file(text: string): string {
  const path = join(temporaryFolder(), "data.csv");
  writeFileSync(path, text);
  return path;
}
