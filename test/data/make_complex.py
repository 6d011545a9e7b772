"""Writes complex.json: functions of complex arrays by NumPy in complex128, rounded once, and gradients by PyTorch.
Run: python make_complex.py (torch 2.15, numpy 2.4)."""

import json
import warnings
from pathlib import Path

import numpy as np
import torch
from stored import stored

warnings.filterwarnings('ignore')
rng = np.random.default_rng(7)
cases = []


def pairs(a):
    """Complex arrays as real and imaginary parts in turn."""
    a = np.asarray(a)
    if not np.iscomplexobj(a):
        return stored(a)
    flat = np.stack([a.real, a.imag], -1).ravel()
    return {'dtype': str(a.dtype), 'shape': list(a.shape), 'data': stored(flat)['data']}


def wide(a):
    return a.astype(np.complex128 if np.iscomplexobj(a) else np.float64) if isinstance(a, np.ndarray) and a.dtype.kind in 'cf' else a


def narrow(a, like):
    if not any(isinstance(x, np.ndarray) and x.dtype in (np.complex64, np.float32) for x in like):
        return a
    return a.astype(np.complex64) if np.iscomplexobj(a) else a.astype(np.float32) if a.dtype == np.float64 else a


def slope(made, seeds):
    """A loss with a cotangent of sines: 0.5 sin(i) for real parts, 0.25 cos(i) for imaginary ones."""
    i = torch.arange(made.numel(), dtype=torch.float64).reshape(made.shape)
    loss = (torch.real(made) * 0.5 * torch.sin(i)).sum()
    if made.is_complex():
        loss = loss + (made.imag * 0.25 * torch.cos(i)).sum()
    grads = torch.autograd.grad(loss, seeds, allow_unused=True)
    return [None if g is None else g.resolve_conj().numpy() for g in grads]


def case(fn, numpy, *args, torched=None, **options):
    """fn(...args, options) of Sinter; numpy(...args) of NumPy; torched(...args) where PyTorch has a gradient to compare with."""
    arrays = [a for a in args if isinstance(a, np.ndarray)]
    out = narrow(np.asarray(numpy(*map(wide, args))), arrays)
    one = {'fn': fn, 'args': [pairs(a) if isinstance(a, np.ndarray) else a for a in args], 'options': options, 'out': pairs(out)}
    if torched is not None:
        tensors = [torch.from_numpy(wide(a)).requires_grad_() if isinstance(a, np.ndarray) else a for a in args]
        made = torched(*tensors)
        seeds = [t for t in tensors if isinstance(t, torch.Tensor)]
        one['grads'] = [pairs(narrow(g, arrays)) for g in slope(made, seeds)]
    cases.append(one)


def cplx(*shape, dtype=np.complex64, scale=1.5):
    return (scale * (rng.normal(size=shape) + 1j * rng.normal(size=shape))).astype(dtype)


def real(*shape, dtype=np.float32):
    return rng.uniform(-2, 2, shape).astype(dtype)


special = np.array(
    [0, 1, -1, 1j, -1j, 2, -2, 1e-8 + 1e-8j, 1e-10j, 0.5 + 1e-7j, 30 + 2j, -30 + 2j, 1 + 1e-4j, 1e8 - 1e7j, complex(3, -0.0), complex(-3, -0.0), complex(-3, 0.0)]
)
logarithms = {'log1p': lambda z: np.where(np.abs(z) < 0.1, np.log1p(z.real * (2 + z.real) + z.imag**2) / 2 + 1j * np.arctan2(z.imag, 1 + z.real), np.log1p(z))}
functions = {
    'exp': np.exp, 'log': np.log, 'log2': np.log2, 'log10': np.log10, 'expm1': np.expm1, 'log1p': logarithms['log1p'],
    'sqrt': np.sqrt, 'sin': np.sin, 'cos': np.cos, 'tan': np.tan, 'sinh': np.sinh, 'cosh': np.cosh, 'tanh': np.tanh,
    'asin': np.arcsin, 'acos': np.arccos, 'atan': np.arctan, 'asinh': np.arcsinh, 'acosh': np.arccosh, 'atanh': np.arctanh,
    'square': np.square, 'neg': np.negative, 'conj': np.conj, 'sign': np.sign, 'abs': np.abs, 'angle': np.angle, 'real': np.real, 'imag': np.imag,
}  # fmt: skip
torches = {'neg': torch.neg, 'conj': torch.conj_physical, 'sign': torch.sgn, 'real': torch.real, 'imag': torch.imag, 'log2': torch.log2}
singular = {'log', 'log2', 'log10', 'atan', 'atanh', 'tan', 'acosh'}
for name, f in functions.items():
    for dtype in (np.complex64, np.complex128):
        values = special.astype(dtype)
        if name in singular:
            values = values[np.isfinite(f(values.astype(np.complex128)))]
        if dtype == np.complex64 and name in ('exp', 'expm1', 'sin', 'cos', 'tan', 'sinh', 'cosh'):
            values = values[np.abs(values) < 60]
        case(name, f, np.concatenate([values, cplx(40, dtype=dtype)]))
    case(name, f, cplx(3, 4, dtype=np.complex128), torched=torches.get(name, getattr(torch, name, None)))
case('reciprocal', np.reciprocal, cplx(20), torched=torch.reciprocal)
case('rsqrt', lambda z: 1 / np.sqrt(z), cplx(20), torched=torch.rsqrt)
case('sigmoid', lambda z: 1 / (1 + np.exp(-z)), cplx(20), torched=torch.sigmoid)
case('exp2', lambda z: np.exp2(z.real) * np.exp(1j * z.imag * np.log(2)), cplx(20))
case('viewAsReal', lambda z: np.stack([z.real, z.imag], -1), cplx(3, 2), torched=torch.view_as_real)
case('viewAsComplex', lambda x: x[..., 0] + 1j * x[..., 1], real(3, 4, 2), torched=torch.view_as_complex)
case('complex', lambda a, b: a + 1j * b, real(3, 4), real(4))
case('polar', lambda a, b: a * np.exp(1j * b), real(3, 4) + 3, real(3, 4), torched=torch.polar)

for name, f, g in [('add', np.add, torch.add), ('sub', np.subtract, torch.sub), ('mul', np.multiply, torch.mul), ('div', np.divide, torch.div)]:
    for a, b in [(cplx(3, 4), cplx(4)), (cplx(3, 1), real(4)), (real(3, 4), cplx(3, 1)), (cplx(5, dtype=np.complex128), cplx(5, dtype=np.complex128))]:
        case(name, f, a, b, torched=g)
    case(name, f, cplx(4), 2.5)
    case(name, f, 2.5, cplx(4))
case('div', np.divide, cplx(30) * np.float32(1e30), cplx(30) * np.float32(1e30))
case('div', np.divide, cplx(30) * np.float32(1e-30), cplx(30) * np.float32(1e-30))
case('abs', np.abs, np.array([3e38 + 1e38j, 1e-37 + 1e-37j, complex(np.inf, np.nan), complex(np.nan, 1), 3 + 4j], np.complex64))
case('pow', np.power, cplx(30), cplx(30), torched=torch.pow)
case('pow', np.power, cplx(30), real(30))
case('pow', np.power, np.abs(real(30)) + np.float32(0.1), cplx(30))
case('pow', np.power, np.zeros(3, np.complex64), np.array([0, 2, 1 + 1j], np.complex64))
for n in (0, 1, 2, 3, 4, -1, -2, 0.5, -0.5, 5, -3, 2.5):
    case('pow', np.power, cplx(6), n, torched=torch.pow)

odd = np.array([0, 1, complex(1, np.nan), complex(np.inf, 0), complex(0, -np.inf), 1j, 1], np.complex64)
for name, f in [('isNan', np.isnan), ('isInf', np.isinf), ('isFinite', np.isfinite), ('logicalNot', np.logical_not)]:
    case(name, f, odd)
for name, f in [('equal', np.equal), ('notEqual', np.not_equal)]:
    case(name, f, odd, odd[::-1].copy())
    case(name, f, odd, 1)
    case(name, f, odd, np.array([0, 1, 1, 1, 0, 0, 1], np.float32))

x = cplx(3, 4, 5)
for axis in (0, 2, [0, 1], None):
    over = tuple(axis) if isinstance(axis, list) else axis
    dims = axis if axis is not None else [0, 1, 2]
    case('sum', lambda z, _: np.sum(z, over), x, axis, torched=lambda z, _: torch.sum(z, dims))
    case('mean', lambda z, _: np.mean(z, over), x, axis, torched=lambda z, _: torch.mean(z, dims))
    case('prod', lambda z, _: np.prod(z, over), x, axis)
    case('variance', lambda z, _: np.var(z, over), x, axis)
    case('std', lambda z, _: np.std(z, over), x, axis)
    case('norm', lambda z, _: np.sqrt(np.sum(np.abs(z) ** 2, over)), x, axis, torched=lambda z, _: torch.linalg.vector_norm(z, 2, dims))
case('sum', lambda z, _: np.sum(z, 1, keepdims=True), x, 1, keepDims=True)
case('prod', lambda z, _: np.prod(z, 1, keepdims=True), x, 1, keepDims=True, torched=lambda z, _: torch.prod(z, 1, keepdim=True))
case('prod', lambda z, _: np.prod(z, 1), cplx(3, 0), 1)
case('any', lambda z, _: np.any(z, 0), np.array([[0, 0], [1j, 0]], np.complex64), 0)
case('cumsum', lambda z, _: np.cumsum(z, 1), x, 1, torched=lambda z, _: torch.cumsum(z, 1))
case('cumprod', lambda z, _: np.cumprod(z, 1), x, 1, torched=lambda z, _: torch.cumprod(z, 1))
case('cumprod', lambda z, _: np.flip(np.cumprod(np.flip(z, 0), 0), 0), cplx(6, 2), 0, reverse=True)
case('cumprod', lambda z, _: np.concatenate([np.ones((2, 1)), np.cumprod(z, 1)[:, :-1]], 1), cplx(2, 6), 1, exclusive=True)

case('matmul', np.matmul, cplx(3, 4), cplx(4, 5), torched=torch.matmul)
case('matmul', np.matmul, cplx(2, 3, 4), real(4, 5))
case('matmul', np.matmul, real(4), cplx(4, 5))
case('matmul', np.matmul, cplx(17, 33, dtype=np.complex128), cplx(33, 9, dtype=np.complex128), torched=torch.matmul)
case('dot', np.dot, cplx(6), cplx(6))
case('vecdot', np.vecdot, cplx(3, 6), cplx(3, 6), torched=torch.linalg.vecdot)
case('outer', np.outer, cplx(3), cplx(4))
case('tensordot', lambda a, b: np.tensordot(a, b, 2), cplx(2, 3, 4), cplx(3, 4, 5))
case('trace', lambda z: np.trace(z, axis1=-2, axis2=-1), cplx(2, 4, 4))

case('reshape', lambda z, s: np.reshape(z, s), x, [4, 15], torched=lambda z, s: torch.reshape(z, s))
case('permuteDims', lambda z, p: np.transpose(z, p), x, [2, 0, 1], torched=lambda z, p: torch.permute(z, p))
case('flip', lambda z, a: np.flip(z, a), x, 1, torched=lambda z, a: torch.flip(z, [a]))
case('roll', lambda z, n, a: np.roll(z, n, a), x, 2, 1)
case('broadcastTo', lambda z, s: np.broadcast_to(z, s), cplx(3, 1), [2, 3, 4], torched=lambda z, s: torch.broadcast_to(z, s))
case('tile', lambda z, n: np.tile(z, n), cplx(2, 3), [2, 2])
case('repeat', lambda z, n, a: np.repeat(z, n, a), cplx(2, 3), 2, 1)
case('pad', lambda z, w: np.pad(z, w), cplx(2, 3), [[1, 0], [0, 2]])
case('tril', lambda z: np.tril(z), cplx(4, 4), torched=torch.tril)
case('diagonal', lambda z: np.diagonal(z, axis1=-2, axis2=-1), cplx(4, 5))
case('take', lambda z, i, a: np.take(z, i, a), x, np.array([2, 0, 2], np.int32), 0)
case('where', np.where, np.array([True, False, True]), cplx(3), real(3))
case('allClose', lambda a, b: np.allclose(a, b), x, x * np.float32(1 + 1e-6))
case('fftshift', np.fft.fftshift, cplx(5, 4))
case('ifftshift', np.fft.ifftshift, cplx(5, 4))

Path(__file__).with_name('complex.json').write_text('[\n' + ',\n'.join(json.dumps(one, separators=(',', ':')) for one in cases) + '\n]\n')
