import { rosenbrock } from "../families/rosenbrock/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { RosenbrockMethod, RosenbrockTableau } from "../families/rosenbrock/tableau.ts";

const last = [-14.09640773051259, 6.925207756232704, -41.47510893210728, 2.343771018586405, 24.13215229196062];

const tableau: RosenbrockTableau = {
  gamma: 0.19,
  a: [
    [],
    [2],
    [3.040894194418781, 1.041747909077569],
    [2.576417536461461, 1.62208306077664, -0.9089668560264532],
    [2.760842080225597, 1.446624659844071, -0.3036980084553738, 0.2877498600325443],
    last,
    [...last, 1],
    [...last, 1, 1],
  ],
  C: [
    [],
    [-10.31323885133993],
    [-21.04823117650003, -7.234992135176716],
    [32.22751541853323, -4.943732386540191, 19.44922031041879],
    [-20.69865579590063, -8.816374604402768, 1.260436877740897, -0.7495647613787146],
    [-46.22004352711257, -17.49534862857472, -289.6389582892057, 93.60855400400906, 318.3822534212147],
    [34.20013733472935, -14.1553540271769, 57.823356409884, 25.83362985412365, 1.408950972071624, -6.551835421242162],
    [
      42.57076742291101, -13.80770672017997, 93.98938432427124, 18.77919633714503, -31.5835918722337, -6.685968952921985,
      -5.810979938412932,
    ],
  ],
  c: [0, 0.38, 0.3878509998321533, 0.483971893787384, 0.457047700881958, 1, 1, 1],
  d: [0.19, -0.18230792253337147, -0.3192318321868749, 0.3449828624725343, -0.37741756439208984, 0, 0, 0],
  b: [...last, 1, 1, 1],
  error: [0, 0, 0, 0, 0, 0, 0, 1],
  // For u' = f(t) the two methods are one, and what they differ by is zero. Of t⁵ this is 2.7 times the error, and of t⁶ 1.4 times.
  residual: { theta: 0.25, weight: 3 },
  errorOrder: 5,
  H: [
    [
      27.354592673333357, -6.925207756232857, 26.40037733258859, 0.5635230501052979, -4.699151156849391, -1.6008677469422725,
      -1.5306074446748028, -1.3929872940716344,
    ],
    [
      44.19024239501722, 0, 202.93261852171622, -35.5669339789154, -181.91095152160645, 3.4116351403665033, 2.5793540257308067,
      2.2435122582734066,
    ],
    [
      -44.0988150021747, 0, -181.26175034586677, 56.99302194811676, 183.21182741427398, -7.480257918273637, -5.792426076169686,
      -5.32503859794143,
    ],
  ],
};

/**
 * Order 5 with an embedded method of order 4, stiffly accurate, with dense output of order 4. What the embedded method leaves unseen, all
 * of u' = f(t) and what the Jacobian does not tell, a second estimate sees: the residual of the dense output after a quarter of the step,
 * for which a step takes one more evaluation and solves one more system than that of `rodas5P`.
 *
 * G. Di Marzo, RODAS5(4): Méthodes de Rosenbrock d'ordre 5(4) adaptées aux problèmes différentiels-algébriques, master's thesis,
 * University of Geneva (1993). Throws for unknown options.
 */
export function rodas5(options: NoOptions = {}): RosenbrockMethod {
  requireNoOptions("rodas5", options);
  return { name: "rodas5", family: rosenbrock, order: 5, tableau };
}
