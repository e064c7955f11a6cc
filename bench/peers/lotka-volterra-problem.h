/* Lotka-Volterra with four parameters, t 0..10, sampled every 0.5. */
#ifndef LOTKA_VOLTERRA_PROBLEM_H
#define LOTKA_VOLTERRA_PROBLEM_H
#include "gradient-problem.h"

static const struct {
  double a, b, c, d;
} rates = {1.5, 1, 3, 1};

static void lotkaVolterraInitial(double *u) {
  u[0] = u[1] = 1;
}

static void lotkaVolterraRhs(const double *u, double *derivative) {
  derivative[0] = u[0] * (rates.a - rates.b * u[1]);
  derivative[1] = u[1] * (rates.d * u[0] - rates.c);
}

static void lotkaVolterraVjp(const double *u, const double *v, double *out) {
  out[0] = (rates.a - rates.b * u[1]) * v[0] + rates.d * u[1] * v[1];
  out[1] = (rates.d * u[0] - rates.c) * v[1] - rates.b * u[0] * v[0];
}

static void lotkaVolterraParameterVjp(const double *u, const double *v, double *out) {
  out[0] = u[0] * v[0];
  out[1] = -u[0] * u[1] * v[0];
  out[2] = -u[1] * v[1];
  out[3] = u[0] * u[1] * v[1];
}

static const GradientProblem lotkaVolterra = {
    .name = "lotkaVolterra",
    .states = 2,
    .parameters = 4,
    .samples = 20,
    .interpolation = CV_POLYNOMIAL,
    .interval = 0.5,
    .initial = lotkaVolterraInitial,
    .rhs = lotkaVolterraRhs,
    .vjp = lotkaVolterraVjp,
    .parameterVjp = lotkaVolterraParameterVjp,
};
#endif
