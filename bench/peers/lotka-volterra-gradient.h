/* The loss that the gradients of Lotka-Volterra are of: L = sum |u(t_i) - observed_i|^2 over 100 times, t_i = 0.1, 0.2, ... 10. */
#ifndef LOTKA_VOLTERRA_GRADIENT_H
#define LOTKA_VOLTERRA_GRADIENT_H
#include "measure.h"
#include <string.h>

enum { SAMPLES = 100, PARAMETERS = 4, RESULTS = PARAMETERS + 1 };

/* The derivatives by a, b, c and d, then the loss. */
static double results[RESULTS], reference[RESULTS];
static double tolerance, observed[SAMPLES][2];
static long steps;

static inline double sampleTime(int i) {
  return 0.1 * (i + 1);
}

/* The relative error of the gradient in the Euclidean norm. */
static inline double gradientError(void) {
  double square = 0, size = 0;
  for (int i = 0; i < PARAMETERS; i++) {
    square += (results[i] - reference[i]) * (results[i] - reference[i]);
    size += reference[i] * reference[i];
  }
  return sqrt(square / size);
}

static inline void prepare(const char *folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/lotka-volterra-gradient.txt", folder);
  readReference(path, reference, RESULTS);
  for (int i = 0; i < SAMPLES; i++) observed[i][0] = observed[i][1] = 1;
}

static inline void reportGradient(const char *solver, void (*differentiate)(void)) {
  memset(results, 0, sizeof results);
  differentiate();
  const double seconds = medianSeconds(differentiate, 0.005, 31);
  report("lotkaVolterraGradient", solver, tolerance, seconds, steps, gradientError(), "");
}
#endif
