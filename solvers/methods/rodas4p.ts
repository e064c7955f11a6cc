import { rosenbrock } from "../families/rosenbrock/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { RosenbrockMethod, RosenbrockTableau } from "../families/rosenbrock/tableau.ts";

const last = [-7.170454962423024, -4.741636671481785, -16.31002631330971, -1.062004044111401];

const tableau: RosenbrockTableau = {
  gamma: 0.25,
  a: [
    [],
    [3],
    [1.831036793486759, 0.4955183967433795],
    [2.304376582692669, -0.05249275245743001, -1.176798761832782],
    last,
    [...last, 1],
  ],
  C: [
    [],
    [-12],
    [-8.791795173947035, -2.207865586973518],
    [10.81793056857153, 6.780270611428266, 19.5348594464241],
    [34.19095006749676, 15.49671153725963, 54.7476087596413, 14.16005392148534],
    [34.62605830930532, 15.30084976114473, 56.99955578662667, 18.40807009793095, -5.714285714285717],
  ],
  c: [0, 0.75, 0.21, 0.63, 1, 1],
  d: [0.25, -0.5, -0.023504, -0.0362, 0, 0],
  b: [...last, 1, 1],
  error: [0, 0, 0, 0, 0, 1],
  errorOrder: 4,
  H: [
    [25.09876703708589, 11.62013104361867, 28.49148307714626, -5.664021568594133, 0, 0],
    [1.638054557396973, -0.7373619806678748, 8.47791821923899, 15.9925314877952, -1.882352941176471, 0],
  ],
};

/**
 * Order 4 with an embedded method of order 3, stiffly accurate, with dense output of order 3; it keeps its order on semidiscretised
 * parabolic problems.
 *
 * G. Steinebach, Order reduction of ROW methods for DAEs and method of lines applications, Preprint 1741, TH Darmstadt (1995).
 */
export function rodas4P(options: NoOptions = {}): RosenbrockMethod {
  requireNoOptions("rodas4P", options);
  return { name: "rodas4P", family: rosenbrock, order: 4, tableau };
}
