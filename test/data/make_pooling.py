"""Writes pooling.json: pooling by PyTorch over a grid of attributes, forward and gradients.

Run with PyTorch installed: python test/data/make_pooling.py. Every case: a function of lib/index.ts, its operands and arguments, what it returns, and, where floats come
out, the gradient of sum(result * cotangent) for the first operand.
"""
import itertools
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(7)
cases = []


def flat(t):
    values = t.detach().flatten().tolist()
    data = [float(f"{v:.8g}") for v in values] if t.is_floating_point() else values
    return {"shape": list(t.shape), "dtype": "float32" if t.is_floating_point() else "int32", "data": [int(v) if v == int(v) else v for v in data]}


def distinct(shape):
    n = int(torch.tensor(shape).prod())
    return ((torch.randperm(n).float() - n // 2) / 8).reshape(shape)


def add(fn, theirs, x, args, indices=None):
    x = x.clone().requires_grad_()
    out = theirs(x) if indices is None else theirs(x, indices)
    outs = list(out) if isinstance(out, tuple) else [out]
    cotangent = torch.randint(-8, 9, outs[0].shape).float() / 4
    (grad,) = torch.autograd.grad(outs[0], x, cotangent)
    inputs = [flat(x)] + ([] if indices is None else [flat(indices)])
    cases.append({"fn": fn, "inputs": inputs, "args": args, "out": [flat(o) for o in outs], "cotangent": flat(cotangent), "grads": [flat(grad)]})


shapes = {1: [2, 1, 11], 2: [1, 2, 7, 9], 3: [1, 1, 5, 4, 7]}
for n in (1, 2, 3):
    kernels = {1: [2, 3], 2: [2, 3, [3, 2]], 3: [2, [3, 2, 3]]}[n]
    for kernel, stride, padding, ceil in itertools.product(kernels, (None, 1, 3), (0, 1), (False, True)):
        options = {"padding": padding, "ceilMode": ceil, **({} if stride is None else {"stride": stride})}
        size = kernel if isinstance(kernel, int) else tuple(kernel)
        for dilation in (1, 2):
            if dilation == 2 and (n == 3 or ceil):
                continue
            own = {"kernel_size": size, "stride": stride, "padding": padding, "ceil_mode": ceil, "dilation": dilation, "return_indices": True}
            max_pool = getattr(F, f"max_pool{n}d")
            add(f"maxPool{n}d", lambda x: max_pool(x, **own), distinct(shapes[n]), [kernel, {**options, "dilation": dilation, "returnIndices": True}])
        if n == 3 and stride == 1:
            continue
        avg_pool = getattr(F, f"avg_pool{n}d")
        for include in (False, True):
            own = {"kernel_size": size, "stride": stride, "padding": padding, "ceil_mode": ceil, "count_include_pad": include}
            add(f"avgPool{n}d", lambda x: avg_pool(x, **own), distinct(shapes[n]), [kernel, {**options, "countIncludePad": include}])
        if n == 2 and padding == 1:
            own = {"kernel_size": size, "stride": stride, "padding": padding, "ceil_mode": ceil, "divisor_override": 5}
            add("avgPool2d", lambda x: avg_pool(x, **own), distinct(shapes[n]), [kernel, {**options, "divisorOverride": 5}])

# Without batches, and with windows larger than the stride at the end.
add("maxPool2d", lambda x: F.max_pool2d(x, 3, 2, 1), distinct([3, 6, 6]), [3, {"stride": 2, "padding": 1}])
add("maxPool1d", lambda x: F.max_pool1d(x, 4, 1), distinct([3, 6]), [4, {"stride": 1}])
add("avgPool2d", lambda x: F.avg_pool2d(x, (5, 4)), distinct([3, 5, 4]), [[5, 4]])

for norm in (1, 2, 3):
    x = distinct([2, 2, 6, 7]).abs() + 0.125
    add("lpPool2d", lambda x: F.lp_pool2d(x, norm, (2, 3)), x, [norm, [2, 3]])
    add("lpPool3d", lambda x: F.lp_pool3d(x, norm, (2, 1, 3), stride=2), x.reshape(1, 2, 2, 6, 7), [norm, [2, 1, 3], {"stride": 2}])
    add("lpPool1d", lambda x: F.lp_pool1d(x, norm, 3, stride=2), x[0], [norm, 3, {"stride": 2}])

for n in (1, 2, 3):
    pool, unpool = getattr(F, f"max_pool{n}d"), getattr(F, f"max_unpool{n}d")
    shape = {1: [2, 2, 8], 2: [2, 2, 6, 8], 3: [1, 2, 4, 4, 6]}[n]
    values, indices = pool(distinct(shape), 2, return_indices=True)
    add(f"maxUnpool{n}d", lambda x, i: unpool(x, i, 2), values, [2], indices)
# Windows that overlap return some positions more than once, and an odd size is not the least.
values, indices = F.max_pool2d(distinct([1, 2, 7, 7]), 3, 2, return_indices=True)
add("maxUnpool2d", lambda x, i: F.max_unpool2d(x, i, 3, 2, output_size=(8, 7)), values, [3, {"stride": 2, "outputSize": [8, 7]}], indices)

for n, shape, sizes in ((1, [2, 3, 11], (1, 4, 11, 13)), (2, [2, 2, 6, 7], (1, 3, [2, 5], [7, 7], [6, 14])), (3, [1, 2, 4, 5, 6], (2, [4, 2, 3]))):
    average, maximum = getattr(F, f"adaptive_avg_pool{n}d"), getattr(F, f"adaptive_max_pool{n}d")
    for size in sizes:
        add(f"adaptiveAvgPool{n}d", lambda x: average(x, size), distinct(shape), [size])
        add(f"adaptiveMaxPool{n}d", lambda x: maximum(x, size), distinct(shape), [size])

path = os.path.join(os.path.dirname(__file__), "pooling.json")
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
print(len(cases), "cases")
