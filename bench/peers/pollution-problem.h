/*
 * POLLU: 25 reactions of 20 air pollutants (J. G. Verwer, SIAM J. Sci. Comput. 15, 1994), t 0..60, sampled every 0.5. The loops over
 * the table have constant bounds and are unrolled, so that nothing of the table is left at run time.
 */
#ifndef POLLUTION_PROBLEM_H
#define POLLUTION_PROBLEM_H
#include "gradient-problem.h"
#include <string.h>

enum { POLLUTANTS = 20, REACTIONS = 25, CHANGES = 5 };

/* rate * u[first] * u[second], or rate * u[first] where `second` is negative, times `by` is added to du[species]. */
typedef struct {
  double rate;
  int first, second;
  struct {
    int by, species;
  } changes[CHANGES];
} Reaction;

static const Reaction reactions[REACTIONS] = {
    {0.35, 0, -1, {{-1, 0}, {1, 1}, {1, 2}}},
    {26.6, 1, 3, {{1, 0}, {-1, 1}, {-1, 3}}},
    {1.23e4, 4, 1, {{1, 0}, {-1, 1}, {-1, 4}, {1, 5}}},
    {8.6e-4, 6, -1, {{2, 4}, {-1, 6}, {1, 7}}},
    {8.2e-4, 6, -1, {{-1, 6}, {1, 7}}},
    {1.5e4, 6, 5, {{1, 4}, {-1, 5}, {-1, 6}, {1, 7}}},
    {1.3e-4, 8, -1, {{1, 4}, {1, 7}, {-1, 8}, {1, 9}}},
    {2.4e4, 8, 5, {{-1, 5}, {-1, 8}, {1, 10}}},
    {1.65e4, 10, 1, {{1, 0}, {-1, 1}, {1, 9}, {-1, 10}, {1, 11}}},
    {9e3, 10, 0, {{-1, 0}, {-1, 10}, {1, 12}}},
    {0.022, 12, -1, {{1, 0}, {1, 10}, {-1, 12}}},
    {1.2e4, 9, 1, {{1, 0}, {-1, 1}, {-1, 9}, {1, 13}}},
    {1.88, 13, -1, {{1, 4}, {1, 6}, {-1, 13}}},
    {1.63e4, 0, 5, {{-1, 0}, {-1, 5}, {1, 14}}},
    {4.8e6, 2, -1, {{-1, 2}, {1, 3}}},
    {3.5e-4, 3, -1, {{-1, 3}, {1, 15}}},
    {0.0175, 3, -1, {{1, 2}, {-1, 3}}},
    {1e8, 15, -1, {{2, 5}, {-1, 15}}},
    {4.44e11, 15, -1, {{1, 2}, {-1, 15}}},
    {1240, 16, 5, {{1, 4}, {-1, 5}, {-1, 16}, {1, 17}}},
    {2.1, 18, -1, {{1, 1}, {-1, 18}}},
    {5.78, 18, -1, {{1, 0}, {1, 2}, {-1, 18}}},
    {0.0474, 0, 3, {{-1, 0}, {-1, 3}, {1, 18}}},
    {1780, 18, 0, {{-1, 0}, {-1, 18}, {1, 19}}},
    {3.12, 19, -1, {{1, 0}, {1, 18}, {-1, 19}}},
};

static void pollutionInitial(double *u) {
  memset(u, 0, POLLUTANTS * sizeof *u);
  u[1] = 0.2;
  u[3] = 0.04;
  u[6] = 0.1;
  u[7] = 0.3;
  u[8] = 0.01;
  u[16] = 0.007;
}

static void pollutionRhs(const double *u, double *derivative) {
  double sum[POLLUTANTS] = {0};
#pragma GCC unroll 25
  for (int j = 0; j < REACTIONS; j++) {
    const Reaction r = reactions[j];
    const double speed = r.rate * u[r.first] * (r.second < 0 ? 1 : u[r.second]);
#pragma GCC unroll 5
    for (int c = 0; c < CHANGES; c++) sum[r.changes[c].species] += r.changes[c].by * speed;
  }
  memcpy(derivative, sum, sizeof sum);
}

/* The cotangent of reaction j's speed. */
static inline double speedBar(int j, const double *v) {
  double sum = 0;
#pragma GCC unroll 5
  for (int c = 0; c < CHANGES; c++) sum += reactions[j].changes[c].by * v[reactions[j].changes[c].species];
  return sum;
}

static void pollutionVjp(const double *u, const double *v, double *out) {
  double sum[POLLUTANTS] = {0};
#pragma GCC unroll 25
  for (int j = 0; j < REACTIONS; j++) {
    const Reaction r = reactions[j];
    const double bar = r.rate * speedBar(j, v);
    sum[r.first] += r.second < 0 ? bar : bar * u[r.second];
    if (r.second >= 0) sum[r.second] += bar * u[r.first];
  }
  memcpy(out, sum, sizeof sum);
}

static void pollutionParameterVjp(const double *u, const double *v, double *out) {
#pragma GCC unroll 25
  for (int j = 0; j < REACTIONS; j++) {
    const Reaction r = reactions[j];
    out[j] = speedBar(j, v) * u[r.first] * (r.second < 0 ? 1 : u[r.second]);
  }
}

static void pollutionJacobian(const double *u, double *columns) {
  memset(columns, 0, POLLUTANTS * POLLUTANTS * sizeof *columns);
#pragma GCC unroll 25
  for (int j = 0; j < REACTIONS; j++) {
    const Reaction r = reactions[j];
#pragma GCC unroll 5
    for (int c = 0; c < CHANGES; c++) {
      const double change = r.changes[c].by * r.rate;
      const int row = r.changes[c].species;
      columns[POLLUTANTS * r.first + row] += r.second < 0 ? change : change * u[r.second];
      if (r.second >= 0) columns[POLLUTANTS * r.second + row] += change * u[r.first];
    }
  }
}

static const GradientProblem pollution = {
    .name = "pollution",
    .states = POLLUTANTS,
    .parameters = REACTIONS,
    .samples = 120,
    .interpolation = CV_HERMITE,
    .interval = 0.5,
    .initial = pollutionInitial,
    .rhs = pollutionRhs,
    .vjp = pollutionVjp,
    .parameterVjp = pollutionParameterVjp,
    .jacobian = pollutionJacobian,
};
#endif
