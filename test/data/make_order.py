"""Writes order.json: what PyTorch and NumPy answer to calls of the functions that sort and choose. Run: python make_order.py (torch 2.15, numpy 2.4)."""

import json
from pathlib import Path

import numpy as np
import torch
from stored import stored

rng = np.random.default_rng(3)
cases = []
NAN, INF = float('nan'), float('inf')


def case(fn, inputs, args, out, grad=None):
    """grad: the derivative, with respect to input 0, of the sum of the first result times 1, 2, 3, ..."""
    one = {'fn': fn, 'inputs': [stored(x) for x in inputs], 'args': args, 'out': [stored(o) for o in out]}
    if grad is not None:
        one['grads'] = [stored(grad)]
    cases.append(one)


def weighted(y):
    return (y * torch.arange(1, y.numel() + 1, dtype=y.dtype).reshape(y.shape)).sum()


# Sorting: distinct values with gradients along every axis, ties, NaN and both zeros.
distinct = torch.from_numpy(rng.permutation(120).astype(np.float64).reshape(4, 5, 6) / 8)
special = np.array([[3, NAN, -0.0, 0.0, INF, 3, -INF, 1], [NAN, NAN, 1, 1, 2, -1, -1, 0]], dtype=np.float32)
for axis in (0, 1, 2, -1):
    for descending in (False, True):
        x = distinct.clone().requires_grad_()
        y, order = torch.sort(x, dim=axis, descending=descending)
        weighted(y).backward()
        case('sort', [distinct], [axis, {'descending': descending}], [y], x.grad)
        case('argsort', [distinct], [axis, {'descending': descending}], [order.to(torch.int32)])
for dtype in ('float32', 'float16', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'):
    unsigned = dtype.startswith('u')
    few = rng.integers(0 if unsigned else -4, 5, (3, 17)).astype(dtype)
    many = rng.integers(0 if unsigned else -100, 100, (1, 150)).astype(dtype)
    for x in (few, many):
        case('sort', [x], [-1], [np.sort(x)])
        case('sort', [x], [-1, {'descending': True}], [np.sort(x)[:, ::-1]])
        case('argsort', [x], [-1], [np.argsort(x, kind='stable').astype(np.int32)])
case('sort', [special], [], [np.sort(special)])
case('argsort', [special], [], [np.argsort(special, kind='stable').astype(np.int32)])
wide = rng.standard_normal((1, 4500)).astype(np.float32)
case('sort', [wide], [], [np.sort(wide)])

# The largest and smallest: PyTorch promises nothing about ties, so that positions come from a stable sort; NaN is the largest.
for axis in (0, 1, 2, -2):
    for largest in (True, False):
        for k in (1, 3, 4):
            x = distinct.clone().requires_grad_()
            y, at = torch.topk(x, k, dim=axis, largest=largest)
            weighted(y).backward()
            case('topK' if largest else 'bottomK', [distinct], [k, axis], [y, at.to(torch.int32)], x.grad)


def stable_top(x, k, largest):
    t = torch.from_numpy(x)
    values, at = torch.sort(t, dim=-1, descending=largest, stable=True)
    assert torch.equal(torch.nan_to_num(values[..., :k].double()), torch.nan_to_num(torch.topk(t, k, largest=largest)[0].double()))
    return values[..., :k], at[..., :k].to(torch.int32)


for dtype in ('float32', 'float16', 'int8', 'int16', 'int32', 'int64', 'uint8'):
    for n, k in ((9, 9), (40, 7), (300, 100), (300, 3)):
        x = rng.integers(0, 12, (2, n)).astype(dtype)
        for largest in (True, False):
            case('topK' if largest else 'bottomK', [x], [k], stable_top(x, k, largest))
for k in (1, 3, 6, 8):
    for largest in (True, False):
        case('topK' if largest else 'bottomK', [special], [k], stable_top(special, k, largest))

# Looking up and counting, by NumPy.
for dtype in ('float32', 'float64', 'int8', 'int32', 'int64'):
    ordered = np.sort(rng.integers(-8, 9, 23).astype(dtype))
    wanted = rng.integers(-10, 11, (4, 9)).astype(dtype)
    for side in ('left', 'right'):
        case('searchsorted', [ordered, wanted], [{'side': side}], [np.searchsorted(ordered, wanted, side).astype(np.int32)])
        for n in (1, 2, 7, 8):
            case('searchsorted', [ordered[:n], wanted], [{'side': side}], [np.searchsorted(ordered[:n], wanted, side).astype(np.int32)])
nans = np.array([-INF, -1, 0, 2, INF, NAN, NAN], dtype=np.float32)
for side in ('left', 'right'):
    probes = np.array([NAN, INF, -INF, 2, 1, -0.0], dtype=np.float32)
    case('searchsorted', [nans, probes], [{'side': side}], [np.searchsorted(nans, probes, side).astype(np.int32)])
    rows, probes = np.sort(rng.integers(0, 9, (2, 3, 6)), axis=-1).astype(np.float32), rng.integers(-1, 10, (2, 3, 4)).astype(np.float32)
    found = torch.searchsorted(torch.from_numpy(rows), torch.from_numpy(probes), side=side).to(torch.int32)
    case('searchsorted', [rows, probes], [{'side': side}], [found])
for dtype in ('int32', 'int64', 'uint8'):
    x = rng.integers(0, 6, (5, 8)).astype(dtype)
    case('bincount', [x], [9], [np.bincount(x.ravel(), minlength=9).astype(np.int32)])
    case('bincount', [x], [3], [np.bincount(x.ravel())[:3].astype(np.int32)])
case('bincount', [np.array([-1, 0, 3, 2, -3, 0], np.int32)], [3], [np.array([2, 0, 1], np.int32)])
x = np.round(rng.uniform(-3, 3, (6, 30)) * 16).astype(np.float32) / 16
for options, keywords in (({}, {}), ({'bins': 7}, {'bins': 7}), ({'bins': 8, 'range': [-2, 2]}, {'bins': 8, 'range': (-2, 2)}), ({'bins': 4, 'range': [1, 1]}, {'bins': 4, 'range': (1, 1)})):
    counts, edges = np.histogram(x, **keywords)
    case('histogram', [x], [options], [counts.astype(np.int32), edges.astype(np.float32)])
whole = np.arange(10).astype(np.float32)
counts, edges = np.histogram(whole, bins=9)
case('histogram', [whole], [{'bins': 9}], [counts.astype(np.int32), edges.astype(np.float32)])

# Sizes that depend on the data, by NumPy; nonZero as PyTorch lays it out.
for x in (few, special, rng.integers(0, 3, (3, 4, 5)).astype(np.int64), np.zeros((2, 3), np.float32), np.array([True, False, True])):
    values, first, inverse, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
    case('uniqueSync', [x], [], [values, first.astype(np.int32), inverse.reshape(x.shape).astype(np.int32), counts.astype(np.int32)])
    case('nonZeroSync', [x], [], [np.argwhere(x).astype(np.int32)])

Path(__file__).with_name('order.json').write_text('[\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n]\n')
