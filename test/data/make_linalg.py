"""Writes linalg.json: what NumPy and PyTorch answer on stacks of matrices, and PyTorch's gradients. Run: python make_linalg.py (numpy 2, torch 2.15)."""

import json
import math
from pathlib import Path

import numpy as np
import torch

rng = np.random.default_rng(11)
torch.set_default_dtype(torch.float64)
inputs = {}
cases = []


def element(v):
    v = float(v)
    if math.isnan(v):
        return 'NaN'
    if math.isinf(v):
        return 'Infinity' if v > 0 else '-Infinity'
    return int(v) if v == int(v) else float(f'{v:.13g}')


def stored(a):
    a = np.asarray(a)
    return {'dtype': str(a.dtype), 'shape': list(a.shape), 'data': [element(v) for v in a.ravel()]}


def put(name, a):
    inputs[name] = stored(np.asarray(a, dtype=np.float64))
    return a


def whole(*shape):
    """Multiples of 1/8: exact in float32."""
    return rng.integers(-16, 17, shape) / 8.0


def weights(shape):
    n = math.prod(shape)
    return torch.tensor([((i % 7) - 3) / 4 for i in range(n)], dtype=torch.float64).reshape(shape)


def case(fn, names, options=None, f=None, grad=True, only=None, squares=False):
    """f: the function in torch. `only`: the results that are stored (others have signs that nothing defines). `squares`: gradients are of squares."""
    xs = [torch.tensor(data(n)).requires_grad_(grad) for n in names]
    out = f(*xs)
    out = list(out) if isinstance(out, (tuple, list)) else [out]
    one = {'fn': fn, 'inputs': names, 'options': options or {}}
    one['out'] = [stored(o.detach().numpy()) if only is None or i in only else None for i, o in enumerate(out)]
    if grad:
        floats = [o for o in out if o.dtype == torch.float64 and o.requires_grad]
        loss = sum((weights(o.shape) * (o * o if squares else o)).sum() for o in floats)
        if squares:
            one['squares'] = True
        one['grads'] = [stored(g.numpy()) for g in torch.autograd.grad(loss, xs)]
    cases.append(one)


def data(name):
    s = inputs[name]
    return np.array(s['data'], dtype=np.float64).reshape(s['shape'])


L = torch.linalg
general, definite = [], []
for label, shape in [('0', (0, 0)), ('1', (1, 1)), ('2', (2, 2)), ('3', (3, 3)), ('5', (5, 5)), ('8', (8, 8)), ('17', (17, 17)), ('batch', (2, 3, 4, 4)),
                     ('none', (0, 3, 3))]:
    a = put(f'a{label}', whole(*shape))
    general.append(f'a{label}')
    put(f'spd{label}', a @ np.swapaxes(a, -1, -2) + np.eye(shape[-1]) / 2)
    definite.append(f'spd{label}')
for n in (33, 64):
    put(f'a{n}', whole(n, n))
put('b3', whole(3, 2)), put('v3', whole(3)), put('b17', whole(17, 2)), put('bbatch', whole(3, 4, 2)), put('a3x4', whole(3, 4, 4))
put('tall', whole(7, 3)), put('wide', whole(3, 7)), put('talls', whole(2, 5, 4)), put('wides', whole(2, 2, 6))
put('indefinite', [[[1, 2], [2, 1]], [[2, 1], [1, 2]]])
put('singular', [[1, 2], [2, 4]])
put('zero', np.zeros((2, 2)))

for name in definite:
    case('cholesky', [name], f=L.cholesky)
case('cholesky', ['spd3'], {'upper': True}, lambda a: L.cholesky(a, upper=True))
for name in general:
    case('inverse', [name], f=L.inv)
    case('det', [name], f=L.det)
    case('slogdet', [name], f=L.slogdet)
for n in (33, 64):
    case('slogdet', [f'a{n}'], f=L.slogdet, grad=False)
case('det', ['singular'], f=L.det, grad=False)
case('slogdet', ['zero'], f=L.slogdet, grad=False)
for a, b in [('a3', 'b3'), ('a3', 'v3'), ('a17', 'b17'), ('abatch', 'bbatch'), ('a3x4', 'abatch')]:
    case('solve', [a, b], f=L.solve)
for lower in (True, False):
    for transpose in (False, True):
        for unit in (False, True):
            for left in (True, False):

                def f(a, b):
                    t = torch.tril(a) if lower else torch.triu(a)
                    if transpose:
                        t = t.mT
                    # torch takes the diagonal as ones when told so; gradients do not flow into it then.
                    return L.solve_triangular(t, b, upper=lower == transpose, left=left, unitriangular=unit)

                options = {'lower': lower, 'transpose': transpose, 'unitDiagonal': unit, 'left': left}
                case('triangularSolve', ['spd3', 'b3' if left else 'tall'], options, f)
case('triangularSolve', ['spdbatch', 'bbatch'], {}, lambda a, b: L.solve_triangular(torch.tril(a), b, upper=False))


def lu_factor(a):
    packed, pivots = L.lu_factor(a)
    return packed, pivots.to(torch.int32) - 1, L.lu(a.detach())[0].argmax(-2).to(torch.int32)


for name in ('a1', 'a2', 'a3', 'a5', 'a8', 'a17', 'abatch'):
    case('luFactor', [name], f=lu_factor)
    case('lu', [name], f=L.lu)
for name in ('tall', 'wide', 'talls', 'wides', 'a0'):
    case('lu', [name], f=L.lu, grad=False)
for n in (-3, -1, 0, 1, 2, 5):
    case('matrixPower', ['a3'], {'args': [n]}, lambda a: L.matrix_power(a, n) + 0 * a)

for name in ('a1', 'a3', 'a5', 'a8', 'tall', 'talls', 'abatch'):
    case('qr', [name], f=L.qr)
for name in ('a2', 'a5', 'tall', 'wide', 'talls', 'wides', 'a0'):
    case('qr', [name], {'mode': 'complete'}, lambda a: L.qr(a, mode='complete'), grad=False)
case('qr', ['wides'], f=L.qr, grad=False)
for name in ('spd1', 'spd2', 'spd3', 'spd5', 'spdbatch'):
    case('eigh', [name], f=L.eigh, only=[0], squares=True)
for name in ('a3', 'a8', 'abatch'):
    case('eigvalsh', [name], f=lambda a: L.eigvalsh((a + a.mT) / 2))
for name in ('a1', 'a2', 'a3', 'a5', 'tall', 'wide', 'talls', 'wides', 'abatch'):
    case('svd', [name], f=lambda a: L.svd(a, full_matrices=False), only=[1], squares=True)
    case('svdvals', [name], f=L.svdvals)
    case('pinv', [name], f=L.pinv)
for n in (33, 64):
    case('svdvals', [f'a{n}'], f=L.svdvals, grad=False)
    case('eigvalsh', [f'a{n}'], f=lambda a: L.eigvalsh((a + a.mT) / 2), grad=False)
put('rank1', np.outer([1, 2, 3], [1, -1, 0.5, 2]))
put('btall', whole(7, 2)), put('bwide', whole(3, 2)), put('b2', whole(3))
for name in ('rank1', 'zero'):
    case('pinv', [name], f=L.pinv, grad=False)
for name in ('a3', 'rank1', 'zero', 'singular', 'tall', 'wides', 'abatch'):
    case('matrixRank', [name], f=lambda a: L.matrix_rank(a).to(torch.int32), grad=False)
for a, b in (('tall', 'btall'), ('wide', 'bwide'), ('rank1', 'bwide')):
    case('lstsq', [a, b], f=lambda x, y: L.lstsq(x, y, driver='gelsd').solution, grad=False)
case('lstsq', ['rank1', 'b2'], f=lambda x, y: L.lstsq(x, y[:, None], driver='gelsd').solution[:, 0], grad=False)

Path(__file__).with_name('linalg.json').write_text(json.dumps({'inputs': inputs, 'cases': cases}, separators=(',', ':')) + '\n')
