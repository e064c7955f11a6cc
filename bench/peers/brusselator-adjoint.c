/*
 * The gradient of G = sum of the state (u and v) at the end of the 32x32 Brusselator, with respect to the parameters (A, B, alpha)
 * and the initial state, by the adjoint module of CVODES: BDF both ways, exact sparse J and -J^T, KLU ordered by AMD, cubic
 * Hermite interpolation of the forward solution, all of it kept (one checkpoint), quadratures outside the error test.
 *
 *   brusselator-adjoint DATA TOLERANCE...        (rtol = atol = TOLERANCE; DATA is the folder of the references)
 *
 * `relativeError` is that of the gradient in the Euclidean norm over (A, B, alpha); `errors` has those of G, of each parameter,
 * and of the derivative along the initial direction v_i = sin(i + 1).
 */
#include "cvode.h"
#include <cvodes/cvodes.h>

enum { G, BY_A, BY_B, BY_ALPHA, BY_INITIAL, RESULTS };

static double tolerance, results[RESULTS];
static long steps, backwardSteps;
/* CVODES allocates every step of the interval between two checkpoints before it starts, so their number is estimated first. */
static long stepsKept;

static void *createForward(N_Vector y, Klu klu) {
  void *cvodes = CVodeCreate(CV_BDF, context);
  check(CVodeInit(cvodes, rightHandSide, 0, y), "CVodeInit");
  check(CVodeSStolerances(cvodes, tolerance, tolerance), "CVodeSStolerances");
  check(CVodeSetMaxNumSteps(cvodes, MAX_STEPS), "CVodeSetMaxNumSteps");
  check(CVodeSetLinearSolver(cvodes, klu.solver, klu.matrix), "CVodeSetLinearSolver");
  check(CVodeSetJacFn(cvodes, jacobian), "CVodeSetJacFn");
  return cvodes;
}

static void solveForward(void) {
  N_Vector y = initialState();
  Klu klu = createKlu(y);
  void *cvodes = createForward(y, klu);
  realtype t;
  check(CVode(cvodes, END, y, &t, CV_NORMAL), "CVode");
  check(CVodeGetNumSteps(cvodes, &steps), "CVodeGetNumSteps");
  CVodeFree(&cvodes);
  freeKlu(klu);
  N_VDestroy(y);
}

static int backwardRightHandSide(realtype t, N_Vector y, N_Vector lambda, N_Vector out, void *data) {
  (void)t, (void)data;
  adjointRightHandSide(NV_DATA_S(y), NV_DATA_S(lambda), NV_DATA_S(out));
  return 0;
}

static int backwardJacobian(realtype t, N_Vector y, N_Vector lambda, N_Vector f, SUNMatrix matrix, void *data, N_Vector a, N_Vector b,
                            N_Vector c) {
  (void)t, (void)lambda, (void)f, (void)data, (void)a, (void)b, (void)c;
  fillMatrix(y, matrix, 1);
  return 0;
}

static int backwardQuadrature(realtype t, N_Vector y, N_Vector lambda, N_Vector out, void *data) {
  (void)t, (void)data;
  adjointQuadrature(NV_DATA_S(y), NV_DATA_S(lambda), NV_DATA_S(out));
  return 0;
}

static void differentiate(void) {
  N_Vector y = initialState(), lambda = N_VNew_Serial(SIZE, context), quadrature = N_VNew_Serial(3, context);
  Klu klu = createKlu(y), backwardKlu = createKlu(lambda);
  void *cvodes = createForward(y, klu);
  check(CVodeAdjInit(cvodes, stepsKept, CV_HERMITE), "CVodeAdjInit");
  realtype t;
  int checkpoints, which;
  check(CVodeF(cvodes, END, y, &t, CV_NORMAL, &checkpoints), "CVodeF");
  check(CVodeGetNumSteps(cvodes, &steps), "CVodeGetNumSteps");
  results[G] = 0;
  for (int i = 0; i < SIZE; i++) results[G] += NV_Ith_S(y, i);

  N_VConst(1, lambda);
  N_VConst(0, quadrature);
  check(CVodeCreateB(cvodes, CV_BDF, &which), "CVodeCreateB");
  check(CVodeInitB(cvodes, which, backwardRightHandSide, END, lambda), "CVodeInitB");
  check(CVodeSStolerancesB(cvodes, which, tolerance, tolerance), "CVodeSStolerancesB");
  check(CVodeSetMaxNumStepsB(cvodes, which, MAX_STEPS), "CVodeSetMaxNumStepsB");
  check(CVodeSetLinearSolverB(cvodes, which, backwardKlu.solver, backwardKlu.matrix), "CVodeSetLinearSolverB");
  check(CVodeSetJacFnB(cvodes, which, backwardJacobian), "CVodeSetJacFnB");
  check(CVodeQuadInitB(cvodes, which, backwardQuadrature, quadrature), "CVodeQuadInitB");
  check(CVodeB(cvodes, 0, CV_NORMAL), "CVodeB");
  check(CVodeGetB(cvodes, which, &t, lambda), "CVodeGetB");
  check(CVodeGetQuadB(cvodes, which, &t, quadrature), "CVodeGetQuadB");
  check(CVodeGetNumSteps(CVodeGetAdjCVodeBmem(cvodes, which), &backwardSteps), "CVodeGetNumSteps");
  for (int i = 0; i < 3; i++) results[BY_A + i] = NV_Ith_S(quadrature, i);
  results[BY_INITIAL] = 0;
  for (int i = 0; i < SIZE; i++) results[BY_INITIAL] += NV_Ith_S(lambda, i) * sin(i + 1.0);

  CVodeFree(&cvodes);
  freeKlu(klu);
  freeKlu(backwardKlu);
  N_VDestroy(y);
  N_VDestroy(lambda);
  N_VDestroy(quadrature);
}

int main(int argc, char **argv) {
  char path[4096], more[512];
  double reference[RESULTS];
  snprintf(path, sizeof path, "%s/brusselator-32-gradient.txt", argv[1]);
  readReference(path, reference, RESULTS);
  check(SUNContext_Create(NULL, &context), "SUNContext_Create");
  fillBrusselator();
  for (int i = 2; i < argc; i++) {
    tolerance = atof(argv[i]);
    const double forwardSeconds = medianSeconds(solveForward, 0, 5);
    stepsKept = steps + steps / 4 + 50;
    const double seconds = medianSeconds(differentiate, 0, 5);
    double difference = 0, length = 0, errors[RESULTS];
    for (int r = 0; r < RESULTS; r++) errors[r] = relativeError(results[r], reference[r]);
    for (int r = BY_A; r <= BY_ALPHA; r++) {
      difference += (results[r] - reference[r]) * (results[r] - reference[r]);
      length += reference[r] * reference[r];
    }
    snprintf(more, sizeof more,
             ",\"backwardSteps\":%ld,\"forwardSeconds\":%.5g,\"errors\":{\"value\":%.4g,\"A\":%.4g,\"B\":%.4g,\"alpha\":%.4g,\"u0\":%.4g}",
             backwardSteps, forwardSeconds, errors[G], errors[BY_A], errors[BY_B], errors[BY_ALPHA], errors[BY_INITIAL]);
    report("brusselator32Gradient", "CVODES adjoint BDF, KLU with AMD", tolerance, seconds, steps, sqrt(difference / length), more);
  }
}
