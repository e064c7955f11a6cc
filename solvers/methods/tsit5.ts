import { explicit } from "../families/explicit/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { ExplicitMethod, ExplicitTableau } from "../families/explicit/tableau.ts";

const tableau: ExplicitTableau = {
  stages: [
    { c: 0.161, a: [0.161] },
    { c: 0.327, a: [-0.008480655492356989, 0.335480655492357] },
    { c: 0.9, a: [2.8971530571054935, -6.359448489975075, 4.3622954328695815] },
    { c: 0.9800255409045097, a: [5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525] },
    { c: 1, a: [5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383] },
  ],
  b: [0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774],
  error: [
    -0.00178001105222577714,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    1 / 66,
  ],
  dense: {
    polynomials: [
      [0.2367278755677449, -0.4035392331819347, 0.2632721244322554],
      [0.025425, 0.01, -0.025425],
      [0.6226568214128132, 0.4798896504144995, -0.6226568214128132],
      [-4.1370257223112255, 1.379008574103742, 4.1370257223112255],
      [11.84488049070482, -3.29006951543608, -11.84488049070482],
      [-8.717664465374137, 2.32471052409978, 8.717664465374153],
      [0.125, -0.5, -0.625],
    ],
  },
};

/**
 * Order 5 with an embedded method of order 4 and free dense output of order 4: the default for non-stiff problems.
 *
 * Ch. Tsitouras, Runge–Kutta pairs of order 5(4) satisfying only the first column simplifying assumption,
 * Comput. Math. Appl. 62 (2011) 770–775.
 */
export function tsit5(options: NoOptions = {}): ExplicitMethod {
  requireNoOptions("tsit5", options);
  return { name: "tsit5", family: explicit, order: 5, tableau };
}
