/*
 * CVODE on any problem, whose right-hand side and Jacobian are in PROBLEM, a C file that is generated (see bench/work-precision):
 *
 *   void rhs(double *du, double *u, double *p, double t);
 *   void jacobian(double *values, double *u, double *p, double t);       (in the order of `rows`, column by column)
 *   N, NP, NONZEROS; starts[N + 1], rows[NONZEROS]; u0[N], scale[N], p[NP], t0, t1
 *
 *   work-precision adams|dense|klu|gmres SECONDS RTOL...         (atol = RTOL * scale)
 *
 * Prints for each tolerance a line of JSON with the state at the end. What takes longer than SECONDS is left out, and all tighter ones.
 */
#include PROBLEM
#include "measure.h"
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <string.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunlinsol/sunlinsol_spgmr.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunmatrix/sunmatrix_sparse.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#define AMD 0
#define SAMPLES 5
#define KRYLOV_VECTORS 20

static SUNContext context;
static double deadline;

static int rightHandSide(realtype t, N_Vector y, N_Vector derivative, void *data) {
  (void)data;
  rhs(NV_DATA_S(derivative), NV_DATA_S(y), p, t);
  return now() > deadline ? -1 : 0;
}

static int sparseJacobian(realtype t, N_Vector y, N_Vector fy, SUNMatrix matrix, void *data, N_Vector a, N_Vector b, N_Vector c) {
  (void)fy, (void)data, (void)a, (void)b, (void)c;
  sunindextype *columns = SUNSparseMatrix_IndexPointers(matrix), *indices = SUNSparseMatrix_IndexValues(matrix);
  for (int j = 0; j <= N; j++) columns[j] = starts[j];
  for (int e = 0; e < NONZEROS; e++) indices[e] = rows[e];
  jacobian(SUNSparseMatrix_Data(matrix), NV_DATA_S(y), p, t);
  return 0;
}

static int denseJacobian(realtype t, N_Vector y, N_Vector fy, SUNMatrix matrix, void *data, N_Vector a, N_Vector b, N_Vector c) {
  static double values[NONZEROS + 1];
  (void)fy, (void)data, (void)a, (void)b, (void)c;
  SUNMatZero(matrix);
  jacobian(values, NV_DATA_S(y), p, t);
  for (int j = 0; j < N; j++)
    for (int e = starts[j]; e < starts[j + 1]; e++) SM_ELEMENT_D(matrix, rows[e], j) = values[e];
  return 0;
}

/* Returns whether it reached the end. */
static int solve(const char *method, double rtol, N_Vector y, N_Vector atol, long *steps, long *calls) {
  SUNMatrix matrix = NULL;
  SUNLinearSolver linear = NULL;
  SUNNonlinearSolver fixedPoint = NULL;
  const int adams = !strcmp(method, "adams");
  memcpy(NV_DATA_S(y), u0, sizeof u0);
  void *cvode = CVodeCreate(adams ? CV_ADAMS : CV_BDF, context);
  CVodeInit(cvode, rightHandSide, t0, y);
  CVodeSVtolerances(cvode, rtol, atol);
  CVodeSetMaxNumSteps(cvode, 100000000);
  CVodeSetErrFile(cvode, NULL);
  if (adams) {
    fixedPoint = SUNNonlinSol_FixedPoint(y, 0, context);
    CVodeSetNonlinearSolver(cvode, fixedPoint);
  } else if (!strcmp(method, "klu")) {
    matrix = SUNSparseMatrix(N, N, NONZEROS, CSC_MAT, context);
    linear = SUNLinSol_KLU(y, matrix, context);
    SUNLinSol_KLUSetOrdering(linear, AMD);
    CVodeSetLinearSolver(cvode, linear, matrix);
    CVodeSetJacFn(cvode, sparseJacobian);
  } else if (!strcmp(method, "gmres")) {
    linear = SUNLinSol_SPGMR(y, SUN_PREC_NONE, KRYLOV_VECTORS, context);
    CVodeSetLinearSolver(cvode, linear, NULL);
  } else {
    matrix = SUNDenseMatrix(N, N, context);
    linear = SUNLinSol_Dense(y, matrix, context);
    CVodeSetLinearSolver(cvode, linear, matrix);
    CVodeSetJacFn(cvode, denseJacobian);
  }
  realtype t;
  const int flag = CVode(cvode, t1, y, &t, CV_NORMAL);
  CVodeGetNumSteps(cvode, steps);
  CVodeGetNumRhsEvals(cvode, calls);
  CVodeFree(&cvode);
  if (fixedPoint) SUNNonlinSolFree(fixedPoint);
  if (linear) SUNLinSolFree(linear);
  if (matrix) SUNMatDestroy(matrix);
  return flag >= 0;
}

int main(int argc, char **argv) {
  const double patience = atof(argv[2]);
  SUNContext_Create(NULL, &context);
  N_Vector y = N_VNew_Serial(N, context), atol = N_VNew_Serial(N, context);
  for (int i = 3; i < argc; i++) {
    const double rtol = atof(argv[i]);
    for (int k = 0; k < N; k++) NV_Ith_S(atol, k) = rtol * scale[k];
    double least = INFINITY;
    long steps = 0, calls = 0;
    for (int s = 0; s < SAMPLES; s++) {
      const double start = now();
      deadline = start + patience;
      if (!solve(argv[1], rtol, y, atol, &steps, &calls)) return 0;
      least = fmin(least, now() - start);
    }
    printf("{\"rtol\":%g,\"seconds\":%.6g,\"steps\":%ld,\"calls\":%ld,\"end\":[", rtol, least, steps, calls);
    for (int k = 0; k < N; k++) printf("%s%.17g", k ? "," : "", NV_Ith_S(y, k));
    printf("]}\n");
    fflush(stdout);
  }
}
