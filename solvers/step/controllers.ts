/**
 * How the length of the next step follows from the errors of those before, as values that a solve takes. With errors scaled so that one
 * is what the tolerances allow, and k the order of the error estimate, they are all of the form
 *
 *   h₊ = gain · ε^(-β₁/k) ε₋₁^(-β₂/k) ε₋₂^(-β₃/k) (h/h₋₁)^(-α₂) (h₋₁/h₋₂)^(-α₃) · h
 *
 * (G. Söderlind, Digital filters in adaptive time-stepping, ACM TOMS 29 (2003) 1–26, equation 14).
 */
import { BadOption } from "../../src/core/errors.ts";
import { checkOptions, type Check, type Checks } from "../../src/core/options/check.ts";
import { numbers, shown } from "../../src/core/options/kinds.ts";

/** A rule for the lengths of steps: see {@link pid}. */
export interface StepController {
  readonly beta: readonly number[];
  readonly alpha: readonly number[];
  readonly gain: number;
  /** A step that was rejected is tried again with safety · ε^(-retry/k) of its length. */
  readonly safety: number;
  readonly retry: number;
  /** Bounds of the factor by which a length changes. */
  readonly minFactor: number;
  readonly maxFactor: number;
  /** Errors are remembered as no smaller than this. */
  readonly leastError: number;
  /** The error of the steps before the first; by default the rule is {@link integral} until there are as many as it reads. */
  readonly firstError?: number;
  /** The next step is no longer than {@link integral} makes it. */
  readonly capped?: boolean;
}

export interface ControllerOptions {
  /** Steps aim at an error of safety^k times what the tolerances allow. 0.9 by default. */
  readonly safety?: number;
  /** The smallest and the largest factor by which the length of a step changes at once: by default 0.2, and 10 (predictive: 6). */
  readonly minFactor?: number;
  readonly maxFactor?: number;
}

const isSafety: Check = (value, what) => {
  if (typeof value === "number" && value > 0 && value <= 1) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a number above 0, and 1 at most.`);
};

const isSmaller: Check = (value, what) => {
  if (typeof value === "number" && value > 0 && value < 1) return;
  throw new BadOption(
    `${what} is ${shown(value)}, but must be a number between 0 and 1, by which a step that is too long becomes shorter.`,
  );
};

const isLarger: Check = (value, what) => {
  if (typeof value === "number" && value >= 1) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be a number of 1 at least.`);
};

const checks: Checks<ControllerOptions> = { safety: isSafety, minFactor: isSmaller, maxFactor: isLarger };

function limitsOf(name: string, options: ControllerOptions, largest = 10): Required<ControllerOptions> {
  checkOptions(options, checks, name);
  const { safety = 0.9, minFactor = 0.2, maxFactor = largest } = options;
  return { safety, minFactor, maxFactor };
}

/** The classical rule: each length by the error of the step before alone, h₊ = safety · ε^(-1/k) · h. */
export function integral(options: ControllerOptions = {}): StepController {
  const limits = limitsOf("integral", options);
  return { beta: [1], alpha: [], gain: limits.safety, retry: 1, leastError: 1e-4, ...limits };
}

/**
 * The default of explicit methods: the exponents 0.7/k and −0.4/k make smooth steps where stability limits them (K. Gustafsson,
 * Control-theoretic techniques for stepsize selection in explicit Runge–Kutta methods, ACM TOMS 17 (1991) 533–554; Hairer, Wanner, Solving
 * Ordinary Differential Equations II, IV.2).
 */
export function pi(options: ControllerOptions = {}): StepController {
  const limits = limitsOf("pi", options);
  return { beta: [0.7, -0.4], alpha: [], gain: limits.safety, retry: 0.7, leastError: 1e-4, firstError: 1e-4, ...limits };
}

/**
 * The default of Rosenbrock and diagonally implicit methods: it lets the trend of the error go on, but makes no step longer than
 * {@link integral} does (K. Gustafsson, Control-theoretic techniques for stepsize selection in implicit Runge–Kutta methods, ACM TOMS 20
 * (1994) 496–517; constants of RODAS in Hairer, Wanner, Solving Ordinary Differential Equations II, IV.8).
 */
export function predictive(options: ControllerOptions = {}): StepController {
  const limits = limitsOf("predictive", options, 6);
  return { beta: [2, -1], alpha: [-1], gain: limits.safety, retry: 1, leastError: 1e-2, capped: true, ...limits };
}

/**
 * Filters by their published names (Söderlind 2003; H211b, H312b with b = 4 and 8). The first digit is the order of the dynamics, the second
 * that of adaptivity, the third that of the filter: these, and the poles, determine the coefficients.
 */
export const filters = {
  H0211: { beta: [1 / 2, 1 / 2], alpha: [1 / 2] },
  H211b: { beta: [1 / 4, 1 / 4], alpha: [1 / 4] },
  H211PI: { beta: [1 / 6, 1 / 6], alpha: [] },
  H0312: { beta: [1 / 4, 1 / 2, 1 / 4], alpha: [3 / 4, 1 / 4] },
  H312b: { beta: [1 / 8, 2 / 8, 1 / 8], alpha: [3 / 8, 1 / 8] },
  H312PID: { beta: [1 / 18, 1 / 9, 1 / 18], alpha: [] },
  H0321: { beta: [5 / 4, 1 / 2, -3 / 4], alpha: [-1 / 4, -3 / 4] },
  H321: { beta: [1 / 3, 1 / 18, -5 / 18], alpha: [-5 / 6, -1 / 6] },
} as const satisfies Readonly<Record<string, Filter>>;

/** Exponents β of up to three errors, the last step's first, and −α of up to two ratios of lengths. */
export interface Filter {
  readonly beta: readonly number[];
  readonly alpha?: readonly number[];
}

const filterChecks: Checks<Filter> = { beta: numbers, alpha: numbers };

/**
 * A filter of the errors of up to three steps and the ratios of their lengths, for step sequences that are smooth, so that small changes of
 * the problem or of the tolerances change the result little.
 *
 * @param filter - The name of a published one, or exponents of one's own.
 * @throws UnknownOption and BadOption for what is no filter.
 * @example
 * solve(problem, { controller: pid("H211b") });
 * solve(problem, { controller: pid({ beta: [0.49, -0.34, 0.1] }) });
 */
export function pid(filter: keyof typeof filters | Filter, options: ControllerOptions = {}): StepController {
  const { beta, alpha = [] } = filterOf(filter);
  const limits = limitsOf("pid", options);
  const weight = beta.reduce((sum, x) => sum + x, 0);
  if (!(weight > 0)) {
    throw new BadOption(
      `pid: the sum of beta is ${weight}, but must be positive: what is too large an error has to make the step shorter.`,
    );
  }
  return { beta, alpha, gain: limits.safety ** weight, retry: 1, leastError: 1e-4, ...limits };
}

function filterOf(filter: unknown): Filter {
  if (typeof filter === "string" && Object.hasOwn(filters, filter)) return filters[filter as keyof typeof filters];
  if (typeof filter !== "object" || filter === null) {
    throw new BadOption(
      `pid: the filter is ${shown(filter)}. Give one of ${Object.keys(filters).join(", ")}, or exponents: { beta: [0.49, -0.34, 0.1] }.`,
    );
  }
  checkOptions(filter, filterChecks, "pid");
  const { beta = [], alpha = [] } = filter as Partial<Filter>;
  if (beta.length < 1 || beta.length > 3 || alpha.length > 2) {
    throw new BadOption(
      `pid: beta has ${beta.length} exponents and alpha ${alpha.length}, but there must be one to three, and two at most.`,
    );
  }
  return { beta: Array.from(beta), alpha: Array.from(alpha) };
}

/** Is it what one of these gives? */
export function isController(value: unknown): value is StepController {
  return typeof value === "object" && value !== null && "beta" in value && "gain" in value;
}
