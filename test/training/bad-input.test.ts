import { expect, it } from "vitest";
import { odeProblem } from "../../src/problem/problem.ts";
import { fit, lbfgs, levenbergMarquardt, observations, type FitOptions, type ObservationsSpec } from "../../training/index.ts";

const decay = odeProblem({
  name: "decay",
  rhs(du, u, p) {
    du.a = -p.k * u.a;
  },
  u0: { a: 1 },
  tspan: [0, 5],
  p: { k: 0.5 },
});

const grouped = odeProblem({
  rhs: (u, p) => ({ a: -p.g.k * u.a }),
  u0: { a: 1 },
  tspan: [0, 5],
  p: { g: { k: 0.5, unused: 0 } },
});
const good = observations({ t: [1, 2], values: { a: [0.5, 0.3] } });

const badData: readonly (readonly [string, unknown, string])[] = [
  ["nothing", undefined, "BadOption: observations: it is given undefined"],
  ["no values", { t: [1] }, "BadData: observations: give `t`, the times, and `values` by name"],
  ["an unknown key", { t: [1], values: { a: [1] }, weights: [1] }, 'UnknownOption: observations: there is no "weights"'],
  ["no times at all", { t: [], values: { a: [] } }, "BadData: observations: there is no value at all: the lists are empty"],
  ["no names", { t: [1], values: {} }, "BadData: observations: there is no value at all"],
  ["times that are null", { t: null, values: { a: [1] } }, "BadData: t is null, but must be an array of numbers"],
  [
    "observables that are null",
    { t: [1], values: { a: [1] }, of: null },
    "BadData: observations: `of` is null, but must be functions",
  ],
  [
    "a deviation of what has no values",
    { t: [1], values: { a: [1] }, sigma: { a: 1, b: 1 } },
    'BadData: observations: `sigma` has "b"',
  ],
  ["too many values", { t: [1], values: { a: [1, 2] } }, "BadData: observations: values.a has 2 values at 1 times"],
  ["all missing", { t: [1, 2], values: { a: [null, NaN] } }, "BadData: observations: there is no value at all"],
  ["too few values", { t: [1, 2], values: { a: [1] } }, "BadData: observations: values.a has 1 values at 2 times"],
  ["a text among numbers", { t: [1, 2], values: { a: [1, "x"] } }, 'BadData: observations: values.a[1] is "x"'],
  ["an infinity", { t: [1, 2], values: { a: [1, Infinity] } }, "BadData: observations: values.a[1] is Infinity"],
  ["a time that is none", { t: [1, NaN], values: { a: [1, 2] } }, "BadData: observations: the time of values.a[1] is NaN"],
  [
    "times of other names only",
    { t: { b: [1] }, values: { a: [1] } },
    'BadData: observations: t is given by name, but has no "a"',
  ],
  ["an observable without values", { t: [1], values: { a: [1] }, of: { m: () => 1 } }, 'BadData: observations: `of` has "m"'],
  ["a noise that is none", { t: [1], values: { a: [1] }, noise: "gauss" }, 'BadData: observations: noise of "a" is "gauss"'],
  ["a negative sigma", { t: [1], values: { a: [1] }, sigma: -1 }, 'BadData: observations: sigma of "a" is -1'],
  [
    "a list of standard deviations for all names",
    { t: [1], values: { a: [1] }, sigma: [1] },
    'BadData: observations: sigma of "a" is an array',
  ],
  [
    "too few standard deviations",
    { t: [1, 2], values: { a: [1, 2] }, sigma: { a: [1] } },
    "BadData: observations: sigma.a has 1 entries for 2 values",
  ],
  [
    "a value without its standard deviation",
    { t: [1, 2], values: { a: [1, 2] }, sigma: { a: [1, NaN] } },
    "BadData: observations: sigma.a[1] is NaN",
  ],
  [
    "counts that are no whole numbers",
    { t: [1], values: { a: [1.5] }, noise: "poisson" },
    "BadData: observations: values.a[0] is 1.5",
  ],
  ["logarithms of zero", { t: [1, 2], values: { a: [null, 0] }, noise: "lognormal" }, "BadData: observations: values.a[1] is 0"],
  [
    "a sigma of counts",
    { t: [1], values: { a: [1] }, noise: "poisson", sigma: 2 },
    'BadData: observations: noise "poisson" of "a" has no sigma',
  ],
  [
    "Huber's without sigma",
    { t: [1], values: { a: [1] }, noise: "huber" },
    'BadData: observations: noise "huber" of "a" needs a `sigma`',
  ],
];

it.each(badData)("observations refuse %s", (_, spec, message) => {
  expect(() => observations(spec as ObservationsSpec)).toThrow(expect.objectContaining({ name: message.split(":")[0] }));
  expect(() => observations(spec as ObservationsSpec)).toThrow(message.replace(/^\w+: ?/, ""));
});

const badFits: readonly (readonly [string, () => unknown, string])[] = [
  ["no observations", () => fit(decay, []), "BadData: fit: there are no observations"],
  ["data that were not made by observations", () => fit(decay, { t: [1] } as never), "BadData: observations was not made by"],
  [
    "values of what is no component",
    () => fit(decay, observations({ t: [1], values: { aa: [1] } })),
    'BadData: observations has values of "aa", which is no component of the state. Is "a" meant?',
  ],
  [
    "values before the start",
    () => fit(decay, observations({ t: [-1], values: { a: [1] } })),
    "BadData: observations has a value at t = -1",
  ],
  [
    "covariates that are no parameters",
    () => fit(decay, [good, observations({ t: [1], values: { a: [1] }, p: { dose: 1 } })]),
    'BadData: observations[1].p has "dose"',
  ],
  [
    "parameters that are not there",
    () => fit(decay, good, { parameters: { kk: true } }),
    'BadParameter: parameters: there is no component "kk" of p. Is "k" meant?',
  ],
  [
    "a parameter that is named twice",
    () => fit(grouped, good, { parameters: { g: true, "g.k": { bounds: [0, 1] } } }),
    'BadParameter: parameters: "g.k" is named twice, by itself and by what it lies under.',
  ],
  [
    "a parameter that experiments give values of their own",
    () => fit(decay, [good, observations({ t: [1], values: { a: [1] }, p: { k: 2 } })]),
    "BadParameter: fit: k of p is fitted, one value for all experiments, but in observations[0] it is 0.5, and in observations[1] 2. " +
      "Leave it out of `parameters`, or of `p` of the observations.",
  ],
  [
    "an initial state that experiments give values of their own",
    () => fit(decay, [good, good, observations({ t: [1], values: { a: [1] }, u0: { a: 3 } })], { initial: { a: true } }),
    "BadParameter: fit: a of u0 is fitted, one value for all experiments, but in observations[0] it is 1, and in observations[2] 3.",
  ],
  ["nothing to fit", () => fit(decay, good, { parameters: {} }), "BadParameter: fit: nothing is free"],
  [
    "bounds upside down",
    () => fit(decay, good, { parameters: { k: { bounds: [2, 1] } } }),
    "BadParameter: parameters.k.bounds is [2, 1], but must be two numbers, the lower one first: [0, 5]",
  ],
  [
    "bounds that leave nothing between them",
    () => fit(decay, good, { parameters: { k: { bounds: [1, 1] } } }),
    "BadParameter: parameters.k.bounds is [1, 1], but must be two numbers, the lower one first: [0, 5]. What stays as it is, is left out.",
  ],
  [
    "bounds that are texts",
    () => fit(decay, good, { parameters: { k: { bounds: ["0", 1] as never } } }),
    'BadParameter: parameters.k.bounds is ["0", 1], but must be two numbers',
  ],
  [
    "a parameter that is not to be fitted, by false",
    () => fit(decay, good, { parameters: { k: false as never } }),
    "BadParameter: parameters.k is false. Give true, or { start, bounds, scale, prior }; leave out what is not fitted.",
  ],
  [
    "a logarithm of zero",
    () => fit({ ...decay, p: { k: 0 } }, good, { parameters: { k: { scale: "log" } } }),
    'BadParameter: parameters.k is 0, but on the scale "log" it must be a positive number',
  ],
  [
    "an initial state that is not finite",
    () => fit(decay, observations({ t: [1], values: { a: [1] }, u0: { a: NaN } })),
    "NonFinite: observations.u0 must be finite, but observations.u0.a is NaN",
  ],
  [
    "a start from where the model cannot be solved",
    () => fit(odeProblem({ rhs: (u, p) => ({ a: p.k * u.a ** 2 }), u0: { a: 1 }, tspan: [0, 5], p: { k: 1 } }), good),
    "BadStart: The model has no misfit at the start: StepUnderflow: ",
  ],
  [
    "a start outside its bounds",
    () => fit(decay, good, { parameters: { k: { bounds: [1, 2] } } }),
    "BadParameter: parameters.k starts at 0.5, outside its bounds [1, 2]",
  ],
  [
    "a logarithm of what is not positive",
    () => fit(decay, good, { parameters: { k: { start: -1, scale: "log" } } }),
    'BadParameter: parameters.k is -1, but on the scale "log" it must be a positive number',
  ],
  [
    "a logit without bounds",
    () => fit(decay, good, { parameters: { k: { scale: "logit" } } }),
    'BadParameter: parameters.k is 0.5, but on the scale "logit" it must be within two finite bounds',
  ],
  [
    "a scale that is none",
    () => fit(decay, good, { parameters: { k: { scale: "ln" as "log" } } }),
    'BadParameter: parameters.k.scale is "ln"',
  ],
  ["an unknown key of a parameter", () => fit(decay, good, { parameters: { k: { lower: 1 } as object } }), "UnknownOption"],
  ["an unknown option", () => fit(decay, good, { method: "lm" } as FitOptions), "UnknownOption"],
  ["an optimiser by name", () => fit(decay, good, { optimiser: "lbfgs" as never }), "BadOption"],
  [
    "an observable that is not a number",
    () => fit(decay, observations({ t: [1, 2], values: { m: [1, 1] }, of: { m: (u) => Math.log(u.a - 0.5) } })),
    'BadStart: The model has no misfit at the start: BadPrediction: The observable "m" is not finite beside values.m[1]. Its value at t = 2 is NaN',
  ],
  ...[levenbergMarquardt(), lbfgs()].map((optimiser): [string, () => Promise<unknown>, string] => [
    `an observable without a derivative, by ${optimiser.name}`,
    () => fit(decay, observations({ t: [0, 2], values: { r: [0, 1] }, of: { r: (u) => Math.sqrt(1 - u.a) } }), { optimiser }),
    'BadPrediction: The observable "r" has no finite derivative at t = 0, as a square root has none at zero',
  ]),
];

it.each(badFits)("a fit refuses %s", async (_, call, message) => {
  const error = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
  expect(`${error?.name}: ${error?.message}`).toContain(message);
});

it("an optimiser's own options are looked at", () => {
  expect(() => lbfgs({ memory: Infinity })).toThrow("memory is Infinity");
  expect(() => lbfgs({ m: 3 } as never)).toThrow('there is no "m"');
});
