"""Writes convolution.json: what PyTorch answers to convolutions, their gradients, unfold and fold. Run: python make_convolution.py (torch 2.15)."""

import itertools
import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(11)
cases = []
dtypes = {'float32': torch.float32, 'float64': torch.float64, 'float16': torch.float16, 'bfloat16': torch.bfloat16}


def stored(t):
    # Seven digits tell float32 apart from anything a thousandth off; float64 keeps all.
    double = t.dtype == torch.float64
    data = [float(v) if double else float(f'{float(v):.8g}') for v in t.detach().reshape(-1).double().tolist()]
    return {'dtype': str(t.dtype).removeprefix('torch.'), 'shape': list(t.shape), 'data': data}


def quarters(*shape, dtype='float32'):
    """Multiples of 1/4: products and short sums of them are exact in float32."""
    return (torch.randint(-8, 9, shape).double() / 4).to(dtypes[dtype])


def run(fn, call, operands, options, extra=()):
    for x in operands:
        x.requires_grad_(True)
    out = call(*operands)
    weight = quarters(*out.shape).to(out.dtype)
    one = {'fn': fn, 'inputs': [stored(x) for x in operands], 'extra': list(extra), 'options': options, 'out': stored(out)}
    if out.dtype in (torch.float32, torch.float64):
        grads = torch.autograd.grad((out * weight).sum(), operands)
        one['cotangent'] = stored(weight)
        one['grads'] = [stored(g) for g in grads]
    cases.append(one)


def half(fn, call, operands, options):
    """Halves: computed in float32 by torch on exact operands, rounded once."""
    out = call(*[x.float() for x in operands]).to(operands[0].dtype)
    cases.append({'fn': fn, 'inputs': [stored(x) for x in operands], 'extra': [], 'options': options, 'out': stored(out)})


def conv(rank, data, weights, bias=False, dtype='float32', **options):
    call = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[rank]
    operands = [quarters(*data, dtype=dtype), quarters(*weights, dtype=dtype)] + ([quarters(weights[0], dtype=dtype)] if bias else [])
    runner = half if dtype in ('float16', 'bfloat16') else run
    runner(f'conv{rank}d', lambda *xs: call(*xs, **options), operands, options)


def transposed(rank, data, weights, bias=False, dtype='float32', **options):
    call = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}[rank]
    channels = weights[1] * options.get('groups', 1)
    operands = [quarters(*data, dtype=dtype), quarters(*weights, dtype=dtype)] + ([quarters(channels, dtype=dtype)] if bias else [])
    own = {('outputPadding' if name == 'output_padding' else name): value for name, value in options.items()}
    run(f'convTranspose{rank}d', lambda *xs: call(*xs, **options), operands, own)


# 2-D over a grid: stride, padding, dilation, groups, kernel.
for stride, padding, dilation, groups, kernel in itertools.product((1, 2), (0, [1, 2]), (1, 2), (1, 2), ((3, 3), (2, 1))):
    conv(2, (2, 4, 7, 6), (6, 4 // groups, *kernel), stride=stride, padding=padding, dilation=dilation, groups=groups)
conv(2, (1, 3, 5, 5), (2, 3, 3, 3), bias=True, padding='same')
conv(2, (1, 3, 6, 5), (2, 3, 2, 4), padding='same', dilation=[2, 1])
conv(2, (1, 3, 5, 5), (2, 3, 3, 3), padding='valid', stride=2)
conv(2, (3, 7, 6), (2, 3, 3, 3))  # no batch
conv(2, (2, 4, 9, 8), (4, 1, 3, 3), padding=1, groups=4, bias=True)
conv(2, (2, 3, 9, 8), (6, 1, 3, 3), padding=1, groups=3, stride=2)
conv(2, (1, 20, 13, 35), (37, 20, 3, 3), padding=1, bias=True)
conv(2, (1, 6, 9, 9), (4, 6, 1, 1), stride=[2, 3])
conv(2, (2, 4, 6, 6), (3, 4, 3, 3), dtype='float64', padding=1, bias=True)
conv(2, (2, 4, 6, 6), (4, 1, 3, 3), dtype='float64', padding=1, stride=2, groups=4)
for dtype in ('float16', 'bfloat16'):
    conv(2, (2, 3, 6, 6), (4, 3, 3, 3), dtype=dtype, padding=1)
    conv(1, (1, 4, 9), (4, 1, 3), dtype=dtype, groups=4)
for stride, padding, dilation, groups in itertools.product((1, 3), (0, 2), (1, 2), (1, 4)):
    conv(1, (2, 4, 11), (8, 4 // groups, 3), stride=stride, padding=padding, dilation=dilation, groups=groups)
conv(1, (2, 3, 9), (4, 3, 4), padding='same', bias=True)
for stride, padding, groups in itertools.product((1, [2, 1, 2]), (0, [1, 0, 1]), (1, 2)):
    conv(3, (1, 2, 4, 5, 4), (4, 2 // groups, 2, 3, 2), stride=stride, padding=padding, groups=groups)
conv(3, (1, 2, 6, 5, 5), (2, 1, 3, 3, 2), dilation=[2, 1, 2], groups=2, bias=True)
conv(3, (2, 2, 3, 3, 3), (2, 2, 2, 2, 2), dtype='float64')

for stride, padding, dilation, groups in itertools.product((1, 2, 3), (0, 1), (1, 2), (1, 2)):
    transposed(2, (2, 4, 4, 3), (4, 3, 3, 2), stride=stride, padding=padding, dilation=dilation, groups=groups)
transposed(2, (1, 4, 4, 3), (4, 2, 3, 3), stride=2, padding=1, output_padding=1, bias=True)
transposed(2, (1, 4, 4, 3), (4, 2, 3, 3), stride=[3, 2], padding=[0, 1], output_padding=[2, 1], groups=2)
transposed(2, (1, 2, 4, 3), (2, 2, 2, 2), dilation=3, output_padding=2)
transposed(2, (1, 2, 4, 3), (2, 2, 2, 2), dilation=3, output_padding=[1, 2], padding=[1, 1])
transposed(2, (2, 4, 3), (2, 3, 3, 2), dtype='float64', stride=2, bias=True)
transposed(1, (2, 4, 5), (4, 3, 3), stride=2, padding=1, output_padding=1, bias=True)
transposed(1, (1, 4, 5), (4, 1, 4), stride=3, groups=4)
transposed(3, (1, 2, 3, 2, 3), (2, 2, 2, 3, 2), stride=[2, 1, 2], padding=[1, 0, 0], output_padding=[1, 0, 1], bias=True)

for kernel, stride, padding, dilation in itertools.product((2, [3, 2]), (1, [2, 3]), (0, [1, 2]), (1, [2, 1])):
    options = {'stride': stride, 'padding': padding, 'dilation': dilation}
    run('unfold', lambda x: F.unfold(x, kernel, **options), [quarters(2, 3, 7, 6)], options, [kernel])
    columns = F.unfold(torch.zeros(2, 3, 7, 6), kernel, **options).shape
    run('fold', lambda x: F.fold(x, (7, 6), kernel, **options), [quarters(*columns)], options, [[7, 6], kernel])
run('unfold', lambda x: F.unfold(x, 2), [quarters(2, 4, 5)], {}, [2])
run('fold', lambda x: F.fold(x, (4, 5), 2), [quarters(8, 12)], {}, [[4, 5], 2])



def deformed(x, offset, weight, bias=None, mask=None, stride=1, padding=0, dilation=1):
    """Deformable convolution by its definition: grid_sample reads, einsum sums."""
    n, channels, height, width = x.shape
    outputs, per_group, kh, kw = weight.shape
    oh, ow = offset.shape[2:]
    taps, groups = kh * kw, channels // per_group
    moved = offset.reshape(n, -1, taps, 2, oh, ow)
    offset_groups = moved.shape[1]
    columns = []
    for g, part in enumerate(x.chunk(offset_groups, 1)):
        for tap in range(taps):
            y = torch.arange(oh).to(x)[:, None] * stride - padding + tap // kw * dilation + moved[:, g, tap, 0]
            z = torch.arange(ow).to(x)[None, :] * stride - padding + tap % kw * dilation + moved[:, g, tap, 1]
            where = torch.stack([z / (width - 1) * 2 - 1, y / (height - 1) * 2 - 1], -1)
            value = F.grid_sample(part, where, mode='bilinear', padding_mode='zeros', align_corners=True)
            columns.append(value if mask is None else value * mask[:, g * taps + tap][:, None])
    read = torch.stack(columns, 0).reshape(offset_groups, taps, n, channels // offset_groups, oh, ow).permute(2, 0, 3, 1, 4, 5)
    read = read.reshape(n, groups, per_group, taps, oh, ow)
    out = torch.einsum('ngithw,goit->ngohw', read, weight.reshape(groups, outputs // groups, per_group, taps)).reshape(n, outputs, oh, ow)
    return out if bias is None else out + bias[:, None, None]


def deform(x, weights, offset_groups, bias=False, masked=False, dtype='float32', **options):
    n, channels, height, width = x
    stride, padding, dilation = (options.get(name, default) for name, default in (('stride', 1), ('padding', 0), ('dilation', 1)))
    sizes = [(size + 2 * padding - dilation * (k - 1) - 1) // stride + 1 for size, k in zip((height, width), weights[2:])]
    taps = weights[2] * weights[3]
    # Places are well between elements, where reading has a derivative.
    between = (torch.randint(-2, 2, (n, 2 * offset_groups * taps, *sizes)) + 0.125 + torch.rand(n, 2 * offset_groups * taps, *sizes) * 0.75).to(dtypes[dtype])
    operands = [quarters(*x, dtype=dtype), between, quarters(*weights, dtype=dtype)]
    operands += [quarters(weights[0], dtype=dtype)] if bias or masked else []
    operands += [quarters(n, offset_groups * taps, *sizes, dtype=dtype)] if masked else []
    run('deformConv2d', lambda *xs: deformed(*xs, **options), operands, options)


deform((2, 4, 6, 5), (3, 4, 3, 3), 1, padding=1, bias=True)
deform((1, 4, 7, 6), (4, 2, 3, 2), 2, stride=2, padding=1, masked=True)
deform((1, 2, 6, 6), (2, 2, 2, 2), 2, dilation=2, dtype='float64', masked=True)

Path(__file__).with_name('convolution.json').write_text('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]\n')
print(len(cases), 'cases')
