// Special functions that are composites of the ops.

import { ops } from '../ir/ops/index.js'
import { constant, widened } from './operand.js'
import { times } from './plain.js'
import { cast, floating, record, type TensorLike } from './record.js'
import type { Tensor } from './tensor.js'

// M. Giles, "Approximating the erfinv function", GPU Computing Gems 2 (2010): polynomials in w = -log(1 - x^2) around 2.5 and in sqrt(w) around 3,
// coefficients from the highest power down. XLA uses the same, so that normal random numbers agree with JAX's.
const single = [
  [2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941],
  [-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682],
] as const

const double = [
  [
    -3.64441206401782e-21, -1.6850591381820166e-19, 1.28584807152564e-18, 1.1157877678025181e-17, -1.333171662854621e-16,
    2.0972767875968562e-17, 6.637638134358324e-15, -4.054566272975207e-14, -8.151934197605472e-14, 2.6335093153082323e-12,
    -1.2975133253453532e-11, -5.415412054294628e-11, 1.0512122733215323e-9, -4.112633980346984e-9, -2.9070369957882005e-8,
    4.2347877827932404e-7, -1.3654692000834679e-6, -1.3882523362786469e-5, 0.00018673420803405714, -0.000740702534166267,
    -0.006033670871430149, 0.24015818242558962, 1.6536545626831027,
  ],
  [
    2.2137376921775787e-9, 9.075656193888539e-8, -2.7517406297064545e-7, 1.8239629214389228e-8, 1.5027403968909828e-6,
    -4.013867526981546e-6, 2.9234449089955446e-6, 1.2475304481671779e-5, -4.7318229009055734e-5, 6.828485145957318e-5,
    2.4031110387097894e-5, -0.0003550375203628475, 0.0009532893797373805, -0.0016882755560235047, 0.002491442096107851,
    -0.003751208507569241, 0.005370914553590064, 1.0052589676941592, 3.0838856104922208,
  ],
  [
    -2.7109920616438573e-11, -2.555641816996525e-10, 1.5076572693500548e-9, -3.789465440126737e-9, 7.61570120807834e-9,
    -1.496002662714924e-8, 2.914795345090108e-8, -6.771199775845234e-8, 2.2900482228026655e-7, -9.9298272942317e-7, 4.526062597223154e-6,
    -1.968177810553167e-5, 7.599527703001776e-5, -0.00021503011930044477, -0.00013871931833623122, 1.0103004648645344, 4.849906401408584,
  ],
] as const

const plus = (a: Tensor, b: number): Tensor => record(ops.add, [a, constant(b, a)])
const choose = (condition: Tensor, a: Tensor, b: Tensor): Tensor => record(ops.select, [condition, a, b])
const below = (x: Tensor, limit: number): Tensor => record(ops.less, [x, constant(limit, x)])

function polynomial(coefficients: readonly number[], x: Tensor): Tensor {
  let value = constant(coefficients[0]!, x)
  for (const coefficient of coefficients.slice(1)) value = plus(times(value, x), coefficient)
  return value
}

/** The inverse of erf: NaN outside [-1, 1], infinite at its ends. Within a few ulp; integers become float32. */
export function erfinv(x: TensorLike): Tensor {
  const own = floating(x, 'erfinv')
  const wide = widened(own)
  const one = constant(1, wide)
  // (1 - x)(1 + x) keeps its precision near the ends, where 1 - x^2 cancels.
  const rest = times(record(ops.sub, [one, wide]), record(ops.add, [one, wide]))
  return cast(inverse(wide, record(ops.neg, [record(ops.log, [rest])])), own.dtype)
}

/** The inverse of erf as XLA computes it, from log1p(-x^2): less precise near the ends, but the numbers that JAX draws. */
export function erfinvOfXla(x: Tensor): Tensor {
  const wide = widened(x)
  const w = record(ops.neg, [record(ops.log1p, [record(ops.neg, [times(wide, wide)])])])
  return cast(inverse(wide, w), x.dtype)
}

function inverse(x: Tensor, w: Tensor): Tensor {
  const factor = x.dtype === 'float64' ? doubleFactor(w) : singleFactor(w)
  const isEnd = record(ops.equal, [record(ops.abs, [x]), constant(1, x)])
  return choose(isEnd, times(x, constant(Number.POSITIVE_INFINITY, x)), times(factor, x))
}

function singleFactor(w: Tensor): Tensor {
  const near = below(w, 5)
  const t = choose(near, plus(w, -2.5), plus(record(ops.sqrt, [w]), -3))
  let value = choose(near, constant(single[0][0], w), constant(single[1][0], w))
  for (let i = 1; i < single[0].length; i++) {
    value = record(ops.add, [choose(near, constant(single[0][i]!, w), constant(single[1][i]!, w)), times(value, t)])
  }
  return value
}

function doubleFactor(w: Tensor): Tensor {
  const root = record(ops.sqrt, [w])
  const far = choose(below(w, 16), polynomial(double[1], plus(root, -3.25)), polynomial(double[2], plus(root, -5)))
  return choose(below(w, 6.25), polynomial(double[0], plus(w, -3.125)), far)
}
