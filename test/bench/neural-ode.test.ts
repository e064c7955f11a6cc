import { afterEach, expect, it, vi } from "vitest";
import { peerCurves } from "../../bench/adjoints/peers.ts";
import { barsTable } from "../../bench/neural-ode/bars.ts";
import { cvodes, diffrax, peersTable, spiralPeers, torchdiffeq } from "../../bench/neural-ode/peers.ts";
import { train, trainingTable } from "../../bench/neural-ode/training.ts";
import type { Row } from "../../bench/shared/report.ts";
import type { NamedProblem } from "../../problems/index.ts";
import { tsit5 } from "../../solvers/methods/tsit5.ts";

afterEach(() => vi.unstubAllEnvs());

it("learns, tells the loss as it goes, and learns the same every time", () => {
  const lines: string[] = [];
  const training = train(100, (line) => lines.push(line));
  expect(training.losses.map(({ step }) => step)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  const [first, ...later] = training.losses.map(({ loss }) => loss);
  expect(first).toBeCloseTo(181.18, 1);
  expect(later.at(-1)).toBeLessThan(first / 20);
  expect(lines).toHaveLength(11);
  expect(lines[0]).toBe("training, step 0 of 100: loss 181.2");
  expect(train(100, () => {}).losses).toEqual(training.losses);
  expect(trainingTable(training).rows).toEqual([
    { steps: 100, first, loss: later.at(-1), seconds: training.seconds, each: training.seconds / 100 },
  ]);
});

it("says of each peer that is not installed how to get it", () => {
  vi.stubEnv("SUNDIALS", "/nowhere");
  vi.stubEnv("PEERS_PYTHON", "/nowhere/python");
  const { untrained } = train(0, () => {});
  const named = untrained as unknown as NamedProblem;
  const task = { named, solver: tsit5(), rtol: 1e-6, atolPerRtol: 1, logarithmic: false, peers: spiralPeers(untrained) };
  const notes: string[] = [];
  expect(peerCurves(task, [1e-6], new Float64Array(252).fill(1), notes)).toEqual([]);
  expect(notes).toEqual([
    expect.stringMatching(/^No figures of CVODES adams: .*build-sundials\.sh/),
    expect.stringMatching(/^No figures of torchdiffeq: .*none at \/nowhere\/python.*README/),
    expect.stringMatching(/^No figures of diffrax: .*none at \/nowhere\/python.*README/),
  ]);
});

it("tables every point of the peers, and compiling where there is any", () => {
  const { rows } = peersTable([
    { name: torchdiffeq, points: [{ rtol: 1e-6, seconds: 0.1, error: 1e-4, compileSeconds: undefined }] },
    { name: diffrax, points: [{ rtol: 1e-6, seconds: 0.002, error: 1e-4, compileSeconds: 4 }] },
  ]);
  expect(rows).toEqual([
    { peer: torchdiffeq, rtol: 1e-6, seconds: 0.1, error: 1e-4 },
    { peer: diffrax, rtol: 1e-6, seconds: 0.002, error: 1e-4, compileSeconds: 4 },
  ]);
});

it("holds the chosen method's ratios against the bars", () => {
  const rows: Row[] = [
    { adjoint: "gauss", [cvodes]: 9, [torchdiffeq]: 900 },
    { adjoint: "discrete", [cvodes]: 4.9, [torchdiffeq]: 101, note: "chosen" },
  ];
  expect(barsTable({ columns: [], rows }).rows).toEqual([
    { what: "CVODES adams / odegrad", ratio: 4.9, least: 5, verdict: "missed" },
    { what: "torchdiffeq / odegrad", ratio: 101, least: 100, verdict: "met" },
  ]);
  expect(barsTable({ columns: [], rows: [{ adjoint: "discrete", note: "chosen" }] }).rows).toEqual([]);
});
