"""Expected values of elementwise operations, reductions and casts, written to numpy.txt beside this script.

    pip install numpy ml_dtypes && python make_numpy.py

The stored file was made with numpy 2.4.6 and ml_dtypes 0.6.0. A line is

    selector <tab> axis or - <tab> units in the last place <tab> operands joined by "; " <tab> result

with tensors in the self-test's notation. Float functions are computed in float64 and rounded to float32, then to the type. Where MPSGraph is known to
differ from NumPy (the sign of zero, NaN in sign, halves in round, saturating casts) the difference is written out below.
"""

import math
from pathlib import Path

import ml_dtypes
import numpy as np

FLOATS = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}
INTEGERS = {f"{'i' if signed else 'u'}{bits}": np.dtype(f"{'int' if signed else 'uint'}{bits}").type for signed in (1, 0) for bits in (8, 16, 32, 64)}
TYPES = {**FLOATS, **INTEGERS, "bool": np.bool_}
NAMES = {np.dtype(type): name for name, type in TYPES.items()}
lines = []


def literal(array):
    array = np.atleast_1d(array)
    name = NAMES[array.dtype]
    if name in FLOATS:
        values = [("nan" if math.isnan(v) else "inf" if v == math.inf else "-inf" if v == -math.inf else v.hex()) for v in map(float, array.ravel())]
    else:
        values = [str(int(v)) for v in array.ravel()]
    return f"{name} {'x'.join(map(str, array.shape))}: {' '.join(values)}"


def emit(selector, operands, result, ulps=0, axis="-"):
    lines.append("\t".join([selector, str(axis), str(ulps), "; ".join(map(literal, operands)), literal(result)]))


def to_float(values, name):
    """float64 to the type by way of float32; results too small for a normal float32 are flushed to zero."""
    single = np.asarray(values, np.float64).astype(np.float32)
    if name != "f16":
        single = np.where(np.abs(single) < np.float32(2.0**-126), np.copysign(np.float32(0), single), single)
    return single.astype(FLOATS[name])


SPECIAL = [0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.1, -0.3, 3.7, -3.7, 10, -10, 0.001, 80, -80, math.inf, -math.inf, math.nan]


def signed_zero_away(f):
    return lambda x: np.where(f(x) == 0, 0.0, f(x))


EXACT = {
    "absolute": np.abs,
    "negative": np.negative,
    "sign": lambda x: np.where(np.isnan(x) | (x == 0), 0.0, np.sign(x)),
    "signbit": lambda x: np.where(np.isnan(x), 0.0, np.signbit(x).astype(np.float64)),
    "ceil": np.ceil,
    "floor": np.floor,
    "truncate": np.trunc,
    "rint": np.rint,
    "round": signed_zero_away(lambda x: np.copysign(np.floor(np.abs(x) + 0.5), x)),
    "squareRoot": np.sqrt,
    "square": np.square,
    "reciprocal": np.reciprocal,
}
CLOSE = {
    "exponent": np.exp, "exponentBase2": np.exp2, "exponentBase10": lambda x: np.power(10.0, x), "logarithm": np.log, "logarithmBase2": np.log2,
    "logarithmBase10": np.log10, "reciprocalSquareRoot": lambda x: 1 / np.sqrt(x), "reverseSquareRoot": lambda x: 1 / np.sqrt(x), "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "erf": np.vectorize(math.erf), "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "reLU": lambda x: np.where(x > 0, x, 0.0),
}
BINARY = {
    "addition": np.add, "subtraction": np.subtract, "multiplication": np.multiply, "division": np.divide, "modulo": np.fmod, "floorModulo": np.mod,
    "minimum": np.fmin, "maximum": np.fmax, "minimumWithNaNPropagation": np.minimum, "maximumWithNaNPropagation": np.maximum,
}
COMPARE = {
    "equal": np.equal, "notEqual": np.not_equal, "lessThan": np.less, "lessThanOrEqualTo": np.less_equal, "greaterThan": np.greater,
    "greaterThanOrEqualTo": np.greater_equal,
}
LOGICAL = {"logicalAND": np.logical_and, "logicalOR": np.logical_or, "logicalXOR": np.logical_xor}
NEGATED = {"logicalNAND": np.logical_and, "logicalNOR": np.logical_or, "logicalXNOR": np.logical_xor}
WITH_PAIR = "WithPrimaryTensor:secondaryTensor:name:"

np.seterr(all="ignore")
for name, dtype in FLOATS.items():
    x = np.array(SPECIAL).astype(dtype)
    wide = x.astype(np.float64)
    for method, f in EXACT.items():
        emit(f"{method}WithTensor:name:", [x], to_float(f(wide), name))
    for method, f in CLOSE.items():
        emit(f"{method}WithTensor:name:", [x], to_float(f(wide), name), ulps=1)
    for method, f in {"isNaN": np.isnan, "isInfinite": np.isinf, "isFinite": np.isfinite}.items():
        emit(f"{method}WithTensor:name:", [x], f(wide))
    # NaN is true.
    emit("notWithTensor:name:", [x], to_float(wide == 0, name))
    pairs = [0.0, -0.0, 1, -1.5, 3.25, -7, 7, math.inf, -math.inf, math.nan]
    a, b = (np.array(pairs)[:, None].astype(dtype), np.array(pairs)[None, :].astype(dtype))
    wa, wb = a.astype(np.float64), b.astype(np.float64)
    for method, f in BINARY.items():
        # Which zero wins a minimum, and the sign of a zero remainder, are not specified: any zero is accepted with ulps > 0.
        emit(method + WITH_PAIR, [a, b], to_float(f(wa, wb), name), ulps=1)
    emit("power" + WITH_PAIR, [a, b], to_float(np.power(wa, wb), name), ulps=1)
    emit("atan2" + WITH_PAIR, [a, b], to_float(np.arctan2(wa, wb), name), ulps=1)
    emit("divisionNoNaN" + WITH_PAIR, [a, b], to_float(np.where(wb == 0, 0.0, wa / wb), name), ulps=1)
    for method, f in COMPARE.items():
        emit(method + WITH_PAIR, [a, b], f(wa, wb))
    for method, f in LOGICAL.items():
        emit(method + WITH_PAIR, [a, b], to_float(f(wa != 0, wb != 0), name))
    for method, f in NEGATED.items():
        emit(method + WITH_PAIR, [a, b], to_float(~f(wa != 0, wb != 0), name))

for name, dtype in INTEGERS.items():
    info = np.iinfo(dtype)
    signed = name[0] == "i"
    bits = info.bits
    values = np.array(sorted({0, 1, 2, 3, 7, 100, info.max, info.max - 1, info.min, *([-1, -7, -2] if signed else [])}), dtype)
    a, b = values[:, None], values[None, :]
    for method, f in {"addition": np.add, "subtraction": np.subtract, "multiplication": np.multiply, "minimum": np.minimum, "maximum": np.maximum,
                      "bitwiseAND": np.bitwise_and, "bitwiseOR": np.bitwise_or, "bitwiseXOR": np.bitwise_xor}.items():
        emit(method + WITH_PAIR, [a, b], f(a, b))
    for method, f in COMPARE.items():
        emit(method + WITH_PAIR, [a, b], f(a, b))
    for method, f in LOGICAL.items():
        emit(method + WITH_PAIR, [a, b], f(a != 0, b != 0).astype(dtype))
    divisors = values[values != 0][None, :]
    exact = lambda f: np.array([[f(int(p), int(q)) for q in divisors[0]] for p in values], object)
    wrap = lambda array: np.array([((int(v) - info.min) % (1 << bits)) + info.min for v in array.ravel()], dtype).reshape(array.shape)
    quotient = lambda p, q: abs(p) // abs(q) * (1 if (p < 0) == (q < 0) else -1)
    emit("division" + WITH_PAIR, [a, divisors], wrap(exact(quotient)))
    emit("modulo" + WITH_PAIR, [a, divisors], wrap(exact(lambda p, q: p - q * quotient(p, q))))
    emit("floorModulo" + WITH_PAIR, [a, divisors], wrap(exact(lambda p, q: p % q)))
    powers = np.array([0, 1, 2, 3, 5], dtype)[None, :]
    emit("power" + WITH_PAIR, [a, powers], np.power(a, powers))
    # The count is taken modulo the width.
    counts = np.array([0, 1, bits - 1, bits, bits + 3], dtype)[None, :]
    masked = counts.astype(np.int64) % bits
    emit("bitwiseLeftShift" + WITH_PAIR, [a, counts], wrap(np.array([[int(p) << int(c) for c in masked[0]] for p in values], object)))
    emit("bitwiseRightShift" + WITH_PAIR, [a, counts], np.array([[int(p) >> int(c) for c in masked[0]] for p in values], dtype))
    emit("bitwiseNOTWithTensor:name:", [values], ~values)
    emit("bitwisePopulationCountWithTensor:name:", [values], np.array([bin(int(v) & ((1 << bits) - 1)).count("1") for v in values], dtype))
    emit("notWithTensor:name:", [values], (values == 0).astype(dtype))
    emit("absoluteWithTensor:name:", [values], np.abs(values))
    if signed:
        emit("negativeWithTensor:name:", [values], np.negative(values))
    if signed and bits < 64:
        emit("signWithTensor:name:", [values], np.sign(values))
        emit("signbitWithTensor:name:", [values], (values < 0).astype(dtype))

bools = np.array([False, True])
for method, f in {**LOGICAL, "equal": np.equal, "notEqual": np.not_equal}.items():
    emit(method + WITH_PAIR, [bools[:, None], bools[None, :]], f(bools[:, None], bools[None, :]))
emit("notWithTensor:name:", [bools], ~bools)

# Casts: floats truncate and saturate, NaN becomes 0; integers keep their low bits.
samples = [0.0, -0.0, 1, -1, 0.99, -0.99, 1.5, -2.5, 127, 128, -129, 255, 256, 40000, -40000, 3e9, -3e9, 1e19, 3e19, -1e19, math.inf, -math.inf, math.nan]
for name, dtype in FLOATS.items():
    x = np.array(samples).astype(dtype)
    for target, to in INTEGERS.items():
        info = np.iinfo(to)
        clip = lambda v: 0 if math.isnan(v) else info.max if v >= info.max else info.min if v <= info.min else int(v)
        emit("castTensor:toType:name:", [x], np.array([clip(float(v)) for v in x], to))
    for target in FLOATS:
        emit("castTensor:toType:name:", [x], x.astype(np.float32).astype(FLOATS[target]))
    emit("castTensor:toType:name:", [bools], bools.astype(np.float32).astype(dtype))
for name, dtype in INTEGERS.items():
    info = np.iinfo(dtype)
    x = np.array(sorted({0, 1, 77, 127, info.max, info.max // 2 + 1, info.min, *([-1, -77] if name[0] == "i" else []), *([16777217, 65519] if info.bits > 16 else [])}), dtype)
    for target, to in INTEGERS.items():
        emit("castTensor:toType:name:", [x], x.astype(to))
    for target, to in FLOATS.items():
        emit("castTensor:toType:name:", [x], x.astype(np.float32).astype(to))
    emit("castTensor:toType:name:", [np.array([0, 1], dtype)], bools)
    emit("castTensor:toType:name:", [bools], bools.astype(dtype))

# Reductions keep the reduced dimension. The values are small integers, exact in every type and order.
rng = np.random.default_rng(7)
for name in ("f32", "f16", "bf16", "i32", "i64"):
    x = rng.integers(-4, 5, (2, 3, 4)).astype(TYPES[name])
    x = np.where(x == 0, np.array(1).astype(x.dtype), x)
    for axis in (0, 1, 2, -1, -3):
        wide = x.astype(np.float64 if name in FLOATS else np.int64)
        for method, f in {"Sum": np.sum, "Product": np.prod, "Maximum": np.max, "Minimum": np.min}.items():
            emit(f"reduction{method}WithTensor:axis:name:", [x], f(wide, axis=axis, keepdims=True).astype(x.dtype), axis=axis)
        for method, f in {"ArgMaximum": np.argmax, "ArgMinimum": np.argmin}.items():
            emit(f"reduction{method}WithTensor:axis:name:", [x], f(wide, axis=axis, keepdims=True).astype(np.int32), axis=axis)
        for method, f in {"And": np.all, "Or": np.any}.items():
            masked = (x > 0).astype(x.dtype)
            emit(f"reduction{method}WithTensor:axis:name:", [masked], f(masked != 0, axis=axis, keepdims=True).astype(x.dtype), axis=axis)
for axis in (0, 1):
    x = rng.integers(0, 2, (3, 5)).astype(np.bool_)
    emit("reductionAndWithTensor:axis:name:", [x], np.all(x, axis=axis, keepdims=True), axis=axis)
    emit("reductionOrWithTensor:axis:name:", [x], np.any(x, axis=axis, keepdims=True), axis=axis)

x = np.array([[1, 2, 3, -1], [100, 100, -50, 0.5], [-3, -3, -3, -3]])
for name, dtype in FLOATS.items():
    rounded = x.astype(dtype)
    for axis in (0, 1, -1):
        wide = rounded.astype(np.float64)
        e = np.exp(wide - wide.max(axis=axis, keepdims=True))
        emit("softMaxWithTensor:axis:name:", [rounded], to_float(e / e.sum(axis=axis, keepdims=True), name), ulps=4 if name == "f32" else 1, axis=axis)

Path(__file__).with_name("numpy.txt").write_text("\n".join(lines) + "\n")
print(len(lines), "lines")
