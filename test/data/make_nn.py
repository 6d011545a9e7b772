#!/usr/bin/env python3
"""Writes nn.json: values and gradients of attention, normalization, losses, quantization and rearrangements, from PyTorch 2.15 (CPU).

Run: python3 test/data/make_nn.py, with torch and numpy installed.
{ "cases": [ { fn, operands, args, options, optionTensors, outputs, cotangents, gradients, tolerance } ] }
fn(...operands, ...args, { ...options, ...optionTensors }); gradients are those of sum(output * cotangent), one per tensor (operands, then optionTensors),
null where there is none. Everything float is computed in float64 from float32 values; tensors are { dtype, shape, data }, flat and row-major.
"""
import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(31)
torch.manual_seed(31)
cases = []


def element(v):
    if isinstance(v, (bool, np.bool_)):
        return int(v)
    if isinstance(v, (int, np.integer)):
        return int(v)
    v = float(v)
    if not math.isfinite(v):
        return 'NaN' if math.isnan(v) else 'Infinity' if v > 0 else '-Infinity'
    return float(f'{v:.9g}')


def stored(tensor):
    dtype = str(tensor.dtype).replace('torch.', '')
    return {
        'dtype': 'float32' if dtype == 'float64' else dtype,
        'shape': list(tensor.shape),
        'data': [element(v) for v in tensor.detach().numpy().ravel()],
    }


def real(*shape, low=-2, high=2):
    return torch.from_numpy(rng.uniform(low, high, shape).astype(np.float32))


def whole(*shape, low=0, high=5):
    return torch.from_numpy(rng.integers(low, high, shape).astype(np.int64)).to(torch.int32)


def case(fn, compute, operands, args=(), options=None, tensors=None, tolerance=1e-5, gradient=True):
    """compute gets the operands and the option tensors by name, floats as float64."""
    tensors = tensors or {}
    given = [*operands, *tensors.values()]
    wide = [t.double().requires_grad_(gradient) if t.is_floating_point() else t for t in given]
    result = compute(*wide[: len(operands)], **dict(zip(tensors, wide[len(operands) :])))
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    one = {
        'fn': fn,
        'operands': [stored(t) for t in operands],
        'args': list(args),
        'options': options or {},
        'optionTensors': {name: stored(t) for name, t in tensors.items()},
        'outputs': [stored(o) for o in outputs],
        'tolerance': tolerance,
    }
    if gradient and outputs[0].requires_grad:
        cotangent = real(*outputs[0].shape)
        (outputs[0] * cotangent.double()).sum().backward()
        one['cotangent'] = stored(cotangent)
        one['gradients'] = [stored(t.grad) if t.is_floating_point() and t.grad is not None else None for t in wide]
    cases.append(one)


def long(t):
    return t.long()


# Attention.
sdpa = F.scaled_dot_product_attention
for shape_q, shape_k, value in [((3, 4), (5, 4), 4), ((2, 3, 6, 8), (2, 3, 6, 8), 8), ((2, 7, 5), (2, 9, 5), 3), ((1, 2, 1, 6), (1, 2, 33, 6), 6)]:
    q, k, v = real(*shape_q), real(*shape_k), real(*shape_k[:-1], value)
    rows, columns = shape_q[-2], shape_k[-2]
    case('scaledDotProductAttention', sdpa, [q, k, v])
    case('scaledDotProductAttention', lambda q, k, v: sdpa(q, k, v, is_causal=True), [q, k, v], options={'isCausal': True})
    case('scaledDotProductAttention', lambda q, k, v: sdpa(q, k, v, scale=0.3), [q, k, v], options={'scale': 0.3})
    bias = real(rows, columns)
    case('scaledDotProductAttention', lambda q, k, v, mask: sdpa(q, k, v, attn_mask=mask), [q, k, v], tensors={'mask': bias})
    keep = torch.from_numpy(rng.random((rows, columns)) < 0.6)
    keep[0] = False  # a query that sees nothing
    case('scaledDotProductAttention', lambda q, k, v, mask: sdpa(q, k, v, attn_mask=mask), [q, k, v], tensors={'mask': keep})
q, k, v = real(2, 6, 5, 4), real(2, 2, 7, 4), real(2, 2, 7, 3)
for options in ({}, {'isCausal': True}):
    case(
        'scaledDotProductAttention',
        lambda q, k, v: sdpa(q, k, v, enable_gqa=True, is_causal=bool(options)),
        [q, k, v],
        options={'enableGqa': True, **options},
    )
mask = real(6, 5, 7)
case('scaledDotProductAttention', lambda q, k, v, mask: sdpa(q, k, v, attn_mask=mask, enable_gqa=True), [q, k, v], options={'enableGqa': True}, tensors={'mask': mask})
q, k, v = real(1, 37, 8), real(1, 211, 8), real(1, 211, 9)
case('scaledDotProductAttention', sdpa, [q, k, v], gradient=False)

# Normalization.
for shape in [(4, 3), (4, 3, 5), (2, 6, 4, 3)]:
    x, c = real(*shape), shape[1]
    weight, bias, mean, variance = real(c), real(c), real(c), real(c, low=0.2, high=3)
    case('batchNorm', lambda x, m, s: F.batch_norm(x, m.detach(), s.detach()), [x, mean, variance])
    case('batchNorm', lambda x, m, s, weight, bias: F.batch_norm(x, m.detach(), s.detach(), weight, bias, eps=1e-3), [x, mean, variance], options={'eps': 1e-3}, tensors={'weight': weight, 'bias': bias})

    def training(x, weight=None, bias=None, runningMean=None, runningVariance=None, momentum=0.1):
        m = runningMean.detach().clone() if runningMean is not None else torch.zeros(x.shape[1], dtype=x.dtype)
        s = runningVariance.detach().clone() if runningVariance is not None else torch.ones(x.shape[1], dtype=x.dtype)
        y = F.batch_norm(x, m, s, weight, bias, training=True, momentum=momentum if runningMean is not None else 1.0)
        return y, m, s

    case('batchNormTraining', training, [x])
    case('batchNormTraining', training, [x], tensors={'weight': weight, 'bias': bias, 'runningMean': mean, 'runningVariance': variance})
    case('batchNormTraining', lambda x, **t: training(x, momentum=0.4, **t), [x], options={'momentum': 0.4}, tensors={'runningMean': mean, 'runningVariance': variance})
    if len(shape) > 2:
        case('instanceNorm', lambda x: F.instance_norm(x), [x])
        case('instanceNorm', lambda x, weight, bias: F.instance_norm(x, weight=weight, bias=bias), [x], tensors={'weight': weight, 'bias': bias})
    for groups in (1, 3):
        case('groupNorm', lambda x: F.group_norm(x, groups), [x], args=[groups])
        case('groupNorm', lambda x, weight, bias: F.group_norm(x, groups, weight, bias, eps=1e-2), [x], args=[groups], options={'eps': 1e-2}, tensors={'weight': weight, 'bias': bias})
for ord_, axis in [(2, 1), (2, -1), (1, 0), (3, 1)]:
    case('normalize', lambda x: F.normalize(x, p=ord_, dim=axis), [real(3, 4, 2)], options={'ord': ord_, 'axis': axis})
case('normalize', lambda x: F.normalize(x), [real(3, 4)])
case('cosineSimilarity', lambda a, b: F.cosine_similarity(a, b), [real(3, 4, 2), real(3, 4, 2)])
case('cosineSimilarity', lambda a, b: F.cosine_similarity(a, b, dim=-1), [real(3, 1, 5), real(4, 5)], options={'axis': -1})

# Losses.
for reduction in ('mean', 'sum', 'none'):
    r = {'reduction': reduction}
    a, b = real(4, 5, low=-3, high=3), real(4, 5)
    case('mseLoss', lambda x, y: F.mse_loss(x, y, **r), [a, b], options=r)
    case('l1Loss', lambda x, y: F.l1_loss(x, y, **r), [a, b], options=r)
    for d in (1.0, 0.5):
        case('huberLoss', lambda x, y: F.huber_loss(x, y, delta=d, **r), [a, b], options={**r, 'delta': d})
        case('smoothL1Loss', lambda x, y: F.smooth_l1_loss(x, y, beta=d, **r), [a, b], options={**r, 'beta': d})
    case('smoothL1Loss', lambda x, y: F.smooth_l1_loss(x, y, beta=0.0, **r), [a, b], options={**r, 'beta': 0})
    p, t = real(4, 5, low=0.05, high=0.95), real(4, 5, low=0, high=1)
    w = real(5, low=0.5, high=2)
    case('binaryCrossEntropy', lambda x, t: F.binary_cross_entropy(x, t, **r), [p, t], options=r, tolerance=2e-5)
    case('binaryCrossEntropy', lambda x, t, weight: F.binary_cross_entropy(x, t, weight.detach(), **r), [p, t], options=r, tensors={'weight': w}, tolerance=2e-5)
    case('binaryCrossEntropyWithLogits', lambda x, t: F.binary_cross_entropy_with_logits(x * 1, t, **r), [a * 5, t], options=r)
    case('binaryCrossEntropyWithLogits', lambda x, t, weight, posWeight: F.binary_cross_entropy_with_logits(x, t, weight.detach(), pos_weight=posWeight.detach(), **r), [a, t], options=r, tensors={'weight': w, 'posWeight': real(5, low=0.5, high=3)})
    logs = F.log_softmax(a, -1)
    case('klDiv', lambda x, t: F.kl_div(x, t, **r), [logs, F.softmax(b, -1)], options=r)
    case('klDiv', lambda x, t: F.kl_div(x, t, log_target=True, **r), [logs, F.log_softmax(b, -1)], options={**r, 'logTarget': True})
    for shape in [(6, 5), (2, 4, 3), (2, 3, 4, 2)]:
        x, n = real(*shape), shape[1]
        target = whole(shape[0], *shape[2:], high=n)
        ignored = target.clone()
        ignored.view(-1)[::3] = -100
        weight = real(n, low=0.5, high=2)
        logs = F.log_softmax(x, 1)
        case('nllLoss', lambda x, t: F.nll_loss(x, long(t), **r), [logs, target], options=r)
        case('nllLoss', lambda x, t, weight: F.nll_loss(x, long(t), weight.detach(), **r), [logs, ignored], options=r, tensors={'weight': weight})
        case('nllLoss', lambda x, t: F.nll_loss(x, long(t), ignore_index=1, **r), [logs, target], options={**r, 'ignoreIndex': 1})
        for smoothing in (0.0, 0.2):
            s = {**r, 'labelSmoothing': smoothing}
            case('crossEntropy', lambda x, t: F.cross_entropy(x, long(t), label_smoothing=smoothing, **r), [x, target], options=s)
            case('crossEntropy', lambda x, t, weight: F.cross_entropy(x, long(t), weight.detach(), label_smoothing=smoothing, **r), [x, ignored], options=s, tensors={'weight': weight})
            soft = F.softmax(real(*shape), 1)
            case('crossEntropy', lambda x, t: F.cross_entropy(x, t, label_smoothing=smoothing, **r), [x, soft], options=s)
            case('crossEntropy', lambda x, t, weight: F.cross_entropy(x, t, weight.detach(), label_smoothing=smoothing, **r), [x, soft], options=s, tensors={'weight': weight})
    case('crossEntropy', lambda x, t: F.cross_entropy(x, long(t), **r), [real(5), torch.tensor(3, dtype=torch.int32)], options=r)
    soft = F.softmax(real(3, 7), -1)
    case('softmaxCrossEntropy', lambda x, t: F.cross_entropy(x, t, **r), [real(3, 7), soft], options=r)
case('klDiv', lambda x, t: F.kl_div(x, t, reduction='batchmean'), [F.log_softmax(real(4, 5), -1), F.softmax(real(4, 5), -1)], options={'reduction': 'batchMean'})
zeros = torch.tensor([[0.0, 1.0, 0.0, 0.25]])
case('klDiv', lambda x, t: F.kl_div(x, t.detach(), reduction='none'), [F.log_softmax(real(1, 4), -1), zeros], options={'reduction': 'none'})
case('binaryCrossEntropy', lambda x, t: F.binary_cross_entropy(x, t, reduction='none'), [torch.tensor([0.0, 1.0, 0.0, 1.0]), torch.tensor([0.0, 1.0, 1.0, 0.0])], options={'reduction': 'none'}, gradient=False)

# Quantization. Values whose quotients by the scale are halves would depend on how it is divided: there are none.
def quantized(x, scale, zero, dtype):
    return torch.quantize_per_tensor(x.float(), scale, zero, dtype).int_repr()


x = real(3, 5, 4, low=-3, high=3)
for dtype, torch_dtype in (('int8', torch.qint8), ('uint8', torch.quint8)):
    for scale, zero in ((0.013, 0), (0.05, 7)):
        case('quantize', lambda x: quantized(x, scale, zero, torch_dtype), [x], args=[scale, zero], options={'dtype': dtype}, gradient=False)
        q = quantized(x, scale, zero, torch_dtype)
        case('dequantize', lambda q: torch.quantize_per_tensor(x, scale, zero, torch_dtype).dequantize().double(), [q], args=[scale, zero], gradient=False)
    for axis in (0, 1, 2):
        n = x.shape[axis]
        scales, zeros = real(n, low=0.02, high=0.1), whole(n, low=0, high=9)
        per_axis = torch.quantize_per_channel(x, scales.double(), long(zeros), axis, torch_dtype)
        case('quantize', lambda x, s, z: per_axis.int_repr(), [x, scales, zeros], options={'dtype': dtype, 'axis': axis}, gradient=False)
        case('dequantize', lambda q, s, z: per_axis.dequantize().double(), [per_axis.int_repr(), scales, zeros], options={'axis': axis}, gradient=False)


def symmetric(x, axis=None):
    axes = [d for d in range(x.ndim) if d != axis]
    scale = x.abs().amax(axes) / 127
    shape = [1 if d != axis else -1 for d in range(x.ndim)]
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    return torch.round(x / scale.reshape(shape)).clamp(-127, 127).to(torch.int8), scale


x[:, 2] = 0
case('quantizeSymmetric', lambda x: symmetric(x), [x], gradient=False)
for axis in (0, 1, 2):
    case('quantizeSymmetric', lambda x: symmetric(x, axis), [x], options={'axis': axis}, gradient=False)
case('quantizeSymmetric', lambda x: symmetric(x), [torch.zeros(2, 3)], gradient=False)
index = torch.from_numpy(rng.integers(0, 16, (3, 2, 6)).astype(np.uint8))
table, tables = real(16), real(3, 16)
case('dequantizeLookup', lambda i, t: t[i.long()], [index, table])
case('dequantizeLookup', lambda i, t: torch.stack([t[p][i[p].long()] for p in range(3)]), [index, tables])
case('dequantizeLookup', lambda i, t: torch.stack([t[p][i[:, p].long()] for p in range(2)], 1), [index, tables[:2].clone()], options={'axis': 1})
nibbles = torch.from_numpy(rng.integers(-8, 8, (3, 10)).astype(np.int8))
packed = (nibbles[:, 0::2] & 15).to(torch.uint8) | ((nibbles[:, 1::2] & 15).to(torch.uint8) << 4)
case('packInt4', lambda x: packed, [nibbles], gradient=False)
case('unpackInt4', lambda p: nibbles, [packed], gradient=False)
case('unpackInt4', lambda p: (nibbles & 15).to(torch.uint8), [packed], options={'signed': False}, gradient=False)
for left, right in (('int8', 'int8'), ('uint8', 'int8'), ('uint8', 'uint8')):
    for m, k, n in ((3, 7, 5), (2, 1100, 3)):
        ranges = {'int8': (-128, 128), 'uint8': (0, 256)}
        a = torch.from_numpy(rng.integers(*ranges[left], (m, k)).astype(left))
        b = torch.from_numpy(rng.integers(*ranges[right], (k, n)).astype(right))
        s, t, za, zb = real(m, low=0.01, high=0.02), real(n, low=0.01, high=0.02), 3, -5

        def product(a, s, b, t, za=0, zb=0):
            whole = (a.long() - za) @ (b.long() - zb)
            return whole.double() * s.reshape(-1, 1) * t.reshape(1, -1)

        case('quantizedMatmul', product, [a, s, b, t], gradient=False)
        case('quantizedMatmul', lambda a, s, b, t: product(a, s, b, t, za, zb), [a, s, b, t], options={'aZeroPoint': za, 'bZeroPoint': zb}, gradient=False)

# Rearrangements.
x = real(2, 8, 6, 4)
case('pixelShuffle', lambda x: F.pixel_shuffle(x, 2), [x], args=[2])
case('pixelUnshuffle', lambda x: F.pixel_unshuffle(x, 2), [x], args=[2])
case('depthToSpace', lambda x: F.pixel_shuffle(x, 2), [x], args=[2], options={'pixelShuffleOrder': True})
case('spaceToDepth', lambda x: F.pixel_unshuffle(x, 2), [x], args=[2], options={'pixelShuffleOrder': True})


def space_to_depth(x, size):
    n, c, h, w = x.shape
    out = torch.zeros(n, c * size * size, h // size, w // size, dtype=x.dtype)
    for i in range(size):
        for j in range(size):
            out[:, (i * size + j) * c : (i * size + j + 1) * c] = x[:, :, i::size, j::size]
    return out


def depth_to_space(x, size):
    n, c, h, w = x.shape
    c //= size * size
    out = torch.zeros(n, c, h * size, w * size, dtype=x.dtype)
    for i in range(size):
        for j in range(size):
            out[:, :, i::size, j::size] = x[:, (i * size + j) * c : (i * size + j + 1) * c]
    return out


case('spaceToDepth', lambda x: space_to_depth(x, 2), [x], args=[2])
case('depthToSpace', lambda x: depth_to_space(x, 2), [x], args=[2])
channels_last = {'axes': [1, 2], 'depthAxis': 3}
case('spaceToDepth', lambda x: space_to_depth(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1), [x], args=[2], options=channels_last)
case('depthToSpace', lambda x: depth_to_space(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1), [x], args=[2], options=channels_last)


def space_to_batch(x, a, b):
    return torch.cat([x[:, :, i::a, j::b] for i in range(a) for j in range(b)])


def batch_to_space(x, a, b):
    n = x.shape[0] // (a * b)
    out = torch.zeros(n, x.shape[1], x.shape[2] * a, x.shape[3] * b, dtype=x.dtype)
    for i in range(a):
        for j in range(b):
            out[:, :, i::a, j::b] = x[(i * b + j) * n : (i * b + j + 1) * n]
    return out


case('spaceToBatch', lambda x: space_to_batch(x, 3, 2), [x], args=[[3, 2]])
case('batchToSpace', lambda x: batch_to_space(x, 3, 2), [real(12, 2, 3, 4)], args=[[3, 2]])
case('flatten2d', lambda x: x.reshape(16, 24), [x], args=[2])
case('flatten2d', lambda x: x.reshape(1, 384), [x], args=[0])
case('flatten2d', lambda x: x.reshape(384, 1), [x], args=[4])
for k in (-2, -1, 0, 1, 3):
    case('diag', lambda x: torch.diag(x, k), [real(4)], options={'k': k})
    case('diag', lambda x: torch.diag(x, k), [real(4, 6)], options={'k': k})
for lower, upper in ((-1, 0), (0, -1), (1, 2), (0, 0), (-1, -1), (9, 1)):

    def band(x):
        i, j = np.indices(x.shape[-2:])
        keep = ((lower < 0) | (i - j <= lower)) & ((upper < 0) | (j - i <= upper))
        return torch.where(torch.from_numpy(keep), x, 0.0)

    case('bandPart', band, [real(2, 4, 5)], args=[lower, upper])
for dtype in ('int8', 'uint8', 'int32'):
    low, high = {'int8': (-128, 128), 'uint8': (0, 256), 'int32': (-(2**31), 2**31)}[dtype]
    a, b = (torch.from_numpy(rng.integers(low, high, shape).astype(dtype)) for shape in ((2, 3, 5), (4, 5)))

    def hamming(a, b):
        bits = np.unpackbits((a.numpy()[:, :, None, :] ^ b.numpy()[None, None]).reshape(2, 3, 4, 5).view(np.uint8), axis=-1)
        return torch.from_numpy(bits.sum(-1).astype(np.int32))

    case('hammingDistance', hamming, [a, b], gradient=False)

# Numbers and tables for groups of neighbours.


def spread(t, shape):
    for d, size in enumerate(shape):
        t = t.repeat_interleave(size // t.shape[d], dim=d) if t.shape[d] else t
    return t


for shape, groups in (((4, 6), (2, 3)), ((4, 6), (1, 2)), ((6,), (3,)), ((2, 4, 6), (2, 1, 3)), ((2, 4), (2, 4)), ((0, 4), (1, 2))):
    x, scale = real(*shape), real(*groups, low=0.1, high=0.5)
    offset = torch.from_numpy(rng.integers(-3, 4, groups).astype(np.int32))
    small = torch.from_numpy(rng.integers(-128, 128, shape).astype(np.int8))

    def quantized(x, scale, offset):
        return (torch.round(x / spread(scale, shape)) + spread(offset, shape)).clamp(-128, 127).to(torch.int8)

    case('quantize', quantized, [x, scale, offset], gradient=False)
    case('dequantize', lambda x, scale, offset: (x - spread(offset, shape)) * spread(scale, shape), [small, scale, offset])
    index = torch.from_numpy(rng.integers(0, 16, shape).astype(np.uint8))

    def looked_up(i, t):
        rows = t
        for d, size in enumerate(shape):
            rows = rows.repeat_interleave(size // t.shape[d], dim=d)
        return torch.gather(rows, -1, i.long().unsqueeze(-1)).squeeze(-1)

    case('dequantizeLookup', looked_up, [index, real(*groups, 16)])
    for axis in range(len(shape)):

        def vectors(i, t):
            parts = [looked_up(i, t[..., v]) for v in range(t.shape[-1])]
            return torch.stack(parts, axis + 1).flatten(axis, axis + 1)

        case('dequantizeLookup', vectors, [index, real(*groups, 16, 3)], options={'vectorAxis': axis})
        case('dequantizeLookup', lambda i, t: torch.stack([t[i.long()][..., v] for v in range(2)], axis + 1).flatten(axis, axis + 1),
             [index, real(16, 2)], options={'vectorAxis': axis})

# Given statistics of any shape.
for shape, of in (((2, 3, 4), (3, 1)), ((2, 3, 4), (2, 3, 1)), ((5,), (5,)), ((2, 3), ()), ((4, 2, 3), (4, 1, 1))):

    def normal(x, mean, variance, weight=1.0, bias=0.0):
        return (x - mean) / torch.sqrt(variance + 0.01) * weight + bias

    operands = [real(*shape), real(*of), real(*of, low=0.5, high=2)]
    case('normalization', normal, operands, options={'eps': 0.01})
    case('normalization', normal, operands, options={'eps': 0.01}, tensors={'weight': real(*shape[1:]), 'bias': real(*shape[-1:])})

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'nn.json'), 'w') as file:
    file.write('{"cases": [\n' + ',\n'.join(json.dumps(one) for one in cases) + '\n]}\n')
print(len(cases), 'cases')
