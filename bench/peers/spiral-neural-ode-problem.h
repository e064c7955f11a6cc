/*
 * A neural network with one hidden layer as right-hand side, u' = W2 tanh(W1 u^3 + b1) + b2, t 0..1.5, sampled 30 times. The weights,
 * as they are at some point of a training, and what was observed come from a file: W1 (50 x 2), b1, W2 (2 x 50), b2, and 30 states.
 */
#ifndef SPIRAL_NEURAL_ODE_PROBLEM_H
#define SPIRAL_NEURAL_ODE_PROBLEM_H
#include "gradient-problem.h"
#include "measure.h"

enum { HIDDEN = 50, WEIGHTS = 5 * HIDDEN + 2, SPIRAL_SAMPLES = 30 };
enum { B1 = 2 * HIDDEN, W2 = 3 * HIDDEN, B2 = 5 * HIDDEN };

/* W1 by columns, as W2 is by rows, so that every loop runs over neighbours. */
static struct {
  double fromX[HIDDEN], fromY[HIDDEN], bias[HIDDEN], toX[HIDDEN], toY[HIDDEN], biasX, biasY;
} network;
static double spiral[2 * SPIRAL_SAMPLES];

static void spiralInitial(double *u) {
  u[0] = 2;
  u[1] = 0;
}

static void hiddenLayer(const double *u, double *hidden) {
  const double x = u[0] * u[0] * u[0], y = u[1] * u[1] * u[1];
  for (int k = 0; k < HIDDEN; k++) hidden[k] = tanh(network.fromX[k] * x + network.fromY[k] * y + network.bias[k]);
}

static void spiralRhs(const double *u, double *derivative) {
  double hidden[HIDDEN], x = network.biasX, y = network.biasY;
  hiddenLayer(u, hidden);
  for (int k = 0; k < HIDDEN; k++) {
    x += network.toX[k] * hidden[k];
    y += network.toY[k] * hidden[k];
  }
  derivative[0] = x;
  derivative[1] = y;
}

/* Cotangent of what goes into the hidden layer. */
static double throughLayer(const double *v, double hidden, int k) {
  return (network.toX[k] * v[0] + network.toY[k] * v[1]) * (1 - hidden * hidden);
}

static void spiralVjp(const double *u, const double *v, double *out) {
  double hidden[HIDDEN], x = 0, y = 0;
  hiddenLayer(u, hidden);
  for (int k = 0; k < HIDDEN; k++) {
    const double cotangent = throughLayer(v, hidden[k], k);
    x += cotangent * network.fromX[k];
    y += cotangent * network.fromY[k];
  }
  out[0] = 3 * u[0] * u[0] * x;
  out[1] = 3 * u[1] * u[1] * y;
}

static void spiralParameterVjp(const double *u, const double *v, double *out) {
  double hidden[HIDDEN];
  const double x = u[0] * u[0] * u[0], y = u[1] * u[1] * u[1];
  hiddenLayer(u, hidden);
  for (int k = 0; k < HIDDEN; k++) {
    const double cotangent = throughLayer(v, hidden[k], k);
    out[2 * k] = cotangent * x;
    out[2 * k + 1] = cotangent * y;
    out[B1 + k] = cotangent;
    out[W2 + k] = v[0] * hidden[k];
    out[W2 + HIDDEN + k] = v[1] * hidden[k];
  }
  out[B2] = v[0];
  out[B2 + 1] = v[1];
}

static GradientProblem spiralNeuralODE(const char *path) {
  double numbers[WEIGHTS + 2 * SPIRAL_SAMPLES];
  readReference(path, numbers, WEIGHTS + 2 * SPIRAL_SAMPLES);
  for (int k = 0; k < HIDDEN; k++) {
    network.fromX[k] = numbers[2 * k];
    network.fromY[k] = numbers[2 * k + 1];
    network.bias[k] = numbers[B1 + k];
    network.toX[k] = numbers[W2 + k];
    network.toY[k] = numbers[W2 + HIDDEN + k];
  }
  network.biasX = numbers[B2];
  network.biasY = numbers[B2 + 1];
  for (int i = 0; i < 2 * SPIRAL_SAMPLES; i++) spiral[i] = numbers[WEIGHTS + i];
  return (GradientProblem){
      .name = "spiralNeuralODE",
      .states = 2,
      .parameters = WEIGHTS,
      .samples = SPIRAL_SAMPLES - 1,
      .interval = 1.5 / (SPIRAL_SAMPLES - 1),
      .observed = spiral,
      .interpolation = CV_HERMITE,
      .initial = spiralInitial,
      .rhs = spiralRhs,
      .vjp = spiralVjp,
      .parameterVjp = spiralParameterVjp,
  };
}
#endif
