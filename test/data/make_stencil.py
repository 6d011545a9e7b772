"""Writes stencil.json: stencils, and padding that continues periodically. Borders are NumPy's (np.pad of the positions of elements), windows and reductions
are loops over places in NumPy; gradients are PyTorch's. Run: python make_stencil.py (torch 2.15, numpy 2.4)."""

import itertools
import json
from pathlib import Path

import numpy as np
import torch
from stored import stored

rng = np.random.default_rng(11)
cases = []


def case(fn, inputs, args, out, grads=None):
    """grads: the derivatives, with respect to the inputs, of the sum of the result times 1, 2, 3, ..."""
    one = {'fn': fn, 'inputs': [stored(x) for x in inputs], 'args': args, 'out': [stored(out)]}
    if grads is not None:
        one['grads'] = [stored(g) for g in grads]
    cases.append(one)


numpy_modes = {'reflect': 'reflect', 'symmetric': 'symmetric', 'edge': 'edge', 'wrap': 'wrap', 'antiperiodic': 'wrap'}


def padded(x, pairs, mode, value):
    """x, a torch tensor, with a border; differentiable."""
    for d, (low, high) in enumerate(pairs):
        n = x.shape[d]
        if mode == 'constant':
            at = np.pad(np.arange(n), (low, high), constant_values=n)
            full = torch.cat([x, torch.full_like(x.narrow(d, 0, 1), value)], d)
            x = full.index_select(d, torch.from_numpy(at))
            continue
        x = x.index_select(d, torch.from_numpy(np.pad(np.arange(n), (low, high), mode=numpy_modes[mode])))
        if mode == 'antiperiodic':
            signs = np.where(np.floor_divide(np.arange(-low, n + high), n) % 2 == 0, 1, -1)
            shape = [1] * x.ndim
            shape[d] = -1
            x = x * torch.from_numpy(signs).to(x.dtype).reshape(shape)
    return x


def reduced(products, how):
    """products: a list of torch tensors, one for each element of the weights."""
    if how == 'sum':
        return sum(products[1:], products[0])
    if how == 'prod':
        total = products[0]
        for p in products[1:]:
            total = total * p
        return total
    stack = torch.stack(products)
    if how.startswith('arg'):
        found = stack.detach().numpy()
        return torch.from_numpy((np.argmin if how == 'argmin' else np.argmax)(found, axis=0).astype(np.int32))
    return stack.min(0)[0] if how == 'min' else stack.max(0)[0]


def stencil(x, w, reduction='sum', stride=1, dilation=1, offset=0, padding=0, mode='constant', value=0):
    rank, batch = w.ndim, x.ndim - w.ndim
    each = lambda v: [v] * rank if isinstance(v, int) else v
    stride, dilation, offset = each(stride), each(dilation), each(offset)
    spans = [dilation[d] * (w.shape[d] - 1) + 1 for d in range(rank)]
    sizes = x.shape[batch:]
    if padding in ('same', 'sameLower'):
        totals = [max(0, (-(-sizes[d] // stride[d]) - 1) * stride[d] + spans[d] - sizes[d]) for d in range(rank)]
        pairs = [(t // 2, t - t // 2) if padding == 'same' else (t - t // 2, t // 2) for t in totals]
    elif padding == 'valid':
        pairs = [(0, 0)] * rank
    else:
        pairs = [p if isinstance(p, (list, tuple)) else (p, p) for p in each(padding)]
    # A border wide enough for negative offsets.
    extra = [max(0, -o) for o in offset]
    big = padded(x, [(0, 0)] * batch + [(low + e, high) for (low, high), e in zip(pairs, extra)], mode, value)
    starts = [o + e for o, e in zip(offset, extra)]
    outs = [(big.shape[batch + d] - starts[d] - spans[d]) // stride[d] + 1 for d in range(rank)]
    products = []
    for tap in itertools.product(*(range(k) for k in w.shape)):
        part = big
        for d in range(rank):
            at = [starts[d] + o * stride[d] + tap[d] * dilation[d] for o in range(outs[d])]
            part = part.index_select(batch + d, torch.tensor(at))
        products.append(part * w[tap])
    return reduced(products, reduction)


def stencils(x, w, options):
    values = not options.get('reduction', 'sum').startswith('arg')
    floats = x.dtype == np.float64 and values
    a, b = torch.from_numpy(x), torch.from_numpy(w)
    if floats:
        a, b = a.requires_grad_(), b.requires_grad_()
    y = stencil(a, b, **options)
    if floats:
        (y * torch.arange(1, y.numel() + 1, dtype=y.dtype).reshape(y.shape)).sum().backward()
    case('stencil', [x, w], [options], y, [a.grad, b.grad] if floats else None)


def data(shape, dtype):
    if np.dtype(dtype).kind == 'f':
        return (rng.permutation(4096)[: int(np.prod(shape))].reshape(shape) / 1024 - 2).astype(dtype)
    return rng.integers(-5, 6, shape).astype(dtype)


forms = [
    ([9], [3], {}),
    ([2, 6, 7], [3, 3], {'padding': 1}),
    ([6, 7], [2, 3], {'padding': [[1, 0], [2, 3]], 'stride': [2, 1]}),
    ([3, 8, 5], [3, 2], {'padding': 'same', 'dilation': [2, 1], 'stride': [1, 2]}),
    ([2, 5, 6], [2, 2], {'padding': 'sameLower'}),
    ([7, 6], [2, 2], {'offset': [1, 2], 'padding': [1, 0]}),
    ([5, 6], [3, 1], {'offset': [-2, 1], 'padding': [0, 2]}),
    ([2, 4, 5, 4], [2, 3, 2], {'padding': [1, 1, 0]}),
    ([3, 4, 3, 5], [2, 2, 1, 3], {'padding': [1, 0, 1, 2], 'stride': [1, 2, 1, 2]}),
    ([2, 3, 3, 3, 4], [1, 2, 2, 2], {'padding': 'valid'}),
]
for shape, kernel, options in forms:
    for reduction in ('sum', 'prod', 'min', 'max', 'argmin', 'argmax'):
        stencils(data(shape, 'float64'), data(kernel, 'float64'), {**options, 'reduction': reduction})
for mode in ('constant', *numpy_modes):
    for reduction in ('sum', 'max', 'argmin'):
        extra = {'value': 2} if mode == 'constant' else {}
        stencils(data([3, 4], 'float64'), data([3, 3], 'float64'), {'padding': [[5, 7], [1, 9]], 'mode': mode, 'reduction': reduction, **extra})
for dtype in ('float32', 'int32', 'int8', 'int64'):
    for reduction in ('sum', 'prod', 'min', 'argmax'):
        stencils(data([2, 5, 4], dtype), data([2, 2], dtype), {'padding': 1, 'reduction': reduction})

for mode in ('wrap', 'antiperiodic'):
    for shape, pairs in (([5], [[3, 2]]), ([3, 4], [[1, 0], [0, 11]]), ([1, 3], [[4, 5], [7, 2]]), ([2, 3, 2], [[0, 0], [2, 2], [1, 1]])):
        x = data(shape, 'float64')
        a = torch.from_numpy(x).requires_grad_()
        y = padded(a, pairs, mode, 0)
        (y * torch.arange(1, y.numel() + 1, dtype=y.dtype).reshape(y.shape)).sum().backward()
        case('pad', [x], [pairs, {'mode': mode}], y, [a.grad])

Path(__file__).with_name('stencil.json').write_text('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]\n')
