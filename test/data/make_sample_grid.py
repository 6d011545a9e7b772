"""Writes sample_grid.json: sampling with all coordinates, paddings and roundings, written out by their definition in NumPy, element by element.

An image is a function on all whole places: its padding says which element (and sign) stands at a place outside. Sampling blends four places, or reads one.
Gradients are sums by the same definition. Run with NumPy installed: python test/data/make_sample_grid.py.
"""
import itertools
import json
import math
import os

import numpy as np

rng = np.random.default_rng(29)
cases = []


def flat(a):
    data = [float(f"{v:.8g}") for v in np.asarray(a).flatten()]
    return {"shape": list(a.shape), "dtype": "float32", "data": [int(v) if v == int(v) else v for v in data]}


def padded(i, n, padding):
    """The element at place i and its sign, or None."""
    if 0 <= i < n:
        return i, 1
    if padding == "border":
        return min(max(i, 0), n - 1), 1
    if padding == "periodic":
        return i % n, 1
    if padding == "antiperiodic":
        return i % n, -1 if i // n % 2 else 1
    if padding == "symmetric":
        return min(i % (2 * n), 2 * n - 1 - i % (2 * n)), 1
    if padding == "reflect":
        period = max(2 * n - 2, 1)
        return min(i % period, period - i % period) if n > 1 else 0, 1
    return None


def nearest(p, rounding):
    low, part = math.floor(p), p - math.floor(p)
    if rounding == "floor":
        return low
    if rounding == "ceil":
        return math.ceil(p)
    if part != 0.5:
        return low + (part > 0.5)
    odd = low % 2 == 1
    return low + {"roundPreferCeil": 1, "roundPreferFloor": 0, "roundToEven": int(odd), "roundToOdd": int(not odd)}[rounding]


def position(c, n, place, options):
    """Where coordinate c lies, and what that changes by when c does."""
    scale = 1 if not options["normalizeCoordinates"] else (n - 1) / 2 if options["alignCorners"] else n / 2
    middle = place if options["relativeCoordinates"] else (n - 1) / 2 if options["normalizeCoordinates"] else 0
    return c * scale + middle, scale


def taps(p, options):
    """Places around a position, weights, and slopes of the weights."""
    if options["mode"] == "nearest":
        return [(nearest(p, options.get("nearestRoundingMode", "roundToEven")), 1, 0)]
    low = math.floor(p)
    return [(low, low + 1 - p, -1), (low + 1, p - low, 1)]


def add(shape, points, options):
    x = rng.integers(-16, 17, shape) / 4
    # Sixteenths of elements, halves often; derivatives jump at whole places, so that blends keep away from them.
    grid = np.zeros(points)
    for b, r, c, axis in np.ndindex(*points):
        n, place = (shape[3], c) if axis == 0 else (shape[2], r)
        wanted = int(rng.integers(-2 * n - 1, 3 * n)) + (rng.choice([0.5, 0.5, 0.25, 0.8125, 0]) if options["mode"] == "nearest" else rng.choice([0.25, 0.625, 0.8125]))
        at0, scale = position(0, n, place, options)
        # Coordinates that float32 holds. With nearest, only those whose position is exact, as a half may not move.
        grid[b, r, c, axis] = np.float32((wanted - at0) / scale) if scale else np.float32(0.25)
    cotangent = rng.integers(-8, 9, (shape[0], shape[1], points[1], points[2])) / 4
    out, dx, dgrid = np.zeros(cotangent.shape), np.zeros(shape), np.zeros(points)
    outside = options.get("constantValue", 0)
    for b, k, r, c in np.ndindex(*cotangent.shape):
        (px, sx), (py, sy) = position(grid[b, r, c, 0], shape[3], c, options), position(grid[b, r, c, 1], shape[2], r, options)
        for (i, wy, ty), (j, wx, tx) in itertools.product(taps(py, options), taps(px, options)):
            row, column = padded(i, shape[2], options["paddingMode"]), padded(j, shape[3], options["paddingMode"])
            value, g = outside, cotangent[b, k, r, c]
            if row and column:
                sign = row[1] * column[1]
                value = sign * x[b, k, row[0], column[0]]
                dx[b, k, row[0], column[0]] += g * sign * wy * wx
            out[b, k, r, c] += value * wy * wx
            dgrid[b, r, c] += [g * value * wy * tx * sx, g * value * wx * ty * sy]
    cases.append({"fn": "sampleGrid", "inputs": [flat(x), flat(grid)], "args": [options], "out": [flat(out)], "cotangent": flat(cotangent), "grads": [flat(dx), flat(dgrid)]})


paddings = ("zeros", "constant", "border", "reflect", "symmetric", "periodic", "antiperiodic")
roundings = ("roundToEven", "roundToOdd", "roundPreferFloor", "roundPreferCeil", "floor", "ceil")
flags = list(itertools.product((False, True), repeat=3))
for padding, (corners, normalized, relative) in itertools.product(paddings, flags):
    common = {"paddingMode": padding, "alignCorners": corners, "normalizeCoordinates": normalized, "relativeCoordinates": relative}
    if padding == "constant":
        common["constantValue"] = 1.5
    add([1, 2, 3, 5], [1, 3, 2, 2], {"mode": "bilinear", **common})
    # Sizes whose halves are powers of two: positions are exact.
    size = [1, 1, 5, 3] if corners else [1, 1, 2, 4]
    for rounding in roundings:
        add(size, [1, 2, 3, 2], {"mode": "nearest", "nearestRoundingMode": rounding, **common})
add([2, 1, 1, 4], [2, 2, 2, 2], {"mode": "bilinear", "paddingMode": "reflect", "alignCorners": False, "normalizeCoordinates": False, "relativeCoordinates": False})

path = os.path.join(os.path.dirname(__file__), "sample_grid.json")
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
print(len(cases), "cases")
