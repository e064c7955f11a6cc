/*
 * Lotka-Volterra by Tsitouras' 5(4) pair, everything fused into one function: no callbacks, no arrays of unknown length, no
 * allocation, only the end point. It is the floor that a solver of small systems is measured against.
 *
 *   lotka-volterra DATA TOLERANCE...        (rtol = atol = TOLERANCE; DATA is the folder of the references)
 *
 * Ch. Tsitouras, Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying assumption,
 * Computers & Mathematics with Applications 62 (2011). Step control: E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary
 * Differential Equations I, II.4 (starting step, and the PI controller of Gustafsson).
 */
#include "lotka-volterra.h"

static double tolerance;
static State end;
static long steps;

static void solve(void) {
  const double tol = tolerance;
  const Parameters p = parameters();
  State u = {1, 1}, k[STAGES];
  k[0] = rhs(u, p);
  double t = 0, h = startingStep(u, k[0], p, tol);
  float previousError = 1e-4f;
  for (steps = 0;;) {
    const int last = t + h >= END;
    if (last) h = END - t;
    const State next = stagesOf(u, h, p, k);
    const float error = errorOf(u, next, h, k, tol);
    if (error > 1) {
      h /= shrink(error);
      continue;
    }
    t += h;
    u = next;
    k[0] = k[STAGES - 1];
    steps++;
    if (last) break;
    h /= change(error, previousError);
    previousError = fmaxf(error, 1e-4f);
  }
  end = u;
}

int main(int argc, char **argv) {
  char path[4096];
  double reference[2];
  snprintf(path, sizeof path, "%s/lotka-volterra.txt", argv[1]);
  readReference(path, reference, 2);
  for (int i = 2; i < argc; i++) {
    tolerance = atof(argv[i]);
    solve();
    const double values[2] = {end.prey, end.predator};
    report("lotkaVolterra", "C, fused Tsit5", tolerance, medianSeconds(solve, 0.005, 31), steps, maxRelativeError(values, reference, 2), "");
  }
}
