"""Writes sampling.json: PyTorch's grid_sample over all modes, forward and gradients for images and grids.

Run with PyTorch installed: python test/data/make_sampling.py.
"""
import itertools
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(13)
cases = []


def flat(t):
    data = [float(f"{v:.8g}") for v in t.detach().flatten().tolist()]
    return {"shape": list(t.shape), "dtype": "float32", "data": [int(v) if v == int(v) else v for v in data]}


modes = itertools.product(("bilinear", "nearest"), ("zeros", "border", "reflection"), (False, True), (([2, 2, 4, 5], [2, 3, 4, 2]), ([1, 3, 3, 7], [1, 5, 2, 2])))
for mode, padding, corners, (shape, points) in modes:
    x = (torch.randint(-16, 17, shape).double() / 4).requires_grad_()
    # Positions that float32 holds, beyond the borders too.
    grid = (torch.randint(-3 * 2**8, 3 * 2**8 + 1, points).double() / 2**8 + 1 / 1024).requires_grad_()
    out = F.grid_sample(x, grid, mode, padding, corners)
    cotangent = torch.randint(-8, 9, out.shape).double() / 4
    grads = torch.autograd.grad(out, (x, grid), cotangent)
    options = {"mode": mode, "paddingMode": padding, "alignCorners": corners}
    cases.append({"fn": "gridSample", "inputs": [flat(x), flat(grid)], "args": [options], "out": [flat(out)], "cotangent": flat(cotangent), "grads": [flat(g) for g in grads]})

path = os.path.join(os.path.dirname(__file__), "sampling.json")
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
print(len(cases), "cases")
