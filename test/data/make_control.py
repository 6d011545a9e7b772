"""Writes control.json: scans and branches written as Python loops over PyTorch tensors in float64, with their gradients. Run: python make_control.py (torch 2.15)."""

import json
from pathlib import Path

import torch
from stored import stored

torch.manual_seed(3)
cases = {}


def rand(*shape):
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def finish(name, inputs, outputs):
    weights = [torch.linspace(0.5, 1.5, out.numel(), dtype=torch.float64).reshape(out.shape) for out in outputs]
    loss = sum((out * weight).sum() for out, weight in zip(outputs, weights))
    grads = torch.autograd.grad(loss, inputs, allow_unused=True)
    grads = [torch.zeros_like(x) if g is None else g for x, g in zip(inputs, grads)]
    cases[name] = {'inputs': [stored(x) for x in inputs], 'out': [stored(x) for x in outputs], 'grads': [stored(x) for x in grads]}


def cell(h, x, w, u):
    return torch.tanh(h @ w + x @ u)


for name, order in (('recurrent', 1), ('recurrentReversed', -1)):
    h0, xs, w, u = rand(2, 3), rand(5, 2, 4), rand(3, 3), rand(4, 3)
    h, ys = h0, [None] * 5
    for t in range(5)[::order]:
        h = cell(h, xs[t], w, u)
        ys[t] = h * xs[t].sum()
    finish(name, [h0, xs, w, u], [h, torch.stack(ys)])

x0, w = rand(8), rand(8)
x = x0
for i in range(2, 12):
    x = torch.sin(x * w) + i * 0.1
finish('counted', [x0, w], [x])

# Slices of 64 bytes, which are read where they lie.
c0, xs = rand(8), rand(6, 8)
c, ys = c0, []
for t in range(6):
    c, y = c * 0.5 + xs[t].exp(), c * xs[t]
    ys.append(y)
finish('aligned', [c0, xs], [c, torch.stack(ys)])

for name in ('then', 'else'):
    x, w = rand(3), rand(3)
    finish(name, [x, w], [x * w.exp() if name == 'then' else x.square() + 1])

# Loops in loops.
c0, xs = rand(2), rand(4, 3, 2)
c, ys = c0, []
for t in range(4):
    d, zs = c, []
    for u in range(3):
        d = torch.sin(d * c) + xs[t, u]
        zs.append(d * d)
    c = d * 0.5
    ys.append(torch.stack(zs).sum(0))
finish('scanInScan', [c0, xs], [c, torch.stack(ys)])

c0, xs, w = rand(3), rand(5, 3), rand(3)
c, ys = c0, []
for t in range(5):
    c = c * w.exp() + xs[t] if xs[t].sum() > 0 else torch.cos(c) * xs[t]
    ys.append(c.sum())
finish('branchInScan', [c0, xs, w], [c, torch.stack(ys)])

for name in ('scanInThen', 'scanInElse'):
    c0, xs = rand(2), rand(3, 2)
    c = c0
    if name == 'scanInThen':
        for t in range(3):
            c = torch.tanh(c + xs[t])
    else:
        c = c * xs.sum(0)
    finish(name, [c0, xs], [c])

c0, xs, w = rand(2), rand(3, 2), rand(2)
c = c0
for t in range(3):
    d = c
    for i in range(4):
        e = d
        for j in range(2):
            e = torch.sin(e * w) + 0.1 * i * j
        d = e + xs[t]
    c = d
finish('threeDeep', [c0, xs, w], [c])

Path(__file__).with_name('control.json').write_text(json.dumps(cases, separators=(',', ':')).replace('},"', '},\n"') + '\n')
