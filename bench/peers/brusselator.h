/*
 * The two-dimensional Brusselator with periodic boundaries (E. Hairer, G. Wanner, Solving Ordinary Differential Equations II,
 * IV.10), with what a stiff solver and its adjoint need of it: right-hand side, Jacobian, and the products with its transpose.
 *
 *   u' = B + u^2 v - (A + 1) u + alpha Lap(u) + f(x, y, t)
 *   v' = A u - u^2 v + alpha Lap(v)
 *
 * The state is u then v, cell (x, y) = (i, j) / (SIDE - 1) at j SIDE + i.
 */
#ifndef BRUSSELATOR_H
#define BRUSSELATOR_H
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  SIDE = 32,
  CELLS = SIDE * SIDE,
  SIZE = 2 * CELLS,
  /* Four neighbours of its own species, and both species of its own cell. */
  PER_COLUMN = 6,
  NONZEROS = PER_COLUMN * SIZE,
};

static const double A = 3.4, B = 1, ALPHA = 10;
static const double INVERSE_DX2 = (SIDE - 1) * (SIDE - 1);
static const double END = 11.5, FORCING_START = 1.1;

/* 5 inside the disc of radius 0.1 about (0.3, 0.6), the forcing of a cell once it has begun. */
static double forcing[CELLS];

static inline void fillForcing(void) {
  for (int j = 0; j < SIDE; j++) {
    for (int i = 0; i < SIDE; i++) {
      const double x = (double)i / (SIDE - 1) - 0.3, y = (double)j / (SIDE - 1) - 0.6;
      forcing[j * SIDE + i] = x * x + y * y <= 0.01 + 1e-12 ? 5 : 0;
    }
  }
}

static inline void fillInitial(double *restrict state) {
  for (int j = 0; j < SIDE; j++) {
    for (int i = 0; i < SIDE; i++) {
      const double x = (double)i / (SIDE - 1), y = (double)j / (SIDE - 1);
      state[j * SIDE + i] = 22 * pow(y * (1 - y), 1.5);
      state[CELLS + j * SIDE + i] = 27 * pow(x * (1 - x), 1.5);
    }
  }
}

/* out = scale * (sum of the four neighbours - 4 w). Rows are peeled at their ends, so that the middle runs on SIMD lanes. */
static inline __attribute__((always_inline)) void laplacian(const double *restrict w, double *restrict out, double scale) {
  for (int j = 0; j < SIDE; j++) {
    const double *row = w + j * SIDE, *below = w + (j + SIDE - 1) % SIDE * SIDE, *above = w + (j + 1) % SIDE * SIDE;
    double *result = out + j * SIDE;
    result[0] = scale * (row[SIDE - 1] + row[1] + below[0] + above[0] - 4 * row[0]);
    for (int i = 1; i < SIDE - 1; i++) result[i] = scale * (row[i - 1] + row[i + 1] + below[i] + above[i] - 4 * row[i]);
    result[SIDE - 1] = scale * (row[SIDE - 2] + row[0] + below[SIDE - 1] + above[SIDE - 1] - 4 * row[SIDE - 1]);
  }
}

static inline void brusselator(double t, const double *restrict state, double *restrict derivative) {
  const double *u = state, *v = state + CELLS;
  double *du = derivative, *dv = derivative + CELLS;
  laplacian(u, du, ALPHA * INVERSE_DX2);
  laplacian(v, dv, ALPHA * INVERSE_DX2);
  for (int k = 0; k < CELLS; k++) {
    const double reaction = u[k] * u[k] * v[k];
    du[k] += B + reaction - (A + 1) * u[k];
    dv[k] += A * u[k] - reaction;
  }
  if (t >= FORCING_START) {
    for (int k = 0; k < CELLS; k++) du[k] += forcing[k];
  }
}

/* out = -J^T lambda. */
static inline void adjointRightHandSide(const double *restrict state, const double *restrict lambda, double *restrict out) {
  const double *u = state, *v = state + CELLS, *forU = lambda, *forV = lambda + CELLS;
  laplacian(forU, out, -ALPHA * INVERSE_DX2);
  laplacian(forV, out + CELLS, -ALPHA * INVERSE_DX2);
  for (int k = 0; k < CELLS; k++) {
    const double difference = forU[k] - forV[k];
    out[k] -= 2 * u[k] * v[k] * difference - (A + 1) * forU[k] + A * forV[k];
    out[CELLS + k] -= u[k] * u[k] * difference;
  }
}

/* out = -lambda^T df/d(A, B, alpha). */
static inline void adjointQuadrature(const double *restrict state, const double *restrict lambda, double *restrict out) {
  static double diffusion[SIZE];
  laplacian(state, diffusion, INVERSE_DX2);
  laplacian(state + CELLS, diffusion + CELLS, INVERSE_DX2);
  double a = 0, b = 0, alpha = 0;
  for (int k = 0; k < CELLS; k++) {
    a += (lambda[CELLS + k] - lambda[k]) * state[k];
    b += lambda[k];
  }
  for (int k = 0; k < SIZE; k++) alpha += lambda[k] * diffusion[k];
  out[0] = -a;
  out[1] = -b;
  out[2] = -alpha;
}

/* What a stored entry of the Jacobian is the derivative of, and with respect to what. */
enum { NEIGHBOUR, U_BY_U, V_BY_U, U_BY_V, V_BY_V };

/* Compressed sparse columns; the pattern is symmetric, so it serves the transpose too. */
static int columnStart[SIZE + 1], rowOf[NONZEROS];
static char kindOf[NONZEROS];

static int ascendingRows(const void *a, const void *b) {
  return *(const int *)a - *(const int *)b;
}

static inline void fillPattern(void) {
  for (int column = 0; column < SIZE; column++) {
    const int cell = column % CELLS, species = column / CELLS, i = cell % SIDE, j = cell / SIDE;
    const int rows[PER_COLUMN] = {
        species * CELLS + j * SIDE + (i + SIDE - 1) % SIDE,
        species * CELLS + j * SIDE + (i + 1) % SIDE,
        species * CELLS + (j + SIDE - 1) % SIDE * SIDE + i,
        species * CELLS + (j + 1) % SIDE * SIDE + i,
        cell,
        CELLS + cell,
    };
    int *sorted = rowOf + PER_COLUMN * column;
    memcpy(sorted, rows, sizeof rows);
    qsort(sorted, PER_COLUMN, sizeof *sorted, ascendingRows);
    for (int e = 0; e < PER_COLUMN; e++) {
      const int ofU = sorted[e] == cell, ofV = sorted[e] == CELLS + cell;
      kindOf[PER_COLUMN * column + e] = ofU ? (species ? U_BY_V : U_BY_U) : ofV ? (species ? V_BY_V : V_BY_U) : NEIGHBOUR;
    }
    columnStart[column] = PER_COLUMN * column;
  }
  columnStart[SIZE] = NONZEROS;
}

static inline void fillBrusselator(void) {
  fillForcing();
  fillPattern();
}

/* The values of J, or of -J^T. */
static inline void fillJacobian(const double *restrict state, double *restrict values, int negativeTranspose) {
  const double diffusion = ALPHA * INVERSE_DX2, sign = negativeTranspose ? -1 : 1;
  for (int column = 0; column < SIZE; column++) {
    const double u = state[column % CELLS], v = state[CELLS + column % CELLS];
    const double uByV = u * u, vByU = A - 2 * u * v;
    const double entries[] = {
        [NEIGHBOUR] = diffusion,
        [U_BY_U] = 2 * u * v - (A + 1) - 4 * diffusion,
        [V_BY_U] = negativeTranspose ? uByV : vByU,
        [U_BY_V] = negativeTranspose ? vByU : uByV,
        [V_BY_V] = -u * u - 4 * diffusion,
    };
    for (int e = columnStart[column]; e < columnStart[column + 1]; e++) values[e] = sign * entries[(int)kindOf[e]];
  }
}
#endif
