#!/usr/bin/env python3
"""Expected values of the ops that are not elementwise, from NumPy, checked against JAX where it has the op.

Usage: python3 -m venv v && v/bin/pip install numpy jax ml_dtypes && v/bin/python test/data/make_structural.py
Writes structural.json beside this file:
  { "cases": [ { op, dtype, attrs, inputs: [{dtype, shape, data}], outputs: [{dtype, shape, data}], ulp } ] }
data is flat, row-major. 64-bit integers and nan, inf, -inf, -0 are strings; bool is 0 / 1; float16 and bfloat16 are their values.
ulp is the allowed distance in units in the last place of the output dtype. Most inputs are small multiples of 1/8, so that sums and products are
exact in float32 in any order, and results are exact up to one final rounding: ulp 0. NaN equals NaN, and 0 equals -0 unless `zeroSign` is true.
"""
import itertools
import json
import os

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(20)

FLOATS = ["float32", "float64", "float16", "bfloat16"]
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
NUMERIC = FLOATS + INTS
ALL = NUMERIC + ["bool"]
FEW = ["float32", "bfloat16", "int8", "uint64"]
cases = []


def np_dtype(name):
    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)


def name_of(array):
    return str(array.dtype)


def is_float(array):
    return name_of(array) in FLOATS


def encode(array):
    array = np.asarray(array)
    name = name_of(array)
    flat = array.reshape(-1)
    if name in ("int64", "uint64"):
        data = [str(int(v)) for v in flat]
    elif name in FLOATS:
        data = []
        for v in flat.astype(np.float64):
            if np.isnan(v):
                data.append("nan")
            elif np.isinf(v):
                data.append("inf" if v > 0 else "-inf")
            elif v == 0 and np.signbit(v):
                data.append("-0")
            else:
                data.append(int(v) if v == int(v) and abs(v) < 2**53 else float(v))
    else:
        data = [int(v) for v in flat]
    return {"dtype": name, "shape": list(array.shape), "data": data}


def case(op, attrs, inputs, outputs, ulp=0, zero_sign=False):
    record = {
        "op": op,
        "dtype": name_of(inputs[0]),
        "attrs": attrs,
        "inputs": [encode(x) for x in inputs],
        "outputs": [encode(y) for y in outputs],
        "ulp": ulp,
    }
    if zero_sign:
        record["zeroSign"] = True
    cases.append(record)


def values(dtype, shape, low=-4, high=4, step=0.125):
    """Multiples of step in [low, high] for floats; the dtype's whole range for integers (so that arithmetic wraps)."""
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype in INTS:
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    return (rng.integers(round(low / step), round(high / step) + 1, shape) * step).astype(np_dtype(dtype))


def small(dtype, shape):
    """Few distinct values: ties are certain."""
    low = 0 if dtype.startswith("uint") else -2
    return rng.integers(low, 3, shape).astype(np_dtype(dtype))


def special(shape):
    """Floats with NaN, infinities and ties."""
    return rng.choice(np.array([np.nan, np.inf, -np.inf, 1.0, 1.0, -2.5, 0.0]), shape)


def wide(x):
    """Where NumPy computes: float64, or the integer itself (wrapping)."""
    return x.astype(np.float64) if is_float(x) else x


def narrow(y, dtype):
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(y).astype(np_dtype(dtype))


def close_to_jax(ours, theirs):
    a, b = np.asarray(ours), np.asarray(theirs)
    assert a.shape == b.shape, (a.shape, b.shape)
    assert np.array_equal(a.astype(np.float64), b.astype(np.float64), equal_nan=True), (a, b)


# ---------------------------------------------------------------- reductions
GRID = [((), ()), ((5,), (0,)), ((5,), ()), ((2, 3), (0,)), ((2, 3), (1,)), ((2, 3), (0, 1)), ((2, 3, 4), (1,)), ((2, 3, 4), (0, 2)),
        ((3, 1, 2), (1,)), ((1, 1), (0, 1)), ((37,), (0,)), ((3, 21), (1,)), ((21, 3), (0,))]
EMPTY = [((0,), (0,)), ((3, 0), (1,)), ((0, 3), (1,)), ((2, 0, 2), (0,))]


def reduce_np(op, x, axes, keep):
    kw = {"axis": tuple(axes), "keepdims": keep}
    with np.errstate(all="ignore"):
        if op == "sum":
            return np.sum(wide(x), dtype=wide(x).dtype, **kw)
        if op == "prod":
            return np.prod(wide(x), dtype=wide(x).dtype, **kw)
        if op == "max":
            return np.max(wide(x), **kw)
        if op == "min":
            return np.min(wide(x), **kw)
        if op == "nanmax":
            return np.fmax.reduce(wide(x), **kw)
        if op == "nanmin":
            return np.fmin.reduce(wide(x), **kw)
        if op == "any":
            return np.any(x, **kw)
        if op == "all":
            return np.all(x, **kw)
        return np.bitwise_xor.reduce(x, **kw)


def add_reduce(op, x, axes, keep, ulp=0):
    y = reduce_np(op, x, axes, keep)
    case(op, {"axes": list(axes), "keepDims": keep}, [x], [narrow(y, name_of(x))], ulp)


def factors(dtype, shape):
    """Factors whose products stay exact in float32."""
    return rng.choice([0.5, 1.0, 2.0, -1.0, -2.0, 1.5], shape, p=[0.2, 0.2, 0.2, 0.15, 0.2, 0.05]).astype(np_dtype(dtype))


for op in ["sum", "prod", "max", "min", "nanmax", "nanmin", "any", "all", "xor"]:
    dtypes = ["bool"] if op in ("any", "all") else INTS + ["bool"] if op == "xor" else NUMERIC
    for dtype in dtypes:
        for i, (shape, axes) in enumerate(GRID):
            if dtype not in FEW + ["bool"] and i % 3 != 0 and i != 7:
                continue
            x = factors(dtype, shape) if op == "prod" and dtype in FLOATS else values(dtype, shape)
            add_reduce(op, x, axes, i % 2 == 0)
    for shape, axes in EMPTY:
        size = int(np.prod([shape[a] for a in axes]))
        if op in ("max", "min", "nanmax", "nanmin") and size == 0:
            continue
        for dtype in dtypes[:1] + dtypes[-1:]:
            add_reduce(op, values(dtype, shape), axes, False)
    if op in ("sum", "max", "min", "nanmax", "nanmin", "prod"):
        for dtype in FLOATS:
            add_reduce(op, narrow(special((4, 6)), dtype), (1,), False)
            add_reduce(op, narrow(np.full((2, 3), np.nan), dtype), (1,), True)
            add_reduce(op, narrow([[np.nan, 1, 2], [-np.inf, -np.inf, -np.inf], [np.inf, np.nan, 1]], dtype), (0,), False)
            add_reduce(op, narrow([-0.0], dtype), (0,), False)
# Rounding is not exact here: values that need all bits, of one sign so that nothing cancels. 16 ulp allow any order of summation.
for dtype, ulp in [("float32", 16), ("float64", 16), ("float16", 1), ("bfloat16", 1)]:
    add_reduce("sum", (rng.random((3, 50)) + 0.5).astype(np_dtype(dtype)), (1,), False, ulp)
    add_reduce("prod", (rng.random((3, 20)) * 0.5 + 0.75).astype(np_dtype(dtype)), (1,), False, ulp)
# A float16 sum that overflows is infinite; a long bfloat16 sum does not stall at 256.
add_reduce("sum", np.full((3,), 60000, np.float16), (0,), False)
add_reduce("sum", np.full((1000,), 1, np_dtype("bfloat16")), (0,), False)
add_reduce("sum", np.full((3000,), 1, np.float16), (0,), False)
add_reduce("sum", np.full((5,), 2**31 - 1, np.int32), (0,), False)
add_reduce("sum", np.full((5,), 2**63 - 1, np.int64), (0,), False)
add_reduce("prod", np.full((5,), 65537, np.uint32), (0,), False)

# ---------------------------------------------------------------- positions of extremes
for op in ["argmax", "argmin"]:
    fn = np.argmax if op == "argmax" else np.argmin
    for dtype in NUMERIC:
        for shape, axis, keep in [((7,), 0, False), ((3, 5), 1, False), ((3, 5), 0, True), ((2, 3, 4), 1, False), ((3, 1), 1, True), ((1, 40), 1, False)]:
            if dtype not in FEW and shape in [(3, 1), (7,)]:
                continue
            x = small(dtype, shape) if len(shape) == 2 else values(dtype, shape)
            case(op, {"axis": axis, "keepDims": keep}, [x], [fn(wide(x), axis=axis, keepdims=keep).astype(np.int32)])
    for dtype in FLOATS:
        for rows in [special((6, 5)), np.full((2, 3), np.nan), np.array([[1, np.nan, 5, np.nan], [-0.0, 0.0, 0.0, -0.0], [np.inf, -np.inf, np.inf, 0]])]:
            x = narrow(rows, dtype)
            y = fn(wide(x), axis=1).astype(np.int32)
            close_to_jax(y, (jnp.argmax if op == "argmax" else jnp.argmin)(jnp.asarray(wide(x)), axis=1))
            case(op, {"axis": 1, "keepDims": False}, [x], [y])
    for dtype in ["int64", "uint64"]:
        info = np.iinfo(dtype)
        x = np.array([[info.max - 1, info.max, info.max], [info.min + 1, info.min, info.max], [2**53, 2**53 + 1, 2**53 - 1]], dtype)
        case(op, {"axis": 1, "keepDims": False}, [x], [fn(x, axis=1).astype(np.int32)])
    case(op, {"axis": 1, "keepDims": False}, [np.zeros((0, 3), np.float32)], [np.zeros((0,), np.int32)])
    case(op, {"axis": 1, "keepDims": True}, [np.zeros((0, 0), np.int8)], [np.zeros((0, 1), np.int32)])

# ---------------------------------------------------------------- scans
IDENTITY = {
    "cumsum": lambda d: 0,
    "cumprod": lambda d: 1,
    "cummax": lambda d: -np.inf if d in FLOATS else np.iinfo(d).min,
    "cummin": lambda d: np.inf if d in FLOATS else np.iinfo(d).max,
}
SCANS = {"cumsum": np.add, "cumprod": np.multiply, "cummax": np.maximum, "cummin": np.minimum}
JAX_SCANS = {"cumsum": jax.lax.cumsum, "cumprod": jax.lax.cumprod, "cummax": jax.lax.cummax, "cummin": jax.lax.cummin}


def scan_np(op, x, axis, exclusive, reverse):
    with np.errstate(all="ignore"):
        y = np.moveaxis(wide(x), axis, 0)
        y = y[::-1] if reverse else y
        y = SCANS[op].accumulate(y, axis=0, dtype=y.dtype)
        if exclusive and len(y):
            y = np.concatenate([np.full_like(y[:1], IDENTITY[op](name_of(x))), y[:-1]])
        y = y[::-1] if reverse else y
    return narrow(np.moveaxis(y, 0, axis), name_of(x))


def add_scan(op, x, axis, exclusive, reverse, ulp=0):
    y = scan_np(op, x, axis, exclusive, reverse)
    if not exclusive and name_of(x) in ("float64", "int64") and not np.isnan(wide(x)).any() and ulp == 0:
        close_to_jax(y, JAX_SCANS[op](jnp.asarray(x), axis=axis, reverse=reverse))
    case(op, {"axis": axis, "exclusive": exclusive, "reverse": reverse}, [x], [y], ulp)


for op in SCANS:
    for dtype in NUMERIC:
        for exclusive, reverse in itertools.product([False, True], repeat=2):
            for shape, axis in [((9,), 0), ((3, 4), 0), ((2, 3, 4), 1), ((3, 1), 1), ((1, 33), 1)]:
                if dtype not in FEW and shape not in [(9,), (3, 4)]:
                    continue
                if op == "cumprod" and dtype in FLOATS:
                    x = factors(dtype, shape)
                else:
                    x = values(dtype, shape)
                add_scan(op, x, axis, exclusive, reverse)
            if dtype in ("float32", "float16"):
                add_scan(op, narrow(special((5, 6)), dtype), 1, exclusive, reverse)
                add_scan(op, narrow([1, 3, np.nan, 5, 2, -np.inf, np.inf], dtype), 0, exclusive, reverse)
    for shape, axis in [((0,), 0), ((2, 0), 1), ((0, 3), 1)]:
        add_scan(op, values("float32", shape), axis, False, False)
        add_scan(op, values("int64", shape), axis, True, True)
# Carried in at least float32: a bfloat16 running sum does not stall.
add_scan("cumsum", np.full((600,), 1, np_dtype("bfloat16")), 0, False, False)
for dtype, ulp in [("float32", 16), ("float64", 16), ("float16", 1), ("bfloat16", 1)]:
    add_scan("cumsum", (rng.random((2, 30)) + 0.5).astype(np_dtype(dtype)), 1, False, True, ulp)
    add_scan("cumprod", (rng.random((2, 15)) * 0.5 + 0.75).astype(np_dtype(dtype)), 1, True, False, ulp)

# ---------------------------------------------------------------- movement
for dtype in ALL:
    few = dtype not in FEW + ["bool"]
    for shape, to in [((2, 6), (3, 4)), ((2, 3, 2), (12,)), ((), (1, 1)), ((1,), ()), ((0, 3), (2, 0, 5))][: 1 if few else None]:
        x = values(dtype, shape)
        case("reshape", {"shape": list(to)}, [x], [x.reshape(to)])
    for shape, perm in [((2, 3, 4), (2, 0, 1)), ((2, 3), (1, 0)), ((2, 1, 3, 2), (0, 3, 1, 2)), ((4,), (0,)), ((0, 2), (1, 0)), ((), ()),
                        ((5, 17), (1, 0)), ((2, 5, 7), (0, 2, 1)), ((1, 2, 1, 3, 2, 1), (5, 3, 1, 0, 4, 2))][: 1 if few else None]:
        x = values(dtype, shape)
        case("permute", {"permutation": list(perm)}, [x], [x.transpose(perm)])
    for shape, to in [((2, 1, 3), (2, 4, 3)), ((3,), (2, 3)), ((), (2, 2)), ((1, 1), (3, 1)), ((1, 3), (0, 3)), ((2, 3), (2, 3)), ((1, 2, 1), (3, 2, 2, 2))][
            : 1 if few else None]:
        x = values(dtype, shape)
        case("broadcast", {"shape": list(to)}, [x], [np.broadcast_to(x, to)])
    for shape, starts, sizes, steps in [
            ((4, 5, 6), (3, 0, 1), (2, 3, 2), (-2, 2, 4)), ((6,), (1,), (4,), (1,)), ((7,), (6,), (7,), (-1,)), ((7,), (5,), (3,), (-2,)),
            ((8, 3), (1, 0), (3, 2), (3, 2)), ((3, 4), (3, 1), (0, 2), (1, 1)), ((2, 3), (1, 2), (1, 1), (5, -7)), ((), (), (), ()),
            ((2, 40), (0, 39), (2, 20), (1, -2)), ((5, 5), (4, 0), (5, 5), (-1, 1))][: 1 if few else None]:
        x = values(dtype, shape)
        y = x[np.ix_(*[s + np.arange(n) * k for s, n, k in zip(starts, sizes, steps)])] if shape else x
        case("slice", {"starts": list(starts), "sizes": list(sizes), "steps": list(steps)}, [x], [y])
for dtype in FLOATS:
    x = narrow([[np.nan, -0.0, np.inf], [0.0, -np.inf, 1]], dtype)
    case("permute", {"permutation": [1, 0]}, [x], [x.T], zero_sign=True)
    case("slice", {"starts": [1, 2], "sizes": [2, 3], "steps": [-1, -1]}, [x], [x[::-1, ::-1]], zero_sign=True)
    case("concat", {"axis": 0}, [x, x], [np.concatenate([x, x])], zero_sign=True)

# ---------------------------------------------------------------- concat and pad
for dtype in ALL:
    few = dtype not in FEW + ["bool"]
    for shapes, axis in [([(2, 3, 2), (2, 1, 2), (2, 4, 2)], 1), ([(2, 3), (1, 3)], 0), ([(3,), (0,), (2,)], 0), ([(2, 2)], 1), ([(2, 0), (2, 0)], 0),
                         ([(2, 17), (2, 16)], 1), ([(1,)] * 9, 0)][: 1 if few else None]:
        xs = [values(dtype, s) for s in shapes]
        case("concat", {"axis": axis}, xs, [np.concatenate(xs, axis=axis)])
    for shape, low, high, value in [((2, 3), (0, 2), (1, 0), 1), ((3,), (1,), (2,), 0), ((2, 1, 2), (1, 0, 1), (0, 0, 1), 0), ((0, 2), (2, 0), (0, 1), 1),
                                    ((), (), (), 0), ((3, 5), (0, 0), (0, 0), 1)][: 1 if few else None]:
        x = values(dtype, shape)
        y = np.pad(x, list(zip(low, high)), constant_values=value) if shape else x
        case("pad", {"low": list(low), "high": list(high), "value": value}, [x], [narrow(y, dtype)])
x = values("float32", (2, 2))
case("pad", {"low": [1, 0], "high": [0, 1], "value": -2.5}, [x], [np.pad(x, [(1, 0), (0, 1)], constant_values=-2.5)])
x = values("int8", (3,))
case("pad", {"low": [1], "high": [1], "value": -128}, [x], [np.pad(x, 1, constant_values=-128)])

# ---------------------------------------------------------------- indexing: negative from the end; out of range reads 0, adds are dropped
def resolved(indices, n):
    at = np.where(indices < 0, indices.astype(np.int64) + n, indices.astype(np.int64))
    return at, (at >= 0) & (at < n)


def take_rule(x, indices, axis):
    n = x.shape[axis]
    if n == 0:
        return np.zeros(x.shape[:axis] + indices.shape + x.shape[axis + 1:], x.dtype)
    at, ok = resolved(indices, n)
    y = np.take(x, np.where(ok, at, 0), axis=axis)
    mask = ok.reshape((1,) * axis + indices.shape + (1,) * (x.ndim - axis - 1))
    return np.where(mask, y, np.zeros((), x.dtype))


def take_along_rule(x, indices, axis):
    n = x.shape[axis]
    if n == 0:
        return np.zeros(indices.shape, x.dtype)
    at, ok = resolved(indices, n)
    return np.where(ok, np.take_along_axis(x, np.where(ok, at, 0), axis=axis), np.zeros((), x.dtype))


def index_add_rule(base, indices, updates, axis):
    at, ok = resolved(indices, base.shape[axis])
    y = np.moveaxis(wide(base).copy(), axis, 0)
    u = np.moveaxis(wide(updates), axis, 0)
    np.add.at(y, at[ok], u[ok])
    return narrow(np.moveaxis(y, 0, axis), name_of(base))


def scatter_add_rule(base, indices, updates, axis):
    at, ok = resolved(indices, base.shape[axis])
    places = list(np.indices(indices.shape))
    places[axis] = at
    y = wide(base).copy()
    np.add.at(y, tuple(p[ok] for p in places), wide(updates)[ok])
    return narrow(y, name_of(base))


def indices_for(n, shape, dtype):
    return rng.integers(-n - 2, n + 2, shape).astype(dtype)


FAR = {"int32": [-2**31, 2**31 - 1], "int64": [-2**63, 2**63 - 1, 2**32, -2**32, 2**40 + 1]}
for dtype in ALL:
    few = dtype not in FEW + ["bool"]
    for k, (shape, axis, ishape) in enumerate([((2, 3, 4), 1, (5,)), ((5,), 0, (4,)), ((3, 4), 0, (2, 3)), ((2, 3), 1, ()), ((2, 3), 0, (0,)), ((0, 2), 0, (3,)),
                                               ((4, 33), 0, (6,)), ((3, 2, 2), 2, (2, 1, 2))][: 1 if few else None]):
        x = values(dtype, shape)
        idtype = ["int32", "int64"][k % 2]
        indices = indices_for(shape[axis], ishape, idtype)
        y = take_rule(x, indices, axis)
        if dtype == "float32" and shape[axis] > 0:
            close_to_jax(y, jnp.take(jnp.asarray(x), jnp.asarray(indices), axis=axis, mode="fill", fill_value=0))
        case("take", {"axis": axis}, [x, indices], [y])
    for k, (shape, axis, ishape) in enumerate([((2, 3, 4), 1, (2, 5, 4)), ((5,), 0, (4,)), ((3, 4), 1, (3, 2)), ((3, 2), 0, (0, 2)), ((0, 2), 0, (3, 2)), ((4, 20), 1, (4, 33))][
            : 1 if few else None]):
        x = values(dtype, shape)
        indices = indices_for(shape[axis], ishape, ["int64", "int32"][k % 2])
        y = take_along_rule(x, indices, axis)
        if dtype == "float32" and shape[axis] > 0:
            close_to_jax(y, jnp.take_along_axis(jnp.asarray(x), jnp.asarray(indices), axis=axis, mode="fill", fill_value=0))
        case("takeAlongAxis", {"axis": axis}, [x, indices], [y])
    if dtype == "bool":
        continue
    for k, (shape, axis, count) in enumerate([((2, 3, 4), 1, 5), ((5,), 0, 7), ((3, 4), 0, 2), ((3, 2), 0, 0), ((0, 2), 0, 3), ((4, 33), 0, 6), ((2, 3), 1, 12)][: 1 if few else None]):
        base, indices = values(dtype, shape), indices_for(shape[axis], (count,), ["int32", "int64"][k % 2])
        updates = values(dtype, shape[:axis] + (count,) + shape[axis + 1:])
        y = index_add_rule(base, indices, updates, axis)
        if dtype == "float32" and shape[axis] > 0:
            moved = jnp.moveaxis(jnp.asarray(base), axis, 0).at[jnp.asarray(indices)].add(jnp.moveaxis(jnp.asarray(updates), axis, 0), mode="drop")
            close_to_jax(y, jnp.moveaxis(moved, 0, axis))
        case("indexAdd", {"axis": axis}, [base, indices, updates], [y])
    for k, (shape, axis, ishape) in enumerate([((2, 3, 4), 1, (2, 5, 4)), ((5,), 0, (7,)), ((3, 4), 1, (3, 2)), ((3, 2), 0, (0, 2)), ((0, 2), 0, (3, 2)), ((3, 20), 1, (3, 30))][
            : 1 if few else None]):
        base, indices, updates = values(dtype, shape), indices_for(shape[axis], ishape, ["int64", "int32"][k % 2]), values(dtype, ishape)
        case("scatterAddAlongAxis", {"axis": axis}, [base, indices, updates], [scatter_add_rule(base, indices, updates, axis)])
for idtype, far in FAR.items():
    indices = np.array(far + [0, -1], idtype)
    x = np.array([1.5, 2.5, 3.5], np.float32)
    ones = np.ones(len(indices), np.float32)
    case("take", {"axis": 0}, [x, indices], [take_rule(x, indices, 0)])
    case("takeAlongAxis", {"axis": 0}, [x, indices], [take_along_rule(x, indices, 0)])
    case("indexAdd", {"axis": 0}, [x, indices, ones], [index_add_rule(x, indices, ones, 0)])
    case("scatterAddAlongAxis", {"axis": 0}, [x, indices, ones], [scatter_add_rule(x, indices, ones, 0)])
# Many additions to one place are rounded once.
case("indexAdd", {"axis": 0}, [np.zeros((2,), np.float16), np.zeros((40,), np.int32), np.full((40,), 0.125, np.float16)], [np.array([5, 0], np.float16)])
x = np.array([np.nan, 1, np.inf], np.float32)
i = np.array([0, 2, 5, -1], np.int32)
case("take", {"axis": 0}, [x, i], [np.array([np.nan, np.inf, 0, np.inf], np.float32)])

# ---------------------------------------------------------------- matmul
for dtype in NUMERIC:
    few = dtype not in FEW + ["float64", "int32"]
    for a_shape, b_shape in [((2, 3), (3, 4)), ((2, 1, 2, 3), (3, 3, 2)), ((1, 5), (5, 1)), ((2, 3, 4), (4, 2)), ((3, 2), (4, 2, 3)), ((7, 9), (9, 17)), ((2, 0), (0, 3)),
                             ((0, 2), (2, 3)), ((0, 2, 3), (3, 2)), ((1, 1), (1, 1)), ((3, 2, 4), (3, 4, 2)), ((17, 3), (3, 18)), ((1, 20), (20, 16))][: 2 if few else None]:
        a, b = values(dtype, a_shape), values(dtype, b_shape)
        case("matmul", {}, [a, b], [narrow(np.matmul(wide(a), wide(b)), dtype)])
a = narrow([[np.nan, 1], [np.inf, 0], [1, 1]], "float32")
b = narrow([[0, 1], [1, np.inf]], "float32")
with np.errstate(all="ignore"):
    case("matmul", {}, [a, b], [narrow([[np.nan, np.nan], [np.nan, np.nan], [1, np.inf]], "float32")])
for dtype, ulp in [("float32", 16), ("float64", 16), ("float16", 1), ("bfloat16", 1)]:
    a, b = (rng.random((3, 40)) + 0.5).astype(np_dtype(dtype)), (rng.random((40, 5)) + 0.5).astype(np_dtype(dtype))
    case("matmul", {}, [a, b], [narrow(np.matmul(a.astype(np.longdouble), b.astype(np.longdouble)).astype(np.float64), dtype)], ulp)

# ---------------------------------------------------------------- argsort: stable in both directions, NaN last in both
def argsort_rule(x, descending):
    if is_float(x):
        return np.argsort(-wide(x) if descending else wide(x), axis=-1, kind="stable").astype(np.int32)
    ranks = np.unique(x, return_inverse=True)[1].reshape(x.shape).astype(np.int64)
    return np.argsort(-ranks if descending else ranks, axis=-1, kind="stable").astype(np.int32)


for descending in [False, True]:
    for dtype in NUMERIC:
        few = dtype not in FEW
        for shape in [(3, 5), (7,), (2, 2, 4), (3, 1), (2, 0), (0, 3), (2, 40)][: 2 if few else None]:
            for x in [values(dtype, shape), small(dtype, shape)]:
                case("argsort", {"descending": descending}, [x], [argsort_rule(x, descending)])
    for dtype in FLOATS:
        for rows in [special((5, 8)), np.array([[-0.0, 0.0, -0.0, 0.0, np.nan, -1], [np.inf, np.nan, -np.inf, np.nan, np.inf, 0]])]:
            x = narrow(rows, dtype)
            y = argsort_rule(x, descending)
            if not descending:
                close_to_jax(y, jnp.argsort(jnp.asarray(wide(x)), axis=-1, stable=True))
            case("argsort", {"descending": descending}, [x], [y])
    for dtype in ["int64", "uint64"]:
        info = np.iinfo(dtype)
        x = np.array([info.max, info.min, 2**53 + 1, 2**53, info.max - 1, info.min + 1], dtype)
        case("argsort", {"descending": descending}, [x], [argsort_rule(x, descending)])

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "structural.json")
with open(path, "w") as out:
    out.write('{"cases":[\n')
    out.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in cases))
    out.write("\n]}\n")
print(len(cases), "cases,", os.path.getsize(path), "bytes")
