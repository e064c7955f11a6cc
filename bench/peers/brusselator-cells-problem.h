/*
 * The Brusselator with parameters of its own in every cell, on an n x n grid that wraps around; without the forcing, which is off
 * before t = 1.1 and reaches no cell of the grids up to n = 5. State: u then v, x fastest; parameters: A, B, alpha1, alpha2.
 */
#ifndef BRUSSELATOR_CELLS_PROBLEM_H
#define BRUSSELATOR_CELLS_PROBLEM_H
#include "gradient-problem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Cells of a row, and of the grid. */
static int side, cells;
static double *parameters;

static double laplacian(const double *w, int row, int column) {
  const int left = column ? column - 1 : side - 1, right = column < side - 1 ? column + 1 : 0;
  const int below = row ? row - 1 : side - 1, above = row < side - 1 ? row + 1 : 0;
  const double sum = w[row * side + left] + w[row * side + right] + w[below * side + column] + w[above * side + column];
  return (side - 1) * (side - 1) * (sum - 4 * w[row * side + column]);
}

static void cellsInitial(double *u) {
  for (int j = 0; j < side; j++) {
    for (int i = 0; i < side; i++) {
      const double x = i / (side - 1.0), y = j / (side - 1.0);
      u[j * side + i] = 22 * pow(y * (1 - y), 1.5);
      u[cells + j * side + i] = 27 * pow(x * (1 - x), 1.5);
    }
  }
}

static void cellsRhs(const double *u, double *derivative) {
  const double *v = u + cells, *A = parameters, *B = A + cells, *alpha1 = B + cells, *alpha2 = alpha1 + cells;
  for (int j = 0; j < side; j++) {
    for (int i = 0; i < side; i++) {
      const int at = j * side + i;
      const double reaction = u[at] * u[at] * v[at];
      derivative[at] = B[at] + reaction - (A[at] + 1) * u[at] + alpha1[at] * laplacian(u, j, i);
      derivative[cells + at] = A[at] * u[at] - reaction + alpha2[at] * laplacian(v, j, i);
    }
  }
}

static void cellsJvp(const double *state, const double *direction, double *out) {
  const double *A = parameters, *alpha1 = A + 2 * cells, *alpha2 = alpha1 + cells;
  const double *du = direction, *dv = direction + cells;
  for (int j = 0; j < side; j++) {
    for (int i = 0; i < side; i++) {
      const int at = j * side + i;
      const double u = state[at], v = state[cells + at], reaction = 2 * u * v * du[at] + u * u * dv[at];
      out[at] = reaction - (A[at] + 1) * du[at] + alpha1[at] * laplacian(du, j, i);
      out[cells + at] = A[at] * du[at] - reaction + alpha2[at] * laplacian(dv, j, i);
    }
  }
}

/* The stencil is symmetric: its transpose takes the Laplacian of alpha times the cotangent. */
static void cellsVjp(const double *state, const double *cotangent, double *out) {
  const double *A = parameters, *alpha = A + 2 * cells;
  static double *scaled;
  if (!scaled) scaled = malloc(2 * cells * sizeof *scaled);
  for (int i = 0; i < 2 * cells; i++) scaled[i] = alpha[i] * cotangent[i];
  for (int j = 0; j < side; j++) {
    for (int i = 0; i < side; i++) {
      const int at = j * side + i;
      const double u = state[at], v = state[cells + at], difference = cotangent[at] - cotangent[cells + at];
      out[at] = 2 * u * v * difference - cotangent[at] - A[at] * difference + laplacian(scaled, j, i);
      out[cells + at] = u * u * difference + laplacian(scaled + cells, j, i);
    }
  }
}

static void cellsParameterVjp(const double *state, const double *cotangent, double *out) {
  for (int j = 0; j < side; j++) {
    for (int i = 0; i < side; i++) {
      const int at = j * side + i;
      out[at] = state[at] * (cotangent[cells + at] - cotangent[at]);
      out[cells + at] = cotangent[at];
      out[2 * cells + at] = laplacian(state, j, i) * cotangent[at];
      out[3 * cells + at] = laplacian(state + cells, j, i) * cotangent[cells + at];
    }
  }
}

static void cellsJacobian(const double *state, double *columns) {
  const double *A = parameters, *alpha = A + 2 * cells;
  const int size = 2 * cells;
  const double scale = (side - 1) * (side - 1);
  memset(columns, 0, (size_t)size * size * sizeof *columns);
  for (int species = 0; species < 2; species++) {
    for (int j = 0; j < side; j++) {
      for (int i = 0; i < side; i++) {
        const int first = species * cells, row = first + j * side + i;
        const double diffusion = scale * alpha[row];
        /* On a grid of two cells a side, both neighbours are the same cell. */
        columns[size * (first + j * side + (i + side - 1) % side) + row] += diffusion;
        columns[size * (first + j * side + (i + 1) % side) + row] += diffusion;
        columns[size * (first + (j + side - 1) % side * side + i) + row] += diffusion;
        columns[size * (first + (j + 1) % side * side + i) + row] += diffusion;
        columns[size * row + row] -= 4 * diffusion;
      }
    }
  }
  for (int at = 0; at < cells; at++) {
    const double u = state[at], v = state[cells + at];
    columns[size * at + at] += 2 * u * v - A[at] - 1;
    columns[size * at + cells + at] += A[at] - 2 * u * v;
    columns[size * (cells + at) + at] += u * u;
    columns[size * (cells + at) + cells + at] -= u * u;
  }
}

/* On an n x n grid, up to t = end. */
static GradientProblem brusselatorCells(int n, double end) {
  side = n;
  cells = n * n;
  parameters = malloc(4 * cells * sizeof *parameters);
  const double values[] = {3.4, 1, 10, 10};
  for (int i = 0; i < 4 * cells; i++) parameters[i] = values[i / cells];
  return (GradientProblem){
      .name = "brusselatorCells",
      .states = 2 * cells,
      .parameters = 4 * cells,
      .samples = (int)round(10 * end),
      .interpolation = CV_HERMITE,
      .interval = 0.1,
      .initial = cellsInitial,
      .rhs = cellsRhs,
      .vjp = cellsVjp,
      .parameterVjp = cellsParameterVjp,
      .jacobian = cellsJacobian,
      .jvp = cellsJvp,
  };
}
#endif
