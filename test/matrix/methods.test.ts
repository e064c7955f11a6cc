/** Every adjoint method, with every backend it can use, on every kind of loss and events: right, or refused by name. */
import { describe, expect, it } from "vitest";
import { events, losses } from "./methods/cases.ts";
import { expected, rows, Subject } from "./methods/harness.ts";
import { closedForms } from "./methods/problems.ts";

describe.each(closedForms)("$name", (form) => {
  const subject = new Subject(form);

  it.each(rows)("$adjoint, $backend.name", (row) => {
    for (const loss of Object.keys(losses)) {
      for (const event of Object.keys(events)) {
        const outcome = subject.run(row, loss, event);
        expect(outcome, `loss ${loss}, events ${event}`).toMatchObject({ kind: expected(row, form) });
      }
    }
  });
});
