"""Writes random.json: what JAX draws from given keys. Run: python make_random.py (jax 0.10, threefry with jax_threefry_partitionable, its default)."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from stored import stored

jax.config.update('jax_enable_x64', True)
assert jax.config.jax_threefry_partitionable
random = jax.random

out = {'keys': [], 'draws': []}
for seed in [0, 1, 42, 2**31, 2**32 - 1, 2**32, 2**53 - 1, 1234567890123456789, -1, -(2**63)]:
    out['keys'].append({'seed': str(seed), 'key': stored(random.PRNGKey(seed))})

key = random.PRNGKey(20240607)
out['seed'] = 20240607
out['split'] = {str(n): [stored(k) for k in random.split(key, n)] for n in (1, 2, 5)}
out['foldIn'] = {str(n): stored(random.fold_in(key, n)) for n in (0, 1, 4294967295)}


def draw(fn, args, value, exact):
    out['draws'].append({'fn': fn, 'args': args, 'out': stored(value), 'exact': exact})


shapes = [[], [1], [7], [3, 4], [2, 1, 5], [0], [1000]]
for shape in shapes:
    for width in (8, 16, 32, 64):
        draw('bits', [shape, {'dtype': f'uint{width}'}], random.bits(key, shape, f'uint{width}'), True)
    for dtype in ('float16', 'bfloat16', 'float32', 'float64'):
        draw('uniform', [shape, {'dtype': dtype}], random.uniform(key, shape, dtype), True)
    for dtype in ('float32', 'float64'):
        draw('normal', [shape, {'dtype': dtype}], random.normal(key, shape, dtype), False)
draw('uniform', [[50], {'min': -2, 'max': 2}], random.uniform(key, (50,), 'float32', -2, 2), True)
draw('uniform', [[50], {'min': 0.1, 'max': 3}], random.uniform(key, (50,), 'float32', 0.1, 3), False)
draw('normal', [[50], {'dtype': 'float16'}], random.normal(key, (50,), 'float16'), False)
draw('truncatedNormal', [[50], -2, 2], random.truncated_normal(key, -2, 2, (50,), 'float32'), False)
draw('exponential', [[50]], random.exponential(key, (50,), 'float32'), False)
draw('gumbel', [[50]], random.gumbel(key, (50,), 'float32'), False)
for dtype, low, high in [
    ('int32', 0, 10),
    ('int32', -7, 9),
    ('int32', -(2**31), 2**31 - 1),
    ('int32', 0, 2**20),
    ('uint8', 0, 256),
    ('uint8', 3, 200),
    ('int8', -128, 128),
    ('int16', -5, 1000),
    ('uint16', 0, 65536),
    ('uint32', 0, 2**32),
    ('uint32', 5, 3000000000),
    ('int64', -(10**15), 10**15),
    ('uint64', 0, 10),
]:
    draw('randint', [[40], low, high, {'dtype': dtype}], random.randint(key, (40,), low, high, dtype), True)
draw('bernoulli', [0.3, {'shape': [100]}], random.bernoulli(key, jnp.float32(0.3), (100,)), True)
draw('bernoulli', [], random.bernoulli(key, jnp.float32(0.5)), True)
for n in (0, 1, 2, 10, 3000):
    draw('permutation', [n], random.permutation(key, jnp.arange(n, dtype='int32')), True)
x = np.arange(12, dtype='float32').reshape(3, 4)
out['x'] = stored(x)
draw('permutation', ['x'], random.permutation(key, x), True)
draw('permutation', ['x', {'axis': 1}], random.permutation(key, x, 1), True)
draw('permutation', ['x', {'axis': 1, 'independent': True}], random.permutation(key, x, 1, independent=True), True)
draw('permutation', ['x', {'independent': True}], random.permutation(key, x, 0, independent=True), True)
for options in [{}, {'axis': 0}, {'shape': [50, 3]}, {'axis': 0, 'shape': [6, 4]}]:
    draw('categorical', ['x', options], random.categorical(key, x, options.get('axis', -1), options.get('shape')).astype('int32'), True)
draw('choice', [10, {'shape': [20]}], random.randint(key, (20,), 0, 10, 'int32'), True)
draw('choice', [10, {'shape': [4], 'replace': False}], random.permutation(key, jnp.arange(10, dtype='int32'))[:4], True)

path = Path(__file__).with_name('random.json')
path.write_text(json.dumps(out, indent=None, separators=(',', ':')) + '\n')
print(len(out['draws']), 'draws')
