"""Writes sparse.json: sparse matrices in three formats, dense again and times dense matrices. Values are SciPy's, gradients PyTorch's through the dense matrix.
Run: python make_sparse.py (scipy 1.17, torch 2.15, numpy 2.4)."""

import json
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
from stored import stored

rng = np.random.default_rng(13)
cases = []


def weights(shape, dtype):
    return np.arange(1, int(np.prod(shape)) + 1, dtype=dtype).reshape(shape)


def gradients(values, rows, columns, shape, dense, left):
    """Of the sum of the product times 1, 2, 3, ... with respect to the values and the dense operand."""
    v, d = torch.from_numpy(values).requires_grad_(), torch.from_numpy(dense).requires_grad_()
    a = torch.zeros(shape, dtype=v.dtype).index_put((torch.from_numpy(rows).long(), torch.from_numpy(columns).long()), v, accumulate=True)
    y = d @ a if left else a @ d
    (y * torch.from_numpy(weights(tuple(y.shape), dense.dtype))).sum().backward()
    return [stored(v.grad), stored(d.grad)]


def elements(count, shape, dtype, repeat):
    places = rng.choice(shape[0] * shape[1], count, replace=repeat)
    values = rng.integers(-16, 17, count)
    values = values.astype(dtype) if np.dtype(dtype).kind == 'i' else (values / 4).astype(dtype)
    return values, (places // shape[1]).astype(np.int32), (places % shape[1]).astype(np.int32)


for shape, count in (([4, 5], 7), ([1, 6], 3), ([7, 2], 9), ([30, 20], 90), ([6, 6], 0), ([5, 3], 15)):
    for dtype in ('float64', 'float32', 'int32', 'int64'):
        for kind in ('coo', 'csr', 'csc'):
            # Only COO holds elements that repeat; the others are what SciPy makes of the elements.
            values, rows, columns = elements(count, shape, dtype, kind == 'coo')
            matrix = sp.coo_matrix((values, (rows, columns)), shape=shape)
            if kind == 'coo':
                indices = [rows, columns]
            else:
                matrix = matrix.asformat(kind)
                values, indices = matrix.data, [matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)]
                rows, columns = (m.astype(np.int32) for m in matrix.tocoo().coords)
            one = {'format': kind, 'shape': shape, 'values': stored(values), 'indices': [stored(i.astype(np.int64) if dtype == 'int64' else i) for i in indices]}
            one['dense'] = stored(matrix.toarray())
            one['products'] = []
            for left, others in ((False, [shape[1]]), (False, [shape[1], 3]), (True, [shape[0]]), (True, [2, shape[0]]), (False, [shape[1], 33])):
                other = rng.integers(-8, 9, others)
                other = other.astype(dtype) if np.dtype(dtype).kind == 'i' else (other / 2).astype(dtype)
                product = other @ matrix if left else matrix @ other
                entry = {'left': left, 'other': stored(other), 'out': stored(product)}
                if dtype == 'float64':
                    entry['grads'] = gradients(values, rows, columns, shape, other, left)
                one['products'].append(entry)
            cases.append(one)

Path(__file__).with_name('sparse.json').write_text('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]\n')
