/** Adams' methods of variable order and step. */
import { asProposed } from "../../step/controller.ts";
import type { Family } from "../../step/method.ts";
import { adamsStep } from "./step.ts";
import type { AdamsTableau } from "./tableau.ts";

export const adams: Family<AdamsTableau> = {
  name: "adams",
  implicit: false,
  step: adamsStep,
  controller: () => asProposed,
  stability: () => undefined,
};
