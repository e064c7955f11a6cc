"""
The gradient of the spiral's fit by torchdiffeq (Dormand-Prince 5(4)): backpropagation through the steps of `odeint`, which is the
faster of its two ways here.

    spiral-torchdiffeq.py FILE TOLERANCE...        (rtol = atol)
"""

import sys

import torch
from spiral import START, TIMES, median_seconds, read, report
from torch.nn.functional import linear
from torchdiffeq import odeint

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
weights, observed = read(sys.argv[1])
parameters = [torch.tensor(part, requires_grad=True) for part in weights]
observed, start, times = torch.tensor(observed), torch.tensor(START), torch.tensor(TIMES)


def network(t, u):
    w1, b1, w2, b2 = parameters
    return linear(torch.tanh(linear(u**3, w1, b1)), w2, b2)


def differentiate(tolerance):
    states = odeint(network, start, times, method="dopri5", rtol=tolerance, atol=tolerance)
    loss = ((states - observed) ** 2).sum()
    return loss.detach(), torch.autograd.grad(loss, parameters)


for tolerance in map(float, sys.argv[2:]):
    loss, gradient = differentiate(tolerance)
    seconds = median_seconds(lambda: differentiate(tolerance))
    report("backpropagation", tolerance, seconds, loss, gradient)
