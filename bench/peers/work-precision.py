"""
SciPy's solve_ivp on any problem, whose right-hand side and Jacobian are compiled from C (see bench/work-precision):

  work-precision.py PROBLEM METHOD SECONDS RTOL...         (atol = RTOL * scale)

PROBLEM is a file of JSON: library, n, nonzeros, starts, rows, u0, scale, p, tspan. Prints for each tolerance a line of JSON with the state at
the end. What takes longer than SECONDS is left out, and all tighter ones.
"""
import ctypes
import json
import sys
import time

import numpy as np
from scipy.integrate import solve_ivp
from scipy.sparse import csc_matrix

problem = json.load(open(sys.argv[1]))
method, patience = sys.argv[2], float(sys.argv[3])
n, starts, rows = problem["n"], np.array(problem["starts"]), np.array(problem["rows"])
library = ctypes.CDLL(problem["library"])
array = ctypes.c_void_p
for function in (library.rhs, library.jacobian):
    function.argtypes = [array, array, array, ctypes.c_double]
    function.restype = None
p = np.array(problem["p"] or [0.0])
scale = np.array(problem["scale"])
DENSE = 100


class TooLong(Exception):
    pass


def rhs(t, u):
    if time.perf_counter() > deadline:
        raise TooLong
    u = np.ascontiguousarray(u)
    du = np.empty(n)
    library.rhs(du.ctypes.data, u.ctypes.data, p.ctypes.data, t)
    return du


def jacobian(t, u):
    u = np.ascontiguousarray(u)
    values = np.empty(len(rows))
    library.jacobian(values.ctypes.data, u.ctypes.data, p.ctypes.data, t)
    sparse = csc_matrix((values, rows, starts), shape=(n, n))
    # LSODA takes dense ones alone.
    return sparse if n > DENSE and method != "LSODA" else sparse.toarray()


more = {} if method == "DOP853" else {"jac": jacobian}
for rtol in map(float, sys.argv[4:]):
    least, result = float("inf"), None
    try:
        for _ in range(3):
            start = time.perf_counter()
            deadline = start + patience
            result = solve_ivp(rhs, problem["tspan"], problem["u0"], method=method, rtol=rtol, atol=rtol * scale, t_eval=[problem["tspan"][1]], **more)
            least = min(least, time.perf_counter() - start)
    except TooLong:
        break
    if not result.success:
        break
    end = result.y[:, -1].tolist()
    print(json.dumps({"rtol": rtol, "seconds": least, "steps": 0, "calls": result.nfev, "end": end}), flush=True)
