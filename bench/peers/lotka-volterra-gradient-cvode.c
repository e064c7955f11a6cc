/*
 * The gradient of a sum of squares along Lotka-Volterra by CVODES: by its adjoint module, and by forward sensitivities for the four
 * parameters. Adams both ways, with the fixed-point iteration; everything given by hand.
 *
 *   lotka-volterra-gradient-cvode DATA TOLERANCE...        (rtol = atol = TOLERANCE; DATA is the folder of the references)
 *
 * The way back starts anew at every sample, where the cotangent jumps: CVODES has nothing else for that. It keeps the whole
 * forward solution, interpolated by polynomials of the order of its steps, and leaves the quadratures outside the error test.
 */
#include "lotka-volterra-gradient.h"
#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#define MOST_STEPS 1000000

static SUNContext context;
/* CVODES allocates every step of the interval between two checkpoints before it starts, so their number is estimated first. */
static long stepsKept;
/* Read at run time, as a solver has to. */
static volatile double given[PARAMETERS] = {1.5, 1, 3, 1};
static double p[PARAMETERS];

/* Ends the program where a call of SUNDIALS failed. */
static void check(int flag, const char *what) {
  if (flag >= 0) return;
  fprintf(stderr, "%s failed with %d\n", what, flag);
  exit(1);
}

static int rightHandSide(realtype t, N_Vector y, N_Vector derivative, void *data) {
  (void)t, (void)data;
  const double *u = NV_DATA_S(y);
  double *du = NV_DATA_S(derivative);
  du[0] = u[0] * (p[0] - p[1] * u[1]);
  du[1] = u[1] * (p[3] * u[0] - p[2]);
  return 0;
}

static int sensitivityRightHandSide(int count, realtype t, N_Vector y, N_Vector derivative, int which, N_Vector sensitivity, N_Vector out,
                                    void *data, N_Vector a, N_Vector b) {
  (void)count, (void)t, (void)derivative, (void)data, (void)a, (void)b;
  const double *u = NV_DATA_S(y), *s = NV_DATA_S(sensitivity);
  double *ds = NV_DATA_S(out);
  ds[0] = (p[0] - p[1] * u[1]) * s[0] - p[1] * u[0] * s[1];
  ds[1] = p[3] * u[1] * s[0] + (p[3] * u[0] - p[2]) * s[1];
  const double byParameter[PARAMETERS] = {u[0], -u[0] * u[1], -u[1], u[0] * u[1]};
  ds[which / 2] += byParameter[which];
  return 0;
}

static int backwardRightHandSide(realtype t, N_Vector y, N_Vector lambda, N_Vector out, void *data) {
  (void)t, (void)data;
  const double *u = NV_DATA_S(y), *l = NV_DATA_S(lambda);
  double *dl = NV_DATA_S(out);
  dl[0] = -((p[0] - p[1] * u[1]) * l[0] + p[3] * u[1] * l[1]);
  dl[1] = p[1] * u[0] * l[0] - (p[3] * u[0] - p[2]) * l[1];
  return 0;
}

static int backwardQuadrature(realtype t, N_Vector y, N_Vector lambda, N_Vector out, void *data) {
  (void)t, (void)data;
  const double *u = NV_DATA_S(y), *l = NV_DATA_S(lambda);
  double *q = NV_DATA_S(out);
  q[0] = -l[0] * u[0];
  q[1] = l[0] * u[0] * u[1];
  q[2] = l[1] * u[1];
  q[3] = -l[1] * u[0] * u[1];
  return 0;
}

typedef struct {
  void *cvodes;
  N_Vector y;
  SUNNonlinearSolver solver;
} Solve;

static Solve begin(void) {
  for (int i = 0; i < PARAMETERS; i++) p[i] = given[i];
  Solve solve = {.cvodes = CVodeCreate(CV_ADAMS, context), .y = N_VNew_Serial(2, context)};
  N_VConst(1, solve.y);
  check(CVodeInit(solve.cvodes, rightHandSide, 0, solve.y), "CVodeInit");
  check(CVodeSStolerances(solve.cvodes, tolerance, tolerance), "CVodeSStolerances");
  check(CVodeSetMaxNumSteps(solve.cvodes, MOST_STEPS), "CVodeSetMaxNumSteps");
  solve.solver = SUNNonlinSol_FixedPoint(solve.y, 0, context);
  check(CVodeSetNonlinearSolver(solve.cvodes, solve.solver), "CVodeSetNonlinearSolver");
  return solve;
}

static void finish(Solve solve) {
  CVodeFree(&solve.cvodes);
  SUNNonlinSolFree(solve.solver);
  N_VDestroy(solve.y);
}

/* Adds the sample to the loss; its residual, doubled, is the cotangent of the state. */
static void take(int sample, N_Vector y, double *cotangent) {
  for (int c = 0; c < 2; c++) {
    const double residual = NV_Ith_S(y, c) - observed[sample][c];
    results[PARAMETERS] += residual * residual;
    cotangent[c] = 2 * residual;
  }
}

static void byAdjoint(void) {
  static double cotangents[SAMPLES][2];
  realtype t;
  int checkpoints, which;
  memset(results, 0, sizeof results);
  const Solve forward = begin();
  check(CVodeAdjInit(forward.cvodes, stepsKept, CV_POLYNOMIAL), "CVodeAdjInit");
  for (int i = 0; i < SAMPLES; i++) {
    check(CVodeF(forward.cvodes, sampleTime(i), forward.y, &t, CV_NORMAL, &checkpoints), "CVodeF");
    take(i, forward.y, cotangents[i]);
  }
  check(CVodeGetNumSteps(forward.cvodes, &steps), "CVodeGetNumSteps");

  N_Vector lambda = N_VNew_Serial(2, context), quadrature = N_VNew_Serial(PARAMETERS, context);
  N_VConst(0, lambda);
  N_VConst(0, quadrature);
  SUNNonlinearSolver solver = SUNNonlinSol_FixedPoint(lambda, 0, context);
  check(CVodeCreateB(forward.cvodes, CV_ADAMS, &which), "CVodeCreateB");
  for (int i = SAMPLES - 1; i >= 0; i--) {
    for (int c = 0; c < 2; c++) NV_Ith_S(lambda, c) += cotangents[i][c];
    if (i == SAMPLES - 1) {
      check(CVodeInitB(forward.cvodes, which, backwardRightHandSide, sampleTime(i), lambda), "CVodeInitB");
      check(CVodeSStolerancesB(forward.cvodes, which, tolerance, tolerance), "CVodeSStolerancesB");
      check(CVodeSetMaxNumStepsB(forward.cvodes, which, MOST_STEPS), "CVodeSetMaxNumStepsB");
      check(CVodeSetNonlinearSolverB(forward.cvodes, which, solver), "CVodeSetNonlinearSolverB");
      check(CVodeQuadInitB(forward.cvodes, which, backwardQuadrature, quadrature), "CVodeQuadInitB");
      check(CVodeSetQuadErrConB(forward.cvodes, which, 0), "CVodeSetQuadErrConB");
    } else {
      check(CVodeReInitB(forward.cvodes, which, sampleTime(i), lambda), "CVodeReInitB");
      check(CVodeQuadReInitB(forward.cvodes, which, quadrature), "CVodeQuadReInitB");
    }
    check(CVodeB(forward.cvodes, i ? sampleTime(i - 1) : 0, CV_NORMAL), "CVodeB");
    check(CVodeGetB(forward.cvodes, which, &t, lambda), "CVodeGetB");
    check(CVodeGetQuadB(forward.cvodes, which, &t, quadrature), "CVodeGetQuadB");
  }
  memcpy(results, NV_DATA_S(quadrature), PARAMETERS * sizeof *results);
  finish(forward);
  SUNNonlinSolFree(solver);
  N_VDestroy(lambda);
  N_VDestroy(quadrature);
}

static void byForwardSensitivities(void) {
  double cotangent[2], absolute[PARAMETERS];
  realtype t;
  memset(results, 0, sizeof results);
  const Solve forward = begin();
  N_Vector *sensitivities = N_VCloneVectorArray(PARAMETERS, forward.y);
  for (int i = 0; i < PARAMETERS; i++) {
    N_VConst(0, sensitivities[i]);
    absolute[i] = tolerance;
  }
  check(CVodeSensInit1(forward.cvodes, PARAMETERS, CV_STAGGERED, sensitivityRightHandSide, sensitivities), "CVodeSensInit1");
  check(CVodeSensSStolerances(forward.cvodes, tolerance, absolute), "CVodeSensSStolerances");
  check(CVodeSetSensErrCon(forward.cvodes, 1), "CVodeSetSensErrCon");
  SUNNonlinearSolver solver = SUNNonlinSol_FixedPointSens(PARAMETERS, forward.y, 0, context);
  check(CVodeSetNonlinearSolverSensStg(forward.cvodes, solver), "CVodeSetNonlinearSolverSensStg");
  for (int i = 0; i < SAMPLES; i++) {
    check(CVode(forward.cvodes, sampleTime(i), forward.y, &t, CV_NORMAL), "CVode");
    check(CVodeGetSens(forward.cvodes, &t, sensitivities), "CVodeGetSens");
    take(i, forward.y, cotangent);
    for (int j = 0; j < PARAMETERS; j++)
      results[j] += cotangent[0] * NV_Ith_S(sensitivities[j], 0) + cotangent[1] * NV_Ith_S(sensitivities[j], 1);
  }
  check(CVodeGetNumSteps(forward.cvodes, &steps), "CVodeGetNumSteps");
  N_VDestroyVectorArray(sensitivities, PARAMETERS);
  SUNNonlinSolFree(solver);
  finish(forward);
}

static void estimateSteps(void) {
  realtype t;
  const Solve forward = begin();
  check(CVode(forward.cvodes, sampleTime(SAMPLES - 1), forward.y, &t, CV_NORMAL), "CVode");
  check(CVodeGetNumSteps(forward.cvodes, &steps), "CVodeGetNumSteps");
  stepsKept = steps + steps / 2 + 100;
  finish(forward);
}

int main(int argc, char **argv) {
  check(SUNContext_Create(NULL, &context), "SUNContext_Create");
  prepare(argv[1]);
  for (int i = 2; i < argc; i++) {
    tolerance = atof(argv[i]);
    estimateSteps();
    reportGradient("CVODES, adjoint", byAdjoint);
    reportGradient("CVODES, forward sensitivities", byForwardSensitivities);
  }
}
