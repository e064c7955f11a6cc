/* What a gradient needs of a problem: here as data, so that one program differentiates them all. */
#ifndef GRADIENT_PROBLEM_H
#define GRADIENT_PROBLEM_H
#include <cvodes/cvodes.h>

/*
 * u' = f(u, p), autonomous, and L = sum of (u_j - 1)^2 / 2 over all components at the times 0, interval, 2 interval, ...: the losses
 * of C. Rackauckas et al., A comparison of automatic differentiation and continuous sensitivity analysis, arXiv 1812.01892. Where
 * something else than 1 was observed, L is the sum of squared distances to that, halved.
 */
typedef struct {
  const char *name;
  int states, parameters;
  /* Samples after the one at 0, and the time between them. */
  int samples;
  double interval;
  /* One state a sample, from that at 0 on; absent where all are 1. */
  const double *observed;
  void (*initial)(double *u);
  void (*rhs)(const double *u, double *derivative);
  /* J^T v and (df/dp)^T v. */
  void (*vjp)(const double *u, const double *v, double *out);
  void (*parameterVjp)(const double *u, const double *v, double *out);
  /* J, dense, column after column; absent where the problem is not stiff. */
  void (*jacobian)(const double *u, double *columns);
  /* J v, for Krylov methods; may be absent. */
  void (*jvp)(const double *u, const double *v, double *out);
  /* Of the forward solution: CV_HERMITE, cubic, or CV_POLYNOMIAL, of the order of the step; what is more accurate at equal time. */
  int interpolation;
  /* Changes the state by constants just after the samples of these numbers; may be absent. */
  void (*dose)(double *u);
  int doses;
  const int *dosedSamples;
} GradientProblem;
#endif
