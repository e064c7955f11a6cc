"""What both Python peers need: weights and observations from a file, a clock, a median, and one JSON line a measurement."""

import json
import statistics
import time

import numpy as np

HIDDEN = 50
SAMPLES = 30
TIMES = np.linspace(0.0, 1.5, SAMPLES)
START = np.array([2.0, 0.0])


def read(path):
    """W1, b1, W2, b2, and what was observed, one state a time."""
    numbers = np.loadtxt(path)
    sizes = [2 * HIDDEN, HIDDEN, 2 * HIDDEN, 2]
    w1, b1, w2, b2, observed = np.split(numbers, np.cumsum(sizes))
    return (w1.reshape(HIDDEN, 2), b1, w2.reshape(2, HIDDEN), b2), observed.reshape(SAMPLES, 2)


def median_seconds(run, total=1.0, most=15):
    """Of single runs after one to warm up, as many as fit in `total` seconds, but at least three."""
    run()
    seconds = []
    while len(seconds) < 3 or (len(seconds) < most and sum(seconds) < total):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def report(solver, tolerance, seconds, loss, gradient, **more):
    flat = np.concatenate([np.ravel(part) for part in gradient]).tolist()
    line = {"problem": "spiralNeuralODE", "solver": solver, "tol": tolerance, "seconds": seconds, **more}
    print(json.dumps({**line, "loss": float(loss), "gradient": flat}), flush=True)
