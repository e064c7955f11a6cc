/* What every peer needs: a clock, a median, a reference file, and one JSON line a measurement. */
#ifndef MEASURE_H
#define MEASURE_H
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Median seconds of one run() over `samples` (at most 99) batches, each of as many runs as fill `batchSeconds`. */
static inline double medianSeconds(void (*run)(void), double batchSeconds, int samples) {
  double seconds[99];
  double start = now();
  run();
  const double once = now() - start;
  const int repeats = once < batchSeconds ? (int)ceil(batchSeconds / fmax(once, 1e-9)) : 1;
  for (int s = 0; s < samples; s++) {
    start = now();
    for (int i = 0; i < repeats; i++) run();
    seconds[s] = (now() - start) / repeats;
  }
  qsort(seconds, (size_t)samples, sizeof *seconds, ascending);
  return seconds[samples / 2];
}

/* The first `n` numbers of a text file; ends the program where there are fewer. */
static inline void readReference(const char *path, double *values, int n) {
  FILE *file = fopen(path, "r");
  if (!file) {
    perror(path);
    exit(1);
  }
  for (int i = 0; i < n; i++) {
    if (fscanf(file, "%lf", values + i) != 1) {
      fprintf(stderr, "%s: number %d of %d is missing\n", path, i + 1, n);
      exit(1);
    }
  }
  fclose(file);
}

static inline double relativeError(double value, double reference) {
  return fabs(value - reference) / fabs(reference);
}

/* The largest relative error of a component. */
static inline double maxRelativeError(const double *values, const double *reference, int n) {
  double largest = 0;
  for (int i = 0; i < n; i++) largest = fmax(largest, relativeError(values[i], reference[i]));
  return largest;
}

/* `more` is empty or further members, each with a comma before it. */
static inline void report(const char *problem, const char *solver, double tol, double seconds, long steps, double error, const char *more) {
  printf("{\"problem\":\"%s\",\"solver\":\"%s\",\"tol\":%g,\"seconds\":%.5g,\"steps\":%ld,\"relativeError\":%.4g%s}\n", problem, solver,
         tol, seconds, steps, error, more);
  fflush(stdout);
}
#endif
