/**
 * Adaptive quadrature by the Gauss–Kronrod pair of 7 and 15 points, bisecting where the error is largest (R. Piessens et al.,
 * QUADPACK, Springer 1983, routines QK15 and QAG).
 */

/** Nodes of the 15-point rule on [-1, 1], the positive ones and zero; every second is one of the 7-point rule. */
const NODES = [
  0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926,
  0.741531185599394439863864773280788, 0.586087235467691130294144691693169, 0.405845151377397166906606412076961,
  0.207784955007898467600689403773245, 0,
];
const KRONROD_WEIGHTS = [
  0.02293532201052922496373200805897, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518,
  0.140653259715525918745189590510238, 0.16900472663926790282658342659855, 0.190350578064785409913256402421014,
  0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
];
const GAUSS_WEIGHTS = [
  0, 0.129484966168869693270611432679082, 0, 0.27970539148927666790146777142378, 0, 0.381830050505118944950369775488975, 0,
  0.417959183673469387755102040816327,
];

export interface AdaptiveQuadrature {
  /** Of the integral, by component. */
  readonly rtol: number;
  readonly atol: number;
  readonly maxIntervals: number;
}

interface Piece {
  readonly a: number;
  readonly b: number;
  readonly value: Float64Array;
  readonly error: Float64Array;
}

/**
 * ∫ f dt from a to b (b may be the lower) of a function with `size` components, written to its second argument; undefined
 * where `maxIntervals` do not suffice for the tolerances.
 */
export function integrateAdaptively(
  f: (t: number, out: Float64Array) => void,
  a: number,
  b: number,
  size: number,
  { rtol, atol, maxIntervals }: AdaptiveQuadrature,
): Float64Array | undefined {
  const pieces = [rule(f, a, b, size)];
  const total = (of: "value" | "error"): Float64Array => {
    const sum = new Float64Array(size);
    for (const piece of pieces) piece[of].forEach((x, i) => (sum[i] += x));
    return sum;
  };
  for (;;) {
    const [value, error] = [total("value"), total("error")];
    const allowed = value.map((x) => atol + rtol * Math.abs(x));
    if (error.every((e, i) => e <= allowed[i])) return value;
    if (pieces.length >= maxIntervals) return undefined;
    const badness = (piece: Piece): number => piece.error.reduce((worst, e, i) => Math.max(worst, e / allowed[i]), 0);
    const scores = pieces.map(badness);
    const worst = scores.indexOf(Math.max(...scores));
    const { a: from, b: to } = pieces[worst];
    const middle = (from + to) / 2;
    pieces.splice(worst, 1, rule(f, from, middle, size), rule(f, middle, to, size));
  }
}

function rule(f: (t: number, out: Float64Array) => void, a: number, b: number, size: number): Piece {
  const value = new Float64Array(size);
  const error = new Float64Array(size);
  const at = new Float64Array(size);
  const half = (b - a) / 2;
  NODES.forEach((x, k) => {
    for (const node of x === 0 ? [0] : [-x, x]) {
      f(a + half * (1 + node), at);
      for (let i = 0; i < size; i++) {
        value[i] += half * KRONROD_WEIGHTS[k] * at[i];
        error[i] += half * (KRONROD_WEIGHTS[k] - GAUSS_WEIGHTS[k]) * at[i];
      }
    }
  });
  return { a, b, value, error: error.map(Math.abs) };
}
