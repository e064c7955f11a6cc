/* What the forward and the adjoint program share of SUNDIALS: the Brusselator as its callbacks, and KLU as its linear solver. */
#ifndef CVODE_H
#define CVODE_H
#include "brusselator.h"
#include "measure.h"
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunmatrix/sunmatrix_sparse.h>

/* KLU's number for approximate minimum degree; SUNDIALS would choose COLAMD, which costs 2.5 times as much here. */
#define AMD 0
#define MAX_STEPS 10000000

static SUNContext context;

/* Ends the program where a call of SUNDIALS failed. */
static void check(int flag, const char *what) {
  if (flag >= 0) return;
  fprintf(stderr, "%s failed with %d\n", what, flag);
  exit(1);
}

static int rightHandSide(realtype t, N_Vector y, N_Vector derivative, void *data) {
  (void)data;
  brusselator(t, NV_DATA_S(y), NV_DATA_S(derivative));
  return 0;
}

/* SUNDIALS clears the pattern with the values, so it is written each time. */
static void fillMatrix(N_Vector y, SUNMatrix matrix, int negativeTranspose) {
  sunindextype *starts = SUNSparseMatrix_IndexPointers(matrix), *rows = SUNSparseMatrix_IndexValues(matrix);
  for (int column = 0; column <= SIZE; column++) starts[column] = columnStart[column];
  for (int e = 0; e < NONZEROS; e++) rows[e] = rowOf[e];
  fillJacobian(NV_DATA_S(y), SUNSparseMatrix_Data(matrix), negativeTranspose);
}

static int jacobian(realtype t, N_Vector y, N_Vector fy, SUNMatrix matrix, void *data, N_Vector a, N_Vector b, N_Vector c) {
  (void)t, (void)fy, (void)data, (void)a, (void)b, (void)c;
  fillMatrix(y, matrix, 0);
  return 0;
}

typedef struct {
  SUNMatrix matrix;
  SUNLinearSolver solver;
} Klu;

static Klu createKlu(N_Vector y) {
  Klu klu;
  klu.matrix = SUNSparseMatrix(SIZE, SIZE, NONZEROS, CSC_MAT, context);
  klu.solver = SUNLinSol_KLU(y, klu.matrix, context);
  check(SUNLinSol_KLUSetOrdering(klu.solver, AMD), "SUNLinSol_KLUSetOrdering");
  return klu;
}

static void freeKlu(Klu klu) {
  SUNLinSolFree(klu.solver);
  SUNMatDestroy(klu.matrix);
}

static N_Vector initialState(void) {
  N_Vector y = N_VNew_Serial(SIZE, context);
  fillInitial(NV_DATA_S(y));
  return y;
}
#endif
