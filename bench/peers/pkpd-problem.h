/*
 * A drug in a depot, a central and two peripheral compartments, and the response it inhibits; doses into the depot every 24 h. Of
 * the ten doses only those at 24 and 48 come before the last sample, at 50.
 */
#ifndef PKPD_PROBLEM_H
#define PKPD_PROBLEM_H
#include "gradient-problem.h"
#include <float.h>
#include <math.h>

static const double KA = 1, CL = 1, VC = 20, Q = 2, VP = 10, K_IN = 10, K_OUT = 2, IC50 = 2, IMAX = 1, GAMMA = 1, VMAX = 0, KM = 2, Q2 = 0.5,
                    VP2 = 100;

/* Depot, central, two peripheral compartments, response. An exact zero has no derivative of c^gamma. */
static void pkpdInitial(double *u) {
  u[0] = 100;
  u[1] = u[2] = u[3] = DBL_EPSILON;
  u[4] = 5;
}

static void pkpdDose(double *u) {
  u[0] += 100;
}

/* IMAX c^gamma / (IC50^gamma + c^gamma) and its derivatives. */
typedef struct {
  double value, byC, byIc50, byImax, byGamma;
} Effect;

static Effect effect(double c) {
  const double x = pow(c, GAMMA), y = pow(IC50, GAMMA), sum = x + y, slope = IMAX * x * y / (sum * sum);
  return (Effect){IMAX * x / sum, slope * GAMMA / c, -slope * GAMMA / IC50, x / sum, slope * log(c / IC50)};
}

static void pkpdRhs(const double *u, double *derivative) {
  const double c = u[1] / VC, first = u[2] / VP, second = u[3] / VP2, x = pow(c, GAMMA);
  derivative[0] = -KA * u[0];
  derivative[1] = KA * u[0] - (CL + VMAX / (KM + c) + Q) * c + Q * first - Q2 * c + Q2 * second;
  derivative[2] = Q * (c - first);
  derivative[3] = Q2 * (c - second);
  derivative[4] = K_IN * (1 - IMAX * x / (pow(IC50, GAMMA) + x)) - K_OUT * u[4];
}

/* The cotangent of the concentration. */
static double concentrationBar(double c, const double *v, Effect e) {
  const double saturation = KM + c;
  return -(CL + VMAX * KM / (saturation * saturation) + Q + Q2) * v[1] + Q * v[2] + Q2 * v[3] - K_IN * e.byC * v[4];
}

static void pkpdVjp(const double *u, const double *v, double *out) {
  const double c = u[1] / VC;
  out[0] = KA * (v[1] - v[0]);
  out[1] = concentrationBar(c, v, effect(c)) / VC;
  out[2] = Q / VP * (v[1] - v[2]);
  out[3] = Q2 / VP2 * (v[1] - v[3]);
  out[4] = -K_OUT * v[4];
}

static void pkpdParameterVjp(const double *u, const double *v, double *out) {
  const double c = u[1] / VC, first = u[2] / VP, second = u[3] / VP2, saturation = KM + c;
  const Effect e = effect(c);
  out[0] = u[0] * (v[1] - v[0]);
  out[1] = -c * v[1];
  out[2] = -concentrationBar(c, v, e) * c / VC;
  out[3] = (c - first) * (v[2] - v[1]);
  out[4] = Q * first / VP * (v[2] - v[1]);
  out[5] = (1 - e.value) * v[4];
  out[6] = -u[4] * v[4];
  out[7] = -K_IN * e.byIc50 * v[4];
  out[8] = -K_IN * e.byImax * v[4];
  out[9] = -K_IN * e.byGamma * v[4];
  out[10] = -c / saturation * v[1];
  out[11] = c * VMAX / (saturation * saturation) * v[1];
  out[12] = (c - second) * (v[3] - v[1]);
  out[13] = Q2 * second / VP2 * (v[3] - v[1]);
}

static const int pkpdDosed[] = {48, 96};

static const GradientProblem pkpd = {
    .name = "pkpd",
    .states = 5,
    .parameters = 14,
    .samples = 100,
    .interpolation = CV_HERMITE,
    .interval = 0.5,
    .initial = pkpdInitial,
    .rhs = pkpdRhs,
    .vjp = pkpdVjp,
    .parameterVjp = pkpdParameterVjp,
    .dose = pkpdDose,
    .doses = 2,
    .dosedSamples = pkpdDosed,
};
#endif
