/** Which loops the page suspects, when a model does not come back. */
import { expect, it } from "vitest";
import { suspiciousLoops } from "../../playground/page/loops.ts";
import { ModelStopped } from "../../playground/shared/errors.ts";

const cases: Readonly<Record<string, readonly [text: string, lines: readonly number[]]>> = {
  "the only loop": ["const n = 3;\nfor (let i = 0; i < n; i--) {}\n", [2]],
  "a while, not the loops that count or go through a list": [
    "for (const k of [1]) f(k);\nfor (let i = 0; i < 3; i++) {\n  while (u.x > 0) {}\n}",
    [3],
  ],
  "a for without a condition": ["for (let i = 0; i < 3; i++) {}\nfor (;;) {}", [2]],
  "a for that counts, and has no condition": ["for (let i = 0; ; i++) {}\nfor (let i = 0; i < 3; i++) {}", [1]],
  "all that are alike": ["while (a) {}\ndo {\n} while (b);\nwhile (c) {} while (d) {}", [1, 2, 4]],
  "lists, where there is nothing else": ["for (const k of numbers()) {}\nfor (const k in u) {}", [1, 2]],
  TypeScript: ["const n: number = 1;\nfunction f(x: number): void {\n  while (x) {}\n}", [3]],
  "a text that is not whole": ["while (true) {", [1]],
  "what only looks like a loop": ["// while (true) {}\nconst s = 'for (;;) {}';", []],
};

it.each(Object.entries(cases))("%s", (_, [text, lines]) => expect(suspiciousLoops(text)).toEqual(lines));

it("the message names them", () => {
  expect(new ModelStopped(700, [6]).message).toContain("Perhaps the loop in line 6 never ends.");
  expect(new ModelStopped(700, [6, 9, 12]).message).toContain("Perhaps one of the loops in lines 6, 9 and 12 never ends.");
  expect(new ModelStopped(700, []).message).toContain("It has no loop");
});
