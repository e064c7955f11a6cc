/*
 * The 32x32 Brusselator, t from 0 to 11.5, by CVODE: BDF, Newton with the exact sparse Jacobian, KLU ordered by AMD.
 *
 *   brusselator-forward DATA TOLERANCE...        (rtol = atol = TOLERANCE; DATA is the folder of the references)
 */
#include "cvode.h"
#include <cvode/cvode.h>

static double tolerance, end[SIZE];
static long steps;

static void solve(void) {
  N_Vector y = initialState();
  Klu klu = createKlu(y);
  void *cvode = CVodeCreate(CV_BDF, context);
  check(CVodeInit(cvode, rightHandSide, 0, y), "CVodeInit");
  check(CVodeSStolerances(cvode, tolerance, tolerance), "CVodeSStolerances");
  check(CVodeSetMaxNumSteps(cvode, MAX_STEPS), "CVodeSetMaxNumSteps");
  check(CVodeSetLinearSolver(cvode, klu.solver, klu.matrix), "CVodeSetLinearSolver");
  check(CVodeSetJacFn(cvode, jacobian), "CVodeSetJacFn");
  realtype t;
  check(CVode(cvode, END, y, &t, CV_NORMAL), "CVode");
  check(CVodeGetNumSteps(cvode, &steps), "CVodeGetNumSteps");
  memcpy(end, NV_DATA_S(y), sizeof end);
  CVodeFree(&cvode);
  freeKlu(klu);
  N_VDestroy(y);
}

int main(int argc, char **argv) {
  char path[4096];
  static double reference[SIZE];
  snprintf(path, sizeof path, "%s/brusselator-32.txt", argv[1]);
  readReference(path, reference, SIZE);
  check(SUNContext_Create(NULL, &context), "SUNContext_Create");
  fillBrusselator();
  for (int i = 2; i < argc; i++) {
    tolerance = atof(argv[i]);
    const double seconds = medianSeconds(solve, 0, 5);
    report("brusselator32", "CVODE BDF, KLU with AMD", tolerance, seconds, steps, maxRelativeError(end, reference, SIZE), "");
  }
}
