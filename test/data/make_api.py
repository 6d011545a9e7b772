"""Writes api.json: what NumPy, SciPy and JAX answer to calls of the public functions. Run: python make_api.py (numpy 2.4, scipy 1.17, jax 0.10)."""

import itertools
import json
import math
import warnings
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special as special
from stored import stored

jax.config.update('jax_enable_x64', True)
warnings.simplefilter('ignore')
rng = np.random.default_rng(7)
cases = []
NAN, INF = float('nan'), float('inf')


def case(fn, inputs, args, out, tolerance=None):
    one = {'fn': fn, 'inputs': [stored(x) for x in inputs], 'args': args}
    one['out'] = [stored(o) for o in out] if isinstance(out, (list, tuple)) else stored(out)
    if tolerance is not None:
        one['tolerance'] = tolerance
    cases.append(one)


def f32(a):
    return np.asarray(a, dtype=np.float32)


def whole(*shape, low=-5, high=6):
    return f32(rng.integers(low, high, shape))


def real(*shape):
    return f32(rng.uniform(-2, 2, shape))


# Arithmetic: signs, zeros, NaN, integers.
signed = f32([[7, -7, 7.5, -7.5, 0, 6, NAN, 3]])
divisor = f32([[3, 3, -2, -2, 5, 0, 1, NAN]])
with np.errstate(all='ignore'):
    case('floorDiv', [signed, divisor], [], np.floor_divide(signed, divisor))
    case('mod', [signed, divisor], [], np.mod(signed, divisor))
    case('rem', [signed, divisor], [], np.fmod(signed, divisor))
    case('div', [signed, divisor], [], signed / divisor)
    case('minimum', [signed, divisor], [], np.minimum(signed, divisor))
    case('maximum', [signed, divisor], [], np.maximum(signed, divisor))
    case('fmin', [signed, divisor], [], np.fmin(signed, divisor))
    case('fmax', [signed, divisor], [], np.fmax(signed, divisor))
    case('atan2', [signed, divisor], [], np.arctan2(signed, divisor))
    case('clamp', [signed], [-3, 3], np.clip(signed, -3, 3))
for dtype in ('int8', 'int32', 'int64', 'uint8'):
    a = np.array([7, 100, 5, 9, 0, 120], dtype=dtype)
    b = np.array([3, 7, 2, 4, 5, 11], dtype=dtype)
    if dtype[0] == 'i':
        a, b = a * np.array([1, -1, 1, -1, 1, -1], dtype=dtype), b * np.array([1, 1, -1, -1, 1, 1], dtype=dtype)
    case('floorDiv', [a, b], [], a // b)
    case('mod', [a, b], [], a % b)
    case('rem', [a, b], [], np.fmod(a, b))
    case('div', [a, b], [], (a.astype('float64') / b).astype('float32'))
    with np.errstate(all='ignore'):
        case('mul', [a, b], [], a * b)
        case('square', [a], [], a * a)
    case('pow', [a], [3], a ** np.array(3, dtype=dtype))
case('pow', [f32([0, 2, -2, 4, 0.25])], [0.5], np.power(f32([0, 2, 2, 4, 0.25]), 0.5) * f32([1, 1, NAN, 1, 1]))
case('pow', [real(5)], [0], f32(np.ones(5)))
case('pow', [f32([1, 2, -4])], [-1], f32([1, 0.5, -0.25]))
case('sqrt', [np.array([0, 1, 4, 9])], [], f32([0, 1, 2, 3]))
case('round', [f32([0.5, 1.5, 2.5, -0.5, -1.5, 2.4])], [], np.round(f32([0.5, 1.5, 2.5, -0.5, -1.5, 2.4])))
case('erfinv', [f32([-1, -0.999999, -0.9, -0.1, 0, 1e-7, 0.3, 0.99, 1, 1.5])], [], f32(special.erfinv(f32([-1, -0.999999, -0.9, -0.1, 0, 1e-7, 0.3, 0.99, 1, 1.5]))), 4e-6)
grid = np.array([-1, -1 + 1e-15, -0.999, -0.5, 1e-300, 0.1, 0.9, 0.999999, 1 - 1e-13])
case('erfinv', [grid], [], special.erfinv(grid), 1e-13)
case('add', [np.array([True, False, True]), np.array([True, True, False])], [], np.array([2, 1, 1], dtype='int32'))
case('maximum', [np.array([True, False]), np.array([False, False])], [], np.array([True, False]))
case('popcount', [np.array([0, 255, 7, 128], dtype='uint8')], [], np.array([0, 8, 3, 1], dtype='uint8'))
case('bitwiseXor', [np.array([1, 2, 3]), np.array([3, 2, 1])], [], np.array([2, 0, 2]))
case('leftShift', [np.array([1, 2, 3], dtype='int32')], [4], np.array([16, 32, 48], dtype='int32'))

# Promotion of integers and bool, and of floats among themselves.
ints = ['bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64']
for a, b in itertools.product(ints, ints):
    joint = np.result_type(a, b)
    if joint.kind == 'f' or joint.kind == 'b':
        continue
    case('add', [np.array([1, 0, 1]).astype(a), np.array([1, 1, 0]).astype(b)], [], np.array([2, 1, 1], dtype=joint))
for a, b in itertools.product(['float16', 'float32', 'float64'], repeat=2):
    case('add', [np.ones(2, dtype=a), np.ones(2, dtype=b)], [], np.full(2, 2, dtype=np.result_type(a, b)))

# Activations, against JAX in double.
wide = np.array([-1000, -88, -20, -5, -3, -1, -0.5, -1e-4, 0, 1e-4, 0.5, 1, 2.9, 5, 20, 88, 1000])
nn = jax.nn
for name, function, args in [
    ('relu', nn.relu, []),
    ('relu6', nn.relu6, []),
    ('leakyRelu', lambda x: nn.leaky_relu(x, 0.1), [{'slope': 0.1}]),
    ('elu', lambda x: nn.elu(x, 1.5), [{'alpha': 1.5}]),
    ('gelu', lambda x: nn.gelu(x, approximate=False), []),
    ('gelu', lambda x: nn.gelu(x, approximate=True), [{'approximate': 'tanh'}]),
    ('silu', nn.silu, []),
    ('sigmoid', nn.sigmoid, []),
    ('softplus', nn.softplus, []),
    ('logSigmoid', nn.log_sigmoid, []),
    ('hardSigmoid', nn.hard_sigmoid, []),
    ('hardSwish', nn.hard_swish, []),
    ('mish', nn.mish, []),
    ('softmax', nn.softmax, []),
    ('logSoftmax', nn.log_softmax, []),
]:
    case(name, [f32(wide)], args, f32(function(jnp.asarray(wide))), 2e-6)
    case(name, [wide], args, np.asarray(function(jnp.asarray(wide))), 1e-13)
    if name not in ('softmax', 'logSoftmax'):
        cases.append({**cases.pop(), 'grad': stored(np.array([float(jax.grad(function)(x)) for x in wide]))})
big = f32([[1000, 1001, 999], [-1e30, 0, 1e30], [0, 0, 0]])
for axis in (0, 1):
    case('softmax', [big], [axis], f32(nn.softmax(jnp.asarray(big, dtype='float64'), axis=axis)))
    case('logSoftmax', [big], [axis], f32(nn.log_softmax(jnp.asarray(big, dtype='float64'), axis=axis)))

# Reductions.
x = real(3, 4, 5)
withNan = x.copy()
withNan[1, 2, 3] = NAN
withNan[:, 0, 0] = NAN
for axis in (None, 0, 1, -1, [0, 2], [1, -1]):
    numpy_axis = tuple(axis) if isinstance(axis, list) else axis
    for keep in (False, True):
        options = {'keepDims': keep}
        for name, function in [('sum', np.sum), ('prod', np.prod), ('mean', np.mean), ('max', np.max), ('min', np.min)]:
            case(name, [x], [axis, options], f32(function(x.astype('float64'), axis=numpy_axis, keepdims=keep)), 2e-6)
        for correction in (0, 1):
            more = {**options, 'correction': correction}
            case('variance', [x], [axis, more], f32(np.var(x.astype('float64'), axis=numpy_axis, keepdims=keep, ddof=correction)), 2e-6)
            case('std', [x], [axis, more], f32(np.std(x.astype('float64'), axis=numpy_axis, keepdims=keep, ddof=correction)), 2e-6)
        case('logsumexp', [x], [axis, options], f32(special.logsumexp(x.astype('float64'), axis=numpy_axis, keepdims=keep)), 2e-6)
        case('max', [withNan], [axis, options], np.max(withNan, axis=numpy_axis, keepdims=keep))
        case('nansum', [withNan], [axis, options], f32(np.nansum(withNan.astype('float64'), axis=numpy_axis, keepdims=keep)), 2e-6)
        with np.errstate(all='ignore'):
            case('nanmax', [withNan], [axis, options], np.nanmax(withNan, axis=numpy_axis, keepdims=keep))
            case('nanmin', [withNan], [axis, options], np.nanmin(withNan, axis=numpy_axis, keepdims=keep))
            case('nanmean', [withNan], [axis, options], f32(np.nanmean(withNan.astype('float64'), axis=numpy_axis, keepdims=keep)), 2e-6)
        flags = x > 1
        case('any', [flags], [axis, options], np.any(flags, axis=numpy_axis, keepdims=keep))
        case('all', [x], [axis, options], np.all(x, axis=numpy_axis, keepdims=keep))
        case('countNonzero', [flags], [axis, options], np.count_nonzero(flags, axis=numpy_axis, keepdims=keep).astype('int32') if keep or axis is not None else np.int32(np.count_nonzero(flags)))
        whole_x = rng.integers(-100, 100, (3, 4, 5)).astype('int8')
        case('sum', [whole_x], [axis, options], np.sum(whole_x, axis=numpy_axis, keepdims=keep, dtype='int32'))
        case('xor', [whole_x], [axis, options], np.bitwise_xor.reduce(whole_x, axis=numpy_axis, keepdims=keep))
for axis in (None, 0, -1):
    for keep in (False, True):
        case('argmax', [x], [axis, {'keepDims': keep}], np.argmax(x, axis=axis, keepdims=keep).astype('int32'))
        case('argmin', [withNan], [axis, {'keepDims': keep}], np.argmin(withNan, axis=axis, keepdims=keep).astype('int32'))
for order in (2, 1, 0, 3, 0.5):
    case('norm', [x], [[0, 1], {'ord': order}], f32((np.abs(x.astype('float64')) ** order).sum((0, 1)) ** (1 / order) if order else np.full(5, 12.0)), 5e-6)
case('norm', [f32([[0, 0], [3, -4]])], [1], f32([0, 5]))
case('mean', [np.array([1, 2, 4])], [], f32(7 / 3))
case('sum', [np.array([True, True, False])], [], np.int32(2))
case('prod', [np.array([200, 100], dtype='uint8')], [], np.uint32(20000))
case('sum', [np.array([1, 2], dtype='int32')], [None, {'dtype': 'float64'}], np.float64(3))
case('sum', [np.zeros((0, 3), dtype='float32')], [0], np.zeros(3, dtype='float32'))
case('mean', [np.zeros((0, 2), dtype='float32')], [0], f32([NAN, NAN]))
case('logsumexp', [f32([[-INF, -INF], [INF, 0], [1000, 1000]])], [1], f32([-INF, INF, 1000 + math.log(2)]))
case('logsumexp', [np.zeros((2, 0), dtype='float32')], [1], f32([-INF, -INF]))
case('sum', [np.full(3000, 1, dtype='float16')], [], np.float16(3000))
case('mean', [np.full(3000, 60000, dtype='float16')], [], np.float16(60000))
case('variance', [np.array([60000, -60000] * 4, dtype='float16')], [], np.float16(INF))
case('std', [np.array([60000, -60000] * 4, dtype='float16')], [], np.float16(60000))

# Scans.
y = whole(3, 4)
for axis in (0, 1, -1):
    case('cumsum', [y], [axis], np.cumsum(y, axis=axis, dtype='float32'))
    case('cumprod', [y], [axis], np.cumprod(y, axis=axis, dtype='float32'))
    case('cummax', [y], [axis], np.maximum.accumulate(y, axis=axis))
    case('cummin', [y], [axis], np.minimum.accumulate(y, axis=axis))
    reverse = np.flip(np.cumsum(np.flip(y, axis), axis=axis), axis)
    case('cumsum', [y], [axis, {'reverse': True}], f32(reverse))
    case('cumsum', [y], [axis, {'exclusive': True}], f32(np.cumsum(y, axis=axis) - y))
    case('cumsum', [y], [axis, {'exclusive': True, 'reverse': True}], f32(reverse - y))
case('cumsum', [np.array([True, False, True])], [], np.array([1, 1, 2], dtype='int32'))
case('cummax', [f32([1, NAN, 2])], [], f32([1, NAN, NAN]))

# Shapes.
z = f32(np.arange(24).reshape(2, 3, 4))
case('reshape', [z], [[4, -1]], z.reshape(4, -1))
case('reshape', [z], [[-1]], z.reshape(-1))
case('permuteDims', [z], [[2, 0, 1]], z.transpose(2, 0, 1))
case('permuteDims', [z], [[-1, 0, -2]], z.transpose(-1, 0, -2))
case('transpose', [z], [], z.T)
case('matrixTranspose', [z], [], z.swapaxes(-1, -2))
case('swapaxes', [z], [0, -1], z.swapaxes(0, -1))
case('moveaxis', [z], [0, -1], np.moveaxis(z, 0, -1))
case('moveaxis', [z], [[0, 1], [-1, 0]], np.moveaxis(z, [0, 1], [-1, 0]))
case('squeeze', [z.reshape(1, 24, 1)], [], z.reshape(24))
case('squeeze', [z.reshape(1, 24, 1)], [-1], z.reshape(1, 24))
case('expandDims', [z], [[0, -1]], np.expand_dims(z, (0, -1)))
case('flatten', [z], [1], z.reshape(2, 12))
case('broadcastTo', [z[:1, :, :1]], [[5, 2, 3, 4]], np.broadcast_to(z[:1, :, :1], (5, 2, 3, 4)))
case('split', [z], [3, 1], np.split(z, 3, 1))
case('split', [z], [[1, 3], 2], np.split(z, [1, 3], 2))
case('unstack', [z], [1], [z[:, i] for i in range(3)])
case('flip', [z], [], np.flip(z))
case('flip', [z], [[0, -1]], np.flip(z, (0, -1)))
for shift, axis in [(2, None), (-5, None), (1, 0), (-1, 2), (7, -1), ([1, -1], [1, 2]), (1, [1, 2])]:
    case('roll', [z], [shift, axis], np.roll(z, shift, tuple(axis) if isinstance(axis, list) else axis))
for reps in (2, [2, 1], [1, 2, 3], [2, 1, 1, 3], [0, 1, 1]):
    case('tile', [z], [reps], np.tile(z, reps))
for repeats, axis in [(2, 0), (3, -1), (2, None), ([1, 0, 2], 1), (0, 1)]:
    case('repeat', [z], [repeats, axis], np.repeat(z, repeats, axis))
modes = {'constant': 'constant', 'edge': 'edge', 'reflect': 'reflect', 'symmetric': 'symmetric'}
w = f32(np.arange(6).reshape(2, 3))
for mode in modes:
    for width in [1, [2, 0], [[1, 2], [0, 3]], [[0, 0], [7, 9]], [[5, 4], [3, 0]]]:
        case('pad', [w], [width, {'mode': mode}], np.pad(w, width, mode=mode))
    case('pad', [f32([[5]])], [3, {'mode': mode}], np.pad(f32([[5]]), 3, mode=mode))
case('pad', [w], [[[1, 0], [0, 1]], {'value': -1}], np.pad(w, [[1, 0], [0, 1]], constant_values=-1))

# Slices and indices with Python's own rules.
line = f32(np.arange(7))
bounds = [None, -9, -7, -3, -1, 0, 2, 6, 7, 20]
for start, stop, step in itertools.product(bounds, bounds, [None, 1, 2, -1, -3, 9]):
    if rng.random() < 0.35:
        case('slice', [line], [[start], [stop], [step]], line[start:stop:step])
case('slice', [z], [[None, 1], [None, -1], [-1, None]], z[::-1, 1:-1])
for js, python in [
    ([0], z[0]),
    ([-1, None, 2], z[-1, :, 2]),
    (['1:', '::2'], z[1:, ::2]),
    (['...', 1], z[..., 1]),
    ([0, '...', '::-1'], z[0, ..., ::-1]),
    ([[0, 1], [None, None, -1], [-3, -1]], z[0:1, ::-1, -3:-1]),
    (['newAxis', 0, 'newAxis'], z[np.newaxis, 0, np.newaxis]),
    (['...', 'newAxis'], z[..., np.newaxis]),
    (['5:'], z[5:]),
    ([0, 0, 0], z[0, 0, 0]),
]:
    case('at', [z], js, python)
index = np.array([[2, 0], [-1, 1]])
case('atIndex', [z, index], ['...'], z[..., index])
case('atIndex', [z, index.astype('int32')], [0], z[0, index])
case('take', [z, index], [1], np.take(z, index, 1))
order = np.argsort(rng.random((2, 3, 4)), axis=1).astype('int32')
case('gather', [z, order], [1], np.take_along_axis(z, order, 1))
base, updates, at = whole(4, 3), whole(3, 3), np.array([1, 1, -1], dtype='int32')
added = base.copy()
np.add.at(added, at, updates)
case('indexAdd', [base, at, updates], [0], added)
places = np.array([[0, 1, 1], [3, 1, 0]], dtype='int32')
scattered, some = base.copy(), whole(2, 3)
np.add.at(scattered, (places, np.arange(3)), some)
case('scatterAdd', [base, places, some], [0], scattered)
case('oneHot', [np.array([[0, 2], [1, 5]])], [3], np.asarray(nn.one_hot(np.array([[0, 2], [1, 5]]), 3, dtype='float32')))
case('oneHot', [np.array([0, 2], dtype='uint8')], [3, {'axis': 0, 'dtype': 'int32'}], np.eye(3, dtype='int32')[:, [0, 2]])
messy = f32([[3, NAN, -1, 3], [0, 2, 2, -INF]])
case('sort', [messy], [], np.sort(messy))
case('sort', [messy], [0], np.sort(messy, 0))
case('argsort', [messy], [], np.argsort(messy, stable=True).astype('int32'))
case('sort', [np.array([3, -1, 2], dtype='int8')], [0, {'descending': True}], np.array([3, 2, -1], dtype='int8'))

# Linear algebra.
for a, b in [((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)), ((5, 1, 2, 3), (4, 3, 2)), ((3,), (5, 3, 2)), ((5, 2, 3), (3,)), ((2, 0), (0, 3))]:
    left, right = whole(*a), whole(*b)
    case('matmul', [left, right], [], left @ right)
    if len(b) <= 2 or len(a) == 1:
        case('dot', [left, right], [], np.dot(left, right))
case('matmul', [np.array([[1, 2]], dtype='int8'), np.array([[3], [4]], dtype='int32')], [], np.array([[11]], dtype='int32'))
m, n = whole(2, 3, 4), whole(4, 3, 5)
case('tensordot', [m, n], [[[1, 2], [1, 0]]], np.tensordot(m, n, ([1, 2], [1, 0])))
case('tensordot', [m, k := whole(3, 4, 5)], [], np.tensordot(m, k, 2))
case('outer', [line, z], [], np.outer(line, z))
case('vecdot', [m, m], [1], np.sum(m * m, 1))
for offset in (-3, -1, 0, 1, 2, 9):
    case('diagonal', [z], [{'k': offset}], np.diagonal(z, offset, -2, -1))
case('diagonal', [z], [{'axes': [0, 2]}], np.diagonal(z, 0, 0, 2))
case('trace', [z], [], np.trace(z, 0, -2, -1))
for equation, shapes in [
    ('ij,jk->ik', [(2, 3), (3, 4)]),
    ('ij,jk', [(2, 3), (3, 4)]),
    ('ij,kj->ki', [(2, 3), (4, 3)]),
    ('ba', [(2, 3)]),
    ('ii', [(3, 3)]),
    ('ii->i', [(3, 3)]),
    ('iij->j', [(3, 3, 2)]),
    ('iijj->ij', [(2, 2, 3, 3)]),
    ('ij->', [(2, 3)]),
    ('ij->j', [(2, 3)]),
    ('i,i', [(4,), (4,)]),
    ('i,j->ij', [(4,), (3,)]),
    ('i,j->ji', [(4,), (3,)]),
    ('ij,ij->i', [(4, 3), (4, 3)]),
    ('bij,bjk->bik', [(5, 2, 3), (5, 3, 4)]),
    ('bhqd,bhkd->bhqk', [(2, 3, 4, 5), (2, 3, 6, 5)]),
    ('bqhd,bkhd->bhqk', [(2, 4, 3, 5), (2, 6, 3, 5)]),
    ('...ij,...jk->...ik', [(5, 2, 3), (3, 4)]),
    ('...ij,...jk->...ik', [(5, 1, 2, 3), (4, 3, 2)]),
    ('i...,i...', [(3, 2), (3, 1)]),
    ('...,...', [(2, 3), (3,)]),
    ('...i->...', [(2, 3, 4)]),
    ('ij...,jk...->ik...', [(2, 3, 4), (3, 5, 4)]),
    ('ij,jk,kl->il', [(2, 3), (3, 4), (4, 5)]),
    ('ij,jk,kl', [(2, 3), (3, 4), (4, 5)]),
    ('i,ij,j->', [(3,), (3, 4), (4,)]),
    ('abc,bcd,ad->c', [(2, 3, 4), (3, 4, 5), (2, 5)]),
    ('ab,bc->abc', [(2, 3), (3, 4)]),
    ('a,b,c->cab', [(2,), (3,), (4,)]),
    ('ijk,jil->kl', [(3, 4, 5), (4, 3, 2)]),
    ('ij,kl->i', [(2, 3), (4, 5)]),
    ('Ab,bA->b', [(2, 3), (3, 2)]),
    (' i j , j k -> i k ', [(2, 3), (3, 4)]),
    ('ij,j->ij', [(0, 3), (3,)]),
    ('ij,jk->ik', [(2, 0), (0, 4)]),
]:
    operands = [whole(*shape) for shape in shapes]
    case('einsum', operands, [equation], f32(np.einsum(equation, *operands)))

# Normalization.
rows, weight, bias = real(4, 6), real(6), real(6)
mean, var = rows.astype('float64').mean(-1, keepdims=True), rows.astype('float64').var(-1, keepdims=True)
case('layerNorm', [rows], [], f32((rows - mean) / np.sqrt(var + 1e-5)), 2e-6)
case('layerNormWith', [rows, weight, bias], [{'eps': 0.1}], f32((rows - mean) / np.sqrt(var + 0.1) * weight + bias), 2e-6)
square = (rows.astype('float64') ** 2).mean(-1, keepdims=True)
case('rmsNormWith', [rows, weight], [{}], f32(rows / np.sqrt(square + 1e-5) * weight), 2e-6)
both = rows.astype('float64')
case('layerNorm', [rows], [{'axes': [0, 1]}], f32((both - both.mean()) / np.sqrt(both.var() + 1e-5)), 2e-6)

# Creation.
for args in [(5,), (2, 7), (0, 1, 0.125), (5, 0, -2), (3, 3), (3, 0), (0, 1, 0.3)]:
    case('arange', [], list(args), np.arange(*args, dtype='float64').astype('float32'))
    if all(isinstance(a, int) for a in args):
        case('arange', [], [*args, {'dtype': 'int64'}], np.arange(*args, dtype='int64'))
        case('arange', [], [*args, {'dtype': 'uint8'}], np.arange(*args).astype('uint8'))
for args in [(0, 1, 5), (-3, 2, 11), (1, 1, 3), (5, 1, 1), (2, 3, 0)]:
    case('linspace', [], list(args), f32(np.linspace(*args)))
    case('linspace', [], [*args, {'endpoint': False}], f32(np.linspace(*args, endpoint=False)))
    case('linspace', [], [*args, {'dtype': 'float64'}], np.linspace(*args), 1e-15)
case('linspace', [], [-3, 4, 9, {'dtype': 'int32'}], np.linspace(-3, 4, 9, dtype='int32'))
for args in [(3,), (2, 4), (4, 2)]:
    for offset in (-9, -1, 0, 1, 2, 9):
        case('eye', [], [*args, {'k': offset}], np.eye(*args, k=offset, dtype='float32'))
for offset in (-5, -1, 0, 1, 5):
    case('tril', [z], [{'k': offset}], np.tril(z, offset))
    case('triu', [z], [{'k': offset}], np.triu(z, offset))

near = f32([1, 1 + 1e-6, 1.001, INF, -INF, NAN, 0, 1e-9, 1e30, INF])
other = f32([1, 1, 1, INF, INF, NAN, 1e-9, 0, INF, 1e30])
case('isClose', [near, other], [], np.isclose(near, other))
case('isClose', [near, other], [{'rtol': 0.01, 'atol': 0, 'equalNan': True}], np.isclose(near, other, 0.01, 0, True))
case('allClose', [near[:2], other[:2]], [], np.allclose(near[:2], other[:2]))
case('allClose', [np.array([1, 2]), np.array([1, 3])], [], np.array(False))

path = Path(__file__).with_name('api.json')
path.write_text('[\n' + ',\n'.join(json.dumps(one) for one in cases) + '\n]\n')
print(len(cases), 'cases')
