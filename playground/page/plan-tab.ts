/** The plan of a gradient, told. */
import type { PlanText } from "../shared/protocol.ts";
import { element } from "./element.ts";

export function showPlan(parent: HTMLElement, { summary, loss, known, decisions, warnings }: PlanText): void {
  parent.replaceChildren(
    element("p", {}, "A gradient of ", element("strong", {}, loss), " by the parameters: ", element("strong", {}, summary), "."),
    ...known.map((line) => element("p", { class: "quiet" }, line)),
    element(
      "dl",
      {},
      ...decisions.flatMap(({ about, chosen, because, rejected }) => [
        element("dt", {}, about),
        element(
          "dd",
          {},
          element("strong", {}, chosen),
          `: ${because}`,
          ...rejected.map((other) => element("p", { class: "rejected" }, `not ${other.name}: ${other.because}`)),
        ),
      ]),
    ),
    ...warnings.map((warning) => element("p", { class: "quiet" }, warning)),
  );
}
