"""Writes scatter.json: gathers, scatters and slice updates by the rules of NumPy's indexing, with gradients by PyTorch. Run: python make_scatter.py (torch 2.15,
numpy 2.4).

Every scatter is written out, update by update: negative indices count from the end, those out of range are dropped (read as 0), and updates count in order.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import torch
from stored import stored

rng = np.random.default_rng(5)
cases = []
NAN = float('nan')


def case(fn, inputs, args, out, grads=None):
    one = {'fn': fn, 'inputs': [stored(x) for x in inputs], 'args': args, 'out': [stored(o) for o in out]}
    if grads is not None:
        one['grads'] = [None if g is None else stored(g) for g in grads]
    cases.append(one)


def differentiable(fn, inputs, args, compute):
    """A case in float64 with the gradients of all float inputs, by PyTorch."""
    leaves = [torch.from_numpy(x).requires_grad_() if x.dtype == np.float64 else torch.from_numpy(x) for x in inputs]
    y = compute(*leaves)
    (y * torch.arange(1, y.numel() + 1, dtype=y.dtype).reshape(y.shape)).sum().backward()
    zero = [None if not x.requires_grad else x.grad if x.grad is not None else torch.zeros_like(x) for x in leaves]
    case(fn, inputs, args, [y], zero)


def place(index, n):
    at = index + n if index < 0 else index
    return at if 0 <= at < n else None


COMBINE = {
    'add': lambda a, b: a + b,
    'sub': lambda a, b: a - b,
    'mul': lambda a, b: a * b,
    'div': lambda a, b: a / b,
    'min': torch.minimum,
    'max': torch.maximum,
    'set': lambda a, b: b,
}


def write(x, places, updates, mode):
    """Each of the places (a tuple, or None) of x combined with the update of its number."""
    cells = {}
    for at, update in zip(places, updates):
        if at is not None:
            cells[at] = COMBINE[mode](cells.get(at, x[at]), update)
    out = x.clone()
    for at, value in cells.items():
        out[at] = value
    return out


def scatter_slices(x, indices, updates, axis, mode):
    n = x.shape[axis]
    places = [place(int(i), n) for i in indices]
    y = write(x.movedim(axis, 0), [None if p is None else (p,) for p in places], list(updates.movedim(axis, 0)), mode)
    return y.movedim(0, axis)


def scatter_along(x, indices, updates, axis, mode):
    places, values = [], []
    for at in np.ndindex(*indices.shape):
        p = place(int(indices[at]), x.shape[axis])
        places.append(None if p is None else at[:axis] + (p,) + at[axis + 1:])
        values.append(updates[at])
    return write(x, places, values, mode)


def vectors(x, indices, batch):
    """The place of each index vector in x, as a tuple or None."""
    found = []
    for at in np.ndindex(*indices.shape[:-1]):
        parts = [place(int(i), x.shape[batch + d]) for d, i in enumerate(indices[at])]
        found.append(None if None in parts else at[:batch] + tuple(parts))
    return found


def gather_nd(x, indices, batch):
    rest = x.shape[batch + indices.shape[-1]:]
    slices = [torch.zeros(rest, dtype=x.dtype) if p is None else x[p] for p in vectors(x, indices, batch)]
    return torch.stack(slices).reshape(tuple(indices.shape[:-1]) + tuple(rest))


def scatter_nd(x, indices, updates, batch, mode):
    rest = tuple(x.shape[batch + indices.shape[-1]:])
    return write(x, vectors(x, indices, batch), list(updates.reshape((-1,) + rest)), mode)


def reals(*shape):
    return np.round(rng.uniform(0.5, 2, shape) * 64) / 64 * rng.choice([-1, 1], shape)


def indices_of(n, *shape, dtype=np.int32):
    return rng.integers(-n - 2, n + 2, shape).astype(dtype)


for mode in COMBINE:
    for shape, axis, count in (((5,), 0, 8), ((3, 4), 0, 5), ((3, 4), 1, 2), ((2, 3, 4), 1, 6)):
        updates_shape = shape[:axis] + (count,) + shape[axis + 1:]
        index = indices_of(shape[axis], count, dtype=np.int64)
        options = {'axis': axis, 'mode': mode}
        differentiable('scatter', [reals(*shape), index, reals(*updates_shape)], [options], lambda x, i, u: scatter_slices(x, i, u, axis, mode))
        index = indices_of(shape[axis], *updates_shape)
        differentiable('scatterAlongAxis', [reals(*shape), index, reals(*updates_shape)], [options], lambda x, i, u: scatter_along(x, i, u, axis, mode))
    for shape, batch, index_shape in (((3, 4), 0, (5, 2)), ((3, 4, 2), 0, (2, 3, 1)), ((2, 3, 4), 1, (2, 5, 2)), ((2, 3, 4), 1, (2, 2, 3, 1)), ((2, 2, 3), 2, (2, 2, 4, 1))):
        index = rng.integers(-4, 4, index_shape).astype(np.int32)
        updates_shape = index_shape[:-1] + shape[batch + index_shape[-1]:]
        options = {'batchDims': batch, 'mode': mode}
        differentiable('scatterNd', [reals(*shape), index, reals(*updates_shape)], [options], lambda x, i, u: scatter_nd(x, i, u, batch, mode))
        if mode == 'set':
            differentiable('gatherNd', [reals(*shape), index], [{'batchDims': batch}], lambda x, i: gather_nd(x, i, batch))

# Integers and halves, NaN among extremes, bool.
for dtype in ('float32', 'float16', 'int8', 'int32', 'int64', 'uint8'):
    for mode in ('add', 'sub', 'mul', 'min', 'max', 'set'):
        x, u = (rng.integers(0, 6, s).astype(dtype) for s in ((3, 4), (5, 4)))
        index = indices_of(3, 5)
        y = scatter_slices(torch.from_numpy(x), index, torch.from_numpy(u), 0, mode)
        case('scatter', [x, index, u], [{'axis': 0, 'mode': mode}], [y])
        along = indices_of(3, 5, 4)
        case('scatterAlongAxis', [x, along, u], [{'axis': 0, 'mode': mode}], [scatter_along(torch.from_numpy(x), along, torch.from_numpy(u), 0, mode)])
special = np.array([NAN, 1, 2, -0.0, 5], dtype=np.float32)
for mode in ('min', 'max', 'set'):
    index, u = np.array([1, 1, 2, 3, 0, -1, 7], dtype=np.int32), np.array([NAN, 3, 9, 4, 2, -5, NAN], dtype=np.float32)
    case('scatter', [special, index, u], [{'mode': mode}], [scatter_slices(torch.from_numpy(special), index, torch.from_numpy(u), 0, mode)])
truth = np.array([True, False, True, False])
case('scatter', [truth, np.array([0, 1, 1, 9], dtype=np.int32), np.array([False, False, True, True])], [], [np.array([False, True, True, False])])
# Integers that float32 does not hold.
big = np.array([2**31 - 1, -(2**31) + 1, 2**24 + 1], dtype=np.int32)
case('scatter', [np.zeros(4, np.int32), np.array([3, 0, -2], dtype=np.int32), big], [], [np.array([-(2**31) + 1, 0, 2**24 + 1, 2**31 - 1], np.int32)])

# Embeddings, selections, masks.
weight, ids = reals(6, 3), np.array([[0, 5, 2], [2, -1, 2]], dtype=np.int64)
differentiable('embedding', [ids, weight], [], lambda i, w: torch.nn.functional.embedding(i % 6, w))
differentiable('indexSelect', [weight, np.array([5, 0, 0], dtype=np.int32)], [0], lambda w, i: torch.index_select(w, 0, i))
differentiable('indexSelect', [weight, np.array([1, 1], dtype=np.int32)], [-1], lambda w, i: torch.index_select(w, 1, i))
mask = rng.random((6, 3)) < 0.5
differentiable('maskedFill', [weight, mask], [-7.5], lambda x, m: x.masked_fill(m, -7.5))
differentiable('maskedFill', [weight, mask[0]], [0], lambda x, m: x.masked_fill(m, 0))

# Boxes replaced, with Python's slices.
for shape, starts, stops, steps in (((7,), [2], [5], []), ((7,), [None], [None], [3]), ((7,), [-1], [None], [-2]), ((4, 5), [1], [3], []), ((4, 5), [None, -2], [], [2, -1]),
                                    ((3, 4, 5), [0, 1, -1], [9, 3, None], [2, 1, -3]), ((3, 4), [2], [2], [])):
    box = tuple(slice(*(list(t) + [None] * 3)[:3]) for t in itertools.zip_longest(starts, stops, steps))

    def update(x, u, box=box):
        flat = torch.from_numpy(np.arange(x.numel()).reshape(tuple(x.shape))[box].copy())
        return x.flatten().index_put((flat.flatten(),), u.expand(flat.shape).flatten()).reshape(x.shape)

    x = reals(*shape)
    for u in (reals(*x[box].shape), reals(*x[box].shape[-1:])):
        differentiable('sliceUpdate', [x, u], [starts, stops, steps], update)
for starts in ([0, 1], [2, 2], [9, -1], [-9, 0]):
    x, u = reals(4, 5), reals(2, 3)
    at = [min(max(s + n if s < 0 else s, 0), n - m) for s, n, m in zip(starts, x.shape, u.shape)]

    def dynamic(x, u, at=at):
        y = x.clone()
        y[at[0]:at[0] + 2, at[1]:at[1] + 3] = u
        return y

    differentiable('dynamicUpdateSlice', [x, u], [starts], dynamic)

Path(__file__).with_name('scatter.json').write_text('[\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n]\n')
