"""Writes philox.json: words of Philox4x32-10 written out, and draws of PyTorch's stateless generator. Run: python make_philox.py (torch 2.15)."""

import json
from pathlib import Path

import torch
from stored import stored

aten = torch.ops.aten
MASK = 2**32 - 1


def block(counter, key):
    """Salmon et al. (2011), with integers of Python."""
    c, k = list(counter), list(key)
    for _ in range(10):
        first, second = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [second >> 32 ^ c[1] ^ k[0], second & MASK, first >> 32 ^ c[3] ^ k[1], first & MASK]
        k = [k[0] + 0x9E3779B9 & MASK, k[1] + 0xBB67AE85 & MASK]
    return c


# The known answers of Random123's kat_vectors.
known = [
    ([0] * 4, [0] * 2, '6627e8d5 e169c58d bc57ac4c 9b00dbd8'),
    ([MASK] * 4, [MASK] * 2, '408f276d 41c83b0e a20bc7c6 6d5451fd'),
    ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0], 'd16cfe09 94fdcceb 5001e420 24126ea1'),
]
for counter, key, words in known:
    assert block(counter, key) == [int(word, 16) for word in words.split()]


def whole(words):
    return str(sum(word << 32 * i for i, word in enumerate(words)))


streams = []
for counter, key, n in [(c, k, 4) for c, k, _ in known] + [
    ([7, 0, 0, 0], [1, 0], 23),
    ([MASK - 1, 0, 0, 0], [12345, 6789], 16),
    ([MASK - 1, MASK, 0, 5], [12345, 6789], 16),
    ([MASK, MASK, MASK, 1], [3, 4], 8),
    ([MASK - 1, MASK, MASK, MASK], [3, 4], 13),
]:
    start = sum(word << 32 * i for i, word in enumerate(counter))
    blocks = -(-n // 4)
    split = lambda at: [at >> 32 * i & MASK for i in range(4)]
    streams.append({
        'counterLow': whole(counter[:2]),
        'counterHigh': whole(counter[2:]),
        'key': whole(key),
        'words': [word for i in range(blocks) for word in block(split((start + i) % 2**128), key)][:n],
        'next': split((start + blocks) % 2**128),
    })

draws = []
SEED, OFFSET = 0x1234567890ABCDEF, 0x77


def draw(fn, args, value):
    draws.append({'fn': fn, 'args': args, 'out': stored(value.to(torch.float32)) | {'dtype': 'bfloat16'} if value.dtype == torch.bfloat16 else stored(value)})


key = torch.tensor([SEED, OFFSET], dtype=torch.uint64)
for shape in ([], [1], [7], [3, 5], [200], [0]):
    for dtype in ('float32', 'float64', 'float16', 'bfloat16'):
        empty = torch.empty(shape, dtype=getattr(torch, dtype))
        draw('uniform', [shape, {'dtype': dtype}], aten._philox_uniform_(empty.clone(), key, 0.0, 1.0))
        draw('normal', [shape, {'dtype': dtype}], aten._philox_normal_(empty.clone(), key, 0.0, 1.0))
        if shape == [7] and dtype[0] == 'f' and dtype != 'float16':
            draw('uniform', [shape, {'dtype': dtype, 'min': -3, 'max': 2}], aten._philox_uniform_(empty.clone(), key, -3.0, 2.0))
            draw('normal', [shape, {'dtype': dtype, 'mean': 3, 'std': 2}], aten._philox_normal_(empty.clone(), key, 3.0, 2.0))
for dtype, low, high in [
    ('int32', -10, 1000),
    ('int32', -(2**31), 2**30 - 2**31),
    ('int32', 0, 2**28 - 1),
    ('int8', -128, 128),
    ('uint8', 3, 200),
    ('int16', -5, 1000),
    ('int64', -5, 100),
    ('int64', 0, 2**32),
    ('int64', -(10**15), 10**15),
]:
    draw('randint', [[40], low, high, {'dtype': dtype}], aten._philox_randint_(torch.empty(40, dtype=getattr(torch, dtype)), key, low, high))

out = {'seed': str(SEED), 'offset': OFFSET, 'streams': streams, 'draws': draws}
Path(__file__).with_name('philox.json').write_text(json.dumps(out, separators=(',', ':')) + '\n')
