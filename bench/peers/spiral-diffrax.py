"""
The gradient of the spiral's fit by diffrax on JAX (Tsit5), compiled: its discrete adjoint with checkpoints, which is its default.

    spiral-diffrax.py FILE TOLERANCE...        (rtol = atol)
"""

import os
import sys
import time

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import diffrax
import jax
import jax.numpy as jnp
from spiral import START, TIMES, median_seconds, read, report

jax.config.update("jax_enable_x64", True)
weights, observed = read(sys.argv[1])
parameters = tuple(map(jnp.asarray, weights))


def network(t, u, parameters):
    w1, b1, w2, b2 = parameters
    return w2 @ jnp.tanh(w1 @ u**3 + b1) + b2


def fit(parameters, tolerance):
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(network),
        diffrax.Tsit5(),
        TIMES[0],
        TIMES[-1],
        None,
        jnp.asarray(START),
        parameters,
        saveat=diffrax.SaveAt(ts=TIMES),
        stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance),
        max_steps=4096,
    )
    return jnp.sum((solution.ys - observed) ** 2)


start = time.perf_counter()
compiled = jax.jit(jax.value_and_grad(fit)).lower(parameters, 1.0).compile()
compile_seconds = time.perf_counter() - start

for tolerance in map(float, sys.argv[2:]):
    loss, gradient = compiled(parameters, tolerance)
    seconds = median_seconds(lambda: jax.block_until_ready(compiled(parameters, tolerance)))
    report("discrete adjoint", tolerance, seconds, loss, gradient, compileSeconds=compile_seconds)
