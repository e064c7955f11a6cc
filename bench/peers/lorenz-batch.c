/*
 * Many Lorenz systems by the classical Runge-Kutta method, steps of fixed length, end states only: the floor of batches on one thread.
 * Blocks of 32 trajectories go through all steps together, so that the compiler makes vectors of them and their states stay in the
 * first cache.
 *
 *   lorenz-batch-f64 TRAJECTORIES STEPS        (lorenz-batch-f32: the same in single precision)
 *
 * sigma = 10, beta = 8/3, u0 = (1, 0, 0), steps of 0.001; rho goes evenly from 0 to 21 through the batch. Prints seconds on the wall and
 * on the processor, of one run after one that is not counted, and the state at which the last trajectory ends.
 *
 * E. N. Lorenz, Deterministic nonperiodic flow, J. Atmos. Sci. 20 (1963).
 */
#include "measure.h"

#ifndef REAL
#define REAL double
#endif
#define BLOCK 32

typedef REAL Lanes[BLOCK];
typedef struct {
  Lanes x, y, z;
} States;

/* A whole step of each trajectory: all its stages stay in registers. */
static void solveBlock(States *u, const REAL *rho, int steps, REAL h) {
  States here = *u;
  for (int step = 0; step < steps; step++) {
    for (int i = 0; i < BLOCK; i++) {
      const REAL sigma = 10, beta = (REAL)8 / 3, x = here.x[i], y = here.y[i], z = here.z[i], r = rho[i];
      const REAL ax = sigma * (y - x), ay = x * (r - z) - y, az = x * y - beta * z;
      const REAL x1 = x + h / 2 * ax, y1 = y + h / 2 * ay, z1 = z + h / 2 * az;
      const REAL bx = sigma * (y1 - x1), by = x1 * (r - z1) - y1, bz = x1 * y1 - beta * z1;
      const REAL x2 = x + h / 2 * bx, y2 = y + h / 2 * by, z2 = z + h / 2 * bz;
      const REAL cx = sigma * (y2 - x2), cy = x2 * (r - z2) - y2, cz = x2 * y2 - beta * z2;
      const REAL x3 = x + h * cx, y3 = y + h * cy, z3 = z + h * cz;
      const REAL dx = sigma * (y3 - x3), dy = x3 * (r - z3) - y3, dz = x3 * y3 - beta * z3;
      here.x[i] = x + h / 6 * (ax + 2 * bx + 2 * cx + dx);
      here.y[i] = y + h / 6 * (ay + 2 * by + 2 * cy + dy);
      here.z[i] = z + h / 6 * (az + 2 * bz + 2 * cz + dz);
    }
  }
  *u = here;
}

static double onProcessor(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const int count = atoi(argv[1]), steps = atoi(argv[2]), blocks = (count + BLOCK - 1) / BLOCK;
  States *u = malloc((size_t)blocks * sizeof *u);
  Lanes *rho = malloc((size_t)blocks * sizeof *rho);
  double wall = 0, processor = 0;
  for (int run = 0; run < 2; run++) {
    for (int m = 0; m < blocks * BLOCK; m++) {
      const int b = m / BLOCK, i = m % BLOCK;
      u[b].x[i] = 1, u[b].y[i] = 0, u[b].z[i] = 0;
      rho[b][i] = (REAL)(21.0 * m / (count - 1));
    }
    wall = now(), processor = onProcessor();
    for (int b = 0; b < blocks; b++) solveBlock(&u[b], rho[b], steps, (REAL)0.001);
    wall = now() - wall, processor = onProcessor() - processor;
  }
  const States *last = &u[(count - 1) / BLOCK];
  const int i = (count - 1) % BLOCK;
  printf("{\"seconds\":%.5g,\"processorSeconds\":%.5g,\"end\":[%.17g,%.17g,%.17g]}\n", wall, processor, (double)last->x[i],
         (double)last->y[i], (double)last->z[i]);
}
