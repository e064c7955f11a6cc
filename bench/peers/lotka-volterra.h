/* Lotka-Volterra and Tsitouras' 5(4) pair, written to be fused into one function; what solve and gradient share. */
#ifndef LOTKA_VOLTERRA_H
#define LOTKA_VOLTERRA_H
#include "measure.h"

#define INLINE static inline __attribute__((always_inline))
#define STAGES 7

typedef struct {
  double prey, predator;
} State;

typedef struct {
  double a, b, c, d;
} Parameters;

static const double A[STAGES][STAGES - 1] = {
    {0},
    {0.161},
    {-0.008480655492356989, 0.335480655492357},
    {2.8971530571054935, -6.359448489975075, 4.3622954328695815},
    {5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525},
    {5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383},
    {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774},
};
static const double ERROR_WEIGHTS[STAGES] = {-0.00178001105222577714, -0.0008164344596567469, 0.007880878010261995, -0.1447110071732629,
                                             0.5823571654525552,      -0.45808210592918697,   0.015151515151515152};

INLINE State rhs(State u, Parameters p) {
  return (State){u.prey * (p.a - p.b * u.predator), u.predator * (p.d * u.prey - p.c)};
}

/* The sum of the first `n` weighted stages; `n` is known at compile time, so that the loop unrolls. */
INLINE State combine(const double *weights, const State *k, int n) {
  State sum = {0, 0};
#pragma GCC unroll 8
  for (int i = 0; i < n; i++) {
    sum.prey += weights[i] * k[i].prey;
    sum.predator += weights[i] * k[i].predator;
  }
  return sum;
}

INLINE State advance(State u, double h, State slope) {
  return (State){u.prey + h * slope.prey, u.predator + h * slope.predator};
}

/* Root mean square of e / (tol + tol * scale). */
INLINE double weightedNorm(State e, State scale, double tol) {
  const double x = e.prey / (tol + tol * scale.prey), y = e.predator / (tol + tol * scale.predator);
  return sqrt(0.5 * (x * x + y * y));
}

INLINE State magnitude(State u, State v) {
  return (State){fmax(fabs(u.prey), fabs(v.prey)), fmax(fabs(u.predator), fabs(v.predator))};
}

INLINE double startingStep(State u, State slope, Parameters p, double tol) {
  const State scale = magnitude(u, u);
  const double d0 = weightedNorm(u, scale, tol), d1 = weightedNorm(slope, scale, tol);
  const double h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
  const State next = rhs(advance(u, h0, slope), p);
  const State change = {next.prey - slope.prey, next.predator - slope.predator};
  const double d2 = weightedNorm(change, scale, tol) / h0;
  const double steepest = fmax(d1, d2);
  const double h1 = steepest <= 1e-15 ? fmax(1e-6, 1e-3 * h0) : pow(0.01 / steepest, 0.2);
  return fmin(100 * h0, h1);
}

static const double END = 10;
/* Read at run time, as a solver has to. */
static volatile Parameters given = {1.5, 1, 3, 1};

INLINE Parameters parameters(void) {
  return (Parameters){given.a, given.b, given.c, given.d};
}

/* All stages of a step from u, whose first is there; returns the state at its end. */
INLINE State stagesOf(State u, double h, Parameters p, State *k) {
  State next = u;
#pragma GCC unroll 8
  for (int stage = 1; stage < STAGES; stage++) {
    next = advance(u, h, combine(A[stage], k, stage));
    k[stage] = rhs(next, p);
  }
  return next;
}

/* Step factors need few digits: single precision halves the price of the two powers. */
INLINE float errorOf(State u, State next, double h, const State *k, double tol) {
  return fmaxf(1e-10f, (float)(h * weightedNorm(combine(ERROR_WEIGHTS, k, STAGES), magnitude(u, next), tol)));
}

/* Divisors of the step's length, after it was rejected, and after it was accepted. */
INLINE float shrink(float error) {
  return fminf(powf(error, 0.14f) / 0.9f, 5);
}

INLINE float change(float error, float previousError) {
  return fminf(fmaxf(powf(error, 0.14f) / powf(previousError, 0.08f) / 0.9f, 0.1f), 5);
}
#endif
