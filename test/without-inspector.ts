/** Hides the inspector from the tests of a file or a suite, so that nothing shows what functions capture, as in a page. */
import { afterAll, beforeAll } from "vitest";

type Get = typeof process.getBuiltinModule;

export function withoutInspector(): void {
  const get = process.getBuiltinModule.bind(process);
  const without = ((name: string) => (name === "node:inspector" ? undefined : get(name))) as Get;
  beforeAll(() => void (process.getBuiltinModule = without));
  afterAll(() => void (process.getBuiltinModule = get));
}
