import { afterEach, expect, it, vi } from "vitest";
import { PeerUnavailable } from "../../bench/peers/execute.ts";
import { runBrusselator } from "../../bench/peers/run.ts";

afterEach(() => vi.unstubAllEnvs());

it("says how to get SUNDIALS where there is none", () => {
  vi.stubEnv("SUNDIALS", "/nowhere");
  expect(() => runBrusselator([1e-6])).toThrow(PeerUnavailable);
  expect(() => runBrusselator([1e-6])).toThrow(/none in \/nowhere.*build-sundials\.sh/);
});
