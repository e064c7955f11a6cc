/*
 * The gradient of a sum of squares along Lotka-Volterra by the discrete adjoint of Tsitouras' 5(4) pair: the exact derivative of the
 * steps taken, their lengths held fixed. Everything is fused into two functions, one there and one back; the samples are
 * interpolated, so that no step is cut at them. It is the floor that gradients of small systems are measured against.
 *
 *   lotka-volterra-gradient DATA TOLERANCE...        (rtol = atol = TOLERANCE; DATA is the folder of the references)
 *
 * W. W. Hager, Runge-Kutta methods in optimal control and the transformed adjoint system, Numer. Math. 87 (2000), section 3.
 */
#include "lotka-volterra-gradient.h"
#include "lotka-volterra.h"

enum { MOST_STEPS = 10000, DEGREE = 4 };

/* The interpolant is u + h sum b_i(theta) k_i: coefficients of theta, theta^2, ... of each b_i. */
static const double INTERPOLANT[STAGES][DEGREE] = {
    {1, -2.763706197274826, 2.9132554618219126, -1.0530884977290216},
    {0, 0.1317, -0.2234, 0.1017},
    {0, 3.9302962368947516, -5.941033872131505, 2.490627285651253},
    {0, -12.411077166933676, 30.33818863028232, -16.548102889244902},
    {0, 37.50931341651104, -88.1789048947664, 47.37952196281928},
    {0, -27.896526289197286, 65.09189467479366, -34.87065786149661},
    {0, 1.5, -4, 2.5},
};

typedef struct {
  double t, h;
  State u, k[STAGES];
  /* Samples up to the end of the step. */
  int samples;
} Step;

static Step taken[MOST_STEPS];
static State residuals[SAMPLES];

INLINE void weightsAt(double theta, double *weights) {
#pragma GCC unroll 8
  for (int i = 0; i < STAGES; i++) {
    const double *c = INTERPOLANT[i];
    weights[i] = theta * (c[0] + theta * (c[1] + theta * (c[2] + theta * c[3])));
  }
}

static void solve(Parameters p) {
  const double tol = tolerance;
  State u = {1, 1}, k[STAGES];
  k[0] = rhs(u, p);
  double t = 0, h = startingStep(u, k[0], p, tol), loss = 0;
  float previousError = 1e-4f;
  int sample = 0;
  for (steps = 0; steps < MOST_STEPS;) {
    const int last = t + h >= END;
    if (last) h = END - t;
    const State next = stagesOf(u, h, p, k);
    const float error = errorOf(u, next, h, k, tol);
    if (error > 1) {
      h /= shrink(error);
      continue;
    }
    for (; sample < SAMPLES && (last || sampleTime(sample) <= t + h); sample++) {
      double weights[STAGES];
      weightsAt(fmin((sampleTime(sample) - t) / h, 1), weights);
      const State at = advance(u, h, combine(weights, k, STAGES));
      const State residual = {at.prey - observed[sample][0], at.predator - observed[sample][1]};
      loss += residual.prey * residual.prey + residual.predator * residual.predator;
      residuals[sample] = residual;
    }
    Step *step = taken + steps++;
    *step = (Step){.t = t, .h = h, .u = u, .samples = sample};
    memcpy(step->k, k, sizeof k);
    t += h;
    u = next;
    k[0] = k[STAGES - 1];
    if (last) break;
    h /= change(error, previousError);
    previousError = fmaxf(error, 1e-4f);
  }
  results[PARAMETERS] = loss;
}

/* (df/du)^T v; adds (df/dp)^T v to the gradient. */
INLINE State pullBack(State u, Parameters p, State v, Parameters *gradient) {
  const double both = u.prey * u.predator;
  gradient->a += v.prey * u.prey;
  gradient->b -= v.prey * both;
  gradient->c -= v.predator * u.predator;
  gradient->d += v.predator * both;
  return (State){
      (p.a - p.b * u.predator) * v.prey + p.d * u.predator * v.predator,
      (p.d * u.prey - p.c) * v.predator - p.b * u.prey * v.prey,
  };
}

INLINE void addTimes(State *sum, double weight, State x) {
  sum->prey += weight * x.prey;
  sum->predator += weight * x.predator;
}

static void goBack(Parameters p) {
  Parameters gradient = {0, 0, 0, 0};
  /* The cotangents of the state, and of the derivative that a step shares with the next as its first stage. */
  State lambda = {0, 0}, shared = {0, 0};
  for (long n = steps - 1; n >= 0; n--) {
    const Step *step = taken + n;
    const double h = step->h;
    State slopes[STAGES] = {{0, 0}}, before = {0, 0};
    slopes[STAGES - 1] = shared;
    for (int sample = step->samples - 1; sample >= (n ? step[-1].samples : 0); sample--) {
      const State cotangent = {2 * residuals[sample].prey, 2 * residuals[sample].predator};
      double weights[STAGES];
      weightsAt(fmin((sampleTime(sample) - step->t) / h, 1), weights);
      addTimes(&before, 1, cotangent);
#pragma GCC unroll 8
      for (int i = 0; i < STAGES; i++) addTimes(slopes + i, h * weights[i], cotangent);
    }
#pragma GCC unroll 8
    for (int stage = STAGES - 1; stage >= 1; stage--) {
      const State at = advance(step->u, h, combine(A[stage], step->k, stage));
      State bar = pullBack(at, p, slopes[stage], &gradient);
      /* The last row of A is the step itself. */
      if (stage == STAGES - 1) addTimes(&bar, 1, lambda);
      addTimes(&before, 1, bar);
#pragma GCC unroll 8
      for (int i = 0; i < stage; i++) addTimes(slopes + i, h * A[stage][i], bar);
    }
    lambda = before;
    shared = slopes[0];
  }
  pullBack(taken[0].u, p, shared, &gradient);
  memcpy(results, &gradient, sizeof gradient);
}

static void differentiate(void) {
  const Parameters p = parameters();
  solve(p);
  goBack(p);
}

int main(int argc, char **argv) {
  prepare(argv[1]);
  for (int i = 2; i < argc; i++) {
    tolerance = atof(argv[i]);
    reportGradient("C, fused Tsit5 and its adjoint", differentiate);
  }
}
