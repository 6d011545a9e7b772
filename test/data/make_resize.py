"""Writes resize.json: PyTorch's interpolate over a grid of modes and sizes, forward and gradients.

Run with PyTorch installed: python test/data/make_resize.py.
"""
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(11)
cases = []


def flat(t):
    data = [float(f"{v:.8g}") for v in t.detach().flatten().tolist()]
    return {"shape": list(t.shape), "dtype": "float32", "data": [int(v) if v == int(v) else v for v in data]}


def add(shape, options):
    # In float64: the positions that PyTorch works out in float32 are off by more than the results are.
    x = (torch.randint(-16, 17, shape).double() / 4).requires_grad_()
    names = {"scaleFactor": "scale_factor", "alignCorners": "align_corners"}
    own = {names.get(key, key): tuple(value) if isinstance(value, list) else value for key, value in options.items()}
    out = F.interpolate(x, **own)
    cotangent = torch.randint(-8, 9, out.shape).double() / 4
    (grad,) = torch.autograd.grad(out, x, cotangent)
    cases.append({"fn": "interpolate", "inputs": [flat(x)], "args": [options], "out": [flat(out)], "cotangent": flat(cotangent), "grads": [flat(grad)]})


shapes = {1: [2, 3, 7], 2: [2, 2, 5, 6], 3: [1, 2, 3, 4, 5]}
targets = {1: ({"size": 14}, {"size": 3}, {"size": 10}, {"scaleFactor": 2}, {"scaleFactor": 0.6}),
           2: ({"size": [10, 12]}, {"size": [3, 9]}, {"size": 4}, {"size": [1, 6]}, {"scaleFactor": 2}, {"scaleFactor": [1.5, 0.5]}, {"scaleFactor": 1.3}, {"scaleFactor": [1.1, 2.1]}, {"scaleFactor": [2.1, 1.1]}),
           3: ({"size": [6, 4, 2]}, {"size": 5}, {"scaleFactor": 2}, {"scaleFactor": [1.5, 0.5, 1.2]})}
linear = {1: "linear", 2: "bilinear", 3: "trilinear"}
for n, shape in shapes.items():
    for target in targets[n]:
        for mode in ("nearest", "nearest-exact", "area"):
            add(shape, {**target, "mode": mode})
        for corners in (False, True):
            add(shape, {**target, "mode": linear[n], "alignCorners": corners})
            if n == 2:
                add(shape, {**target, "mode": "bicubic", "alignCorners": corners})
add(shapes[2], {"size": [7, 3]})
# From one element, and to one.
add([1, 1, 1, 4], {"size": [3, 2], "mode": "bilinear", "alignCorners": True})
add([1, 1, 3, 3], {"size": [1, 1], "mode": "bicubic", "alignCorners": True})

path = os.path.join(os.path.dirname(__file__), "resize.json")
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
print(len(cases), "cases")
