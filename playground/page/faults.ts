/** Errors and warnings below the editor, each with a way to its line. */
import type { Fault } from "../shared/protocol.ts";
import { element } from "./element.ts";

/** What stands between backticks is code. */
function withCode(message: string): (string | HTMLElement)[] {
  return message.split("`").map((part, i) => (i % 2 === 1 ? element("code", {}, part) : part));
}

export function showFaults(list: HTMLElement, faults: readonly Fault[], goTo: (fault: Fault) => void): void {
  list.hidden = faults.length === 0;
  list.replaceChildren(
    ...faults.map((fault) => {
      const isWarning = fault.name === "Warning";
      const place =
        fault.line !== undefined &&
        element("button", { type: "button", class: "plain", click: () => goTo(fault) }, `line ${fault.line}`);
      return element(
        "li",
        { class: isWarning ? "warning" : "error" },
        element("strong", {}, fault.name),
        place || " ",
        ...withCode(fault.message),
      );
    }),
  );
}
