/*
 * Gradients of five problems by the adjoint module of CVODES: Adams with fixed-point iteration both ways where the problem is not
 * stiff, BDF with exact J and -J^T, dense or by GMRES without a preconditioner, where it is. All of the forward solution is kept;
 * quadratures outside the error test. The way back starts anew at every sample, and the way there
 * at every dose.
 *
 *   gradient PROBLEM SOLVER ATOL/RTOL RTOL...
 *
 * PROBLEM is lotkaVolterra, pollution, pkpd, brusselatorCells:N:END or spiralNeuralODE:FILE; SOLVER is adams, dense or gmres. Prints one line of JSON for
 * each tolerance, with the gradient itself.
 */
#include "brusselator-cells-problem.h"
#include "lotka-volterra-problem.h"
#include "measure.h"
#include "pkpd-problem.h"
#include "pollution-problem.h"
#include "spiral-neural-ode-problem.h"
#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>
#include <string.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunlinsol/sunlinsol_spgmr.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

enum { MAX_STEPS = 10000000, KRYLOV = 20, MOST_SEGMENTS = 8 };
typedef enum { ADAMS, DENSE, GMRES } Solver;

static SUNContext context;
static GradientProblem problem;
static Solver solver;
static double tolerance, atolPerRtol, loss, *gradient;
static long steps, backwardSteps;
/* CVODES allocates every step of the interval between two checkpoints before it starts, so their number is estimated first. */
static long stepsKept;

/* Ends the program where a call of SUNDIALS failed. */
static void check(int flag, const char *what) {
  if (flag >= 0) return;
  fprintf(stderr, "%s failed with %d\n", what, flag);
  exit(1);
}

static int rightHandSide(realtype t, N_Vector y, N_Vector derivative, void *data) {
  (void)t, (void)data;
  problem.rhs(NV_DATA_S(y), NV_DATA_S(derivative));
  return 0;
}

static int jacobian(realtype t, N_Vector y, N_Vector fy, SUNMatrix matrix, void *data, N_Vector a, N_Vector b, N_Vector c) {
  (void)t, (void)fy, (void)data, (void)a, (void)b, (void)c;
  problem.jacobian(NV_DATA_S(y), SUNDenseMatrix_Data(matrix));
  return 0;
}

static int jacobianTimes(N_Vector v, N_Vector out, realtype t, N_Vector y, N_Vector fy, void *data, N_Vector a) {
  (void)t, (void)fy, (void)data, (void)a;
  problem.jvp(NV_DATA_S(y), NV_DATA_S(v), NV_DATA_S(out));
  return 0;
}

static void negative(N_Vector v) {
  N_VScale(-1, v, v);
}

static int adjoint(realtype t, N_Vector y, N_Vector lambda, N_Vector out, void *data) {
  (void)t, (void)data;
  problem.vjp(NV_DATA_S(y), NV_DATA_S(lambda), NV_DATA_S(out));
  negative(out);
  return 0;
}

static int quadrature(realtype t, N_Vector y, N_Vector lambda, N_Vector out, void *data) {
  (void)t, (void)data;
  problem.parameterVjp(NV_DATA_S(y), NV_DATA_S(lambda), NV_DATA_S(out));
  negative(out);
  return 0;
}

static int adjointJacobian(realtype t, N_Vector y, N_Vector lambda, N_Vector f, SUNMatrix matrix, void *data, N_Vector a, N_Vector b,
                           N_Vector c) {
  (void)t, (void)lambda, (void)f, (void)data, (void)a, (void)b, (void)c;
  const int n = problem.states;
  double *values = SUNDenseMatrix_Data(matrix);
  problem.jacobian(NV_DATA_S(y), values);
  for (int j = 0; j < n; j++) {
    for (int i = 0; i <= j; i++) {
      const double upper = values[n * j + i];
      values[n * j + i] = -values[n * i + j];
      values[n * i + j] = -upper;
    }
  }
  return 0;
}

static int adjointJacobianTimes(N_Vector v, N_Vector out, realtype t, N_Vector y, N_Vector lambda, N_Vector f, void *data, N_Vector a) {
  (void)lambda, (void)f, (void)a;
  return adjoint(t, y, v, out, data);
}

/* What solves the equations of implicit steps; only what the solver needs is there. */
typedef struct {
  SUNMatrix matrix;
  SUNLinearSolver linear;
  SUNNonlinearSolver fixedPoint;
} Algebra;

static Algebra createAlgebra(N_Vector y) {
  Algebra algebra = {0};
  if (solver == ADAMS) algebra.fixedPoint = SUNNonlinSol_FixedPoint(y, 0, context);
  if (solver == GMRES) algebra.linear = SUNLinSol_SPGMR(y, SUN_PREC_NONE, KRYLOV, context);
  if (solver == DENSE) {
    algebra.matrix = SUNDenseMatrix(problem.states, problem.states, context);
    algebra.linear = SUNLinSol_Dense(y, algebra.matrix, context);
  }
  return algebra;
}

static void freeAlgebra(Algebra algebra) {
  if (algebra.fixedPoint) SUNNonlinSolFree(algebra.fixedPoint);
  if (algebra.linear) SUNLinSolFree(algebra.linear);
  if (algebra.matrix) SUNMatDestroy(algebra.matrix);
}

/* The solution between two doses, and its adjoint. */
typedef struct {
  void *cvodes;
  Algebra forward, backward;
  int firstSample, lastSample, which;
} Segment;

static double sampleTime(int i) {
  return i * problem.interval;
}

static void createForward(Segment *segment, N_Vector y) {
  void *cvodes = segment->cvodes = CVodeCreate(solver == ADAMS ? CV_ADAMS : CV_BDF, context);
  segment->forward = createAlgebra(y);
  check(CVodeInit(cvodes, rightHandSide, sampleTime(segment->firstSample), y), "CVodeInit");
  check(CVodeSStolerances(cvodes, tolerance, atolPerRtol * tolerance), "CVodeSStolerances");
  check(CVodeSetMaxNumSteps(cvodes, MAX_STEPS), "CVodeSetMaxNumSteps");
  if (solver == ADAMS) check(CVodeSetNonlinearSolver(cvodes, segment->forward.fixedPoint), "CVodeSetNonlinearSolver");
  else check(CVodeSetLinearSolver(cvodes, segment->forward.linear, segment->forward.matrix), "CVodeSetLinearSolver");
  if (solver == DENSE) check(CVodeSetJacFn(cvodes, jacobian), "CVodeSetJacFn");
  if (solver == GMRES) check(CVodeSetJacTimes(cvodes, NULL, jacobianTimes), "CVodeSetJacTimes");
  check(CVodeAdjInit(cvodes, stepsKept, problem.interpolation), "CVodeAdjInit");
}

static void createBackward(Segment *segment, N_Vector lambda, N_Vector integral) {
  void *cvodes = segment->cvodes;
  check(CVodeCreateB(cvodes, solver == ADAMS ? CV_ADAMS : CV_BDF, &segment->which), "CVodeCreateB");
  const int which = segment->which;
  segment->backward = createAlgebra(lambda);
  check(CVodeInitB(cvodes, which, adjoint, sampleTime(segment->lastSample), lambda), "CVodeInitB");
  check(CVodeSStolerancesB(cvodes, which, tolerance, atolPerRtol * tolerance), "CVodeSStolerancesB");
  check(CVodeSetMaxNumStepsB(cvodes, which, MAX_STEPS), "CVodeSetMaxNumStepsB");
  if (solver == ADAMS) check(CVodeSetNonlinearSolverB(cvodes, which, segment->backward.fixedPoint), "CVodeSetNonlinearSolverB");
  else check(CVodeSetLinearSolverB(cvodes, which, segment->backward.linear, segment->backward.matrix), "CVodeSetLinearSolverB");
  if (solver == DENSE) check(CVodeSetJacFnB(cvodes, which, adjointJacobian), "CVodeSetJacFnB");
  if (solver == GMRES) check(CVodeSetJacTimesB(cvodes, which, NULL, adjointJacobianTimes), "CVodeSetJacTimesB");
  check(CVodeQuadInitB(cvodes, which, quadrature, integral), "CVodeQuadInitB");
}

/* Adds a sample to the loss, and its derivative to the cotangent of the state. */
static void sample(int i, N_Vector y, N_Vector lambda) {
  for (int j = 0; j < problem.states; j++) {
    const double gap = NV_Ith_S(y, j) - (problem.observed ? problem.observed[problem.states * i + j] : 1);
    loss += 0.5 * gap * gap;
    NV_Ith_S(lambda, j) += gap;
  }
}

/* Up to the segment's last sample, keeping the samples. */
static void solveForward(Segment *segment, N_Vector y, N_Vector *samples) {
  createForward(segment, y);
  for (int i = segment->firstSample + 1; i <= segment->lastSample; i++) {
    realtype t;
    int checkpoints;
    check(CVodeF(segment->cvodes, sampleTime(i), samples[i], &t, CV_NORMAL, &checkpoints), "CVodeF");
  }
  long taken;
  check(CVodeGetNumSteps(segment->cvodes, &taken), "CVodeGetNumSteps");
  steps += taken;
  N_VScale(1, samples[segment->lastSample], y);
}

static void solveBackward(Segment *segment, N_Vector lambda, N_Vector integral, N_Vector *samples) {
  void *cvodes = segment->cvodes;
  for (int i = segment->lastSample; i > segment->firstSample; i--) {
    sample(i, samples[i], lambda);
    if (i == segment->lastSample) createBackward(segment, lambda, integral);
    else {
      check(CVodeReInitB(cvodes, segment->which, sampleTime(i), lambda), "CVodeReInitB");
      check(CVodeQuadReInitB(cvodes, segment->which, integral), "CVodeQuadReInitB");
    }
    realtype t;
    check(CVodeB(cvodes, sampleTime(i - 1), CV_NORMAL), "CVodeB");
    long taken;
    check(CVodeGetNumSteps(CVodeGetAdjCVodeBmem(cvodes, segment->which), &taken), "CVodeGetNumSteps");
    backwardSteps += taken;
    check(CVodeGetB(cvodes, segment->which, &t, lambda), "CVodeGetB");
    check(CVodeGetQuadB(cvodes, segment->which, &t, integral), "CVodeGetQuadB");
  }
}

static void differentiate(void) {
  N_Vector y = N_VNew_Serial(problem.states, context), lambda = N_VClone(y), integral = N_VNew_Serial(problem.parameters, context);
  N_Vector *samples = N_VCloneVectorArray(problem.samples + 1, y);
  Segment segments[MOST_SEGMENTS] = {0};
  problem.initial(NV_DATA_S(y));
  N_VScale(1, y, samples[0]);
  N_VConst(0, lambda);
  N_VConst(0, integral);
  loss = 0;
  steps = backwardSteps = 0;
  for (int s = 0; s <= problem.doses; s++) {
    segments[s].firstSample = s ? problem.dosedSamples[s - 1] : 0;
    segments[s].lastSample = s < problem.doses ? problem.dosedSamples[s] : problem.samples;
    if (s) problem.dose(NV_DATA_S(y));
    solveForward(&segments[s], y, samples);
  }
  for (int s = problem.doses; s >= 0; s--) {
    solveBackward(&segments[s], lambda, integral, samples);
    CVodeFree(&segments[s].cvodes);
    freeAlgebra(segments[s].forward);
    freeAlgebra(segments[s].backward);
  }
  sample(0, samples[0], lambda);
  memcpy(gradient, NV_DATA_S(integral), problem.parameters * sizeof *gradient);
  N_VDestroyVectorArray(samples, problem.samples + 1);
  N_VDestroy(y);
  N_VDestroy(lambda);
  N_VDestroy(integral);
}

static GradientProblem named(const char *name) {
  int n;
  double end;
  if (sscanf(name, "brusselatorCells:%d:%lf", &n, &end) == 2) return brusselatorCells(n, end);
  const char *spiral = "spiralNeuralODE:";
  if (!strncmp(name, spiral, strlen(spiral))) return spiralNeuralODE(name + strlen(spiral));
  const GradientProblem *problems[] = {&lotkaVolterra, &pollution, &pkpd};
  for (int i = 0; i < 3; i++)
    if (!strcmp(name, problems[i]->name)) return *problems[i];
  fprintf(stderr, "no problem %s\n", name);
  exit(1);
}

int main(int argc, char **argv) {
  check(SUNContext_Create(NULL, &context), "SUNContext_Create");
  problem = named(argv[1]);
  gradient = malloc(problem.parameters * sizeof *gradient);
  solver = !strcmp(argv[2], "adams") ? ADAMS : !strcmp(argv[2], "dense") ? DENSE : GMRES;
  atolPerRtol = atof(argv[3]);
  for (int i = 4; i < argc; i++) {
    tolerance = atof(argv[i]);
    stepsKept = 5000;
    const double start = now();
    differentiate();
    const double once = now() - start;
    stepsKept = steps + 10;
    const double seconds = once > 1 ? once : medianSeconds(differentiate, 0.005, once > 0.1 ? 3 : 9);
    printf("{\"problem\":\"%s\",\"solver\":\"%s\",\"tol\":%g,\"seconds\":%.5g,\"steps\":%ld,\"backwardSteps\":%ld,\"loss\":%.17g,\"gradient\":[",
           argv[1], argv[2], tolerance, seconds, steps, backwardSteps, loss);
    for (int j = 0; j < problem.parameters; j++) printf("%s%.17g", j ? "," : "", gradient[j]);
    printf("]}\n");
    fflush(stdout);
  }
}
