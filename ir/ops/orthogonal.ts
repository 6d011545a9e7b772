// Orthogonal factorizations in plain loops, for the reference implementations.

/** Q (m x m, row-major) and R (m x n) of A = Q R by Householder reflections, with LAPACK's signs. */
export function householder(a: Float64Array, m: number, n: number): { q: Float64Array; r: Float64Array } {
  const r = a.slice()
  const q = Float64Array.from({ length: m * m }, (_, i) => (i % (m + 1) === 0 ? 1 : 0))
  for (let j = 0; j < Math.min(m, n); j++) {
    let below = 0
    for (let i = j + 1; i < m; i++) below = Math.hypot(below, r[i * n + j]!)
    if (below === 0) continue
    const alpha = r[j * n + j]!
    const beta = -Math.hypot(alpha, below) * (alpha < 0 ? -1 : 1)
    const tau = (beta - alpha) / beta
    const v = Float64Array.from({ length: m }, (_, i) => (i < j ? 0 : i === j ? 1 : r[i * n + j]! / (alpha - beta)))
    const reflect = (x: Float64Array, columns: number): void => {
      for (let k = 0; k < columns; k++) {
        let sum = 0
        for (let i = j; i < m; i++) sum += v[i]! * x[i * columns + k]!
        for (let i = j; i < m; i++) x[i * columns + k] = x[i * columns + k]! - tau * v[i]! * sum
      }
    }
    reflect(r, n)
    for (let i = j + 1; i < m; i++) r[i * n + j] = 0
    // Q = H1 H2 ...: each reflection from the right.
    for (let i = 0; i < m; i++) {
      let sum = 0
      for (let k = j; k < m; k++) sum += q[i * m + k]! * v[k]!
      for (let k = j; k < m; k++) q[i * m + k] = q[i * m + k]! - tau * sum * v[k]!
    }
  }
  return { q, r }
}

/** The rotation that makes the off-diagonal element c of [[a, c], [c, b]] zero. */
function rotation(a: number, b: number, c: number): [cosine: number, sine: number] {
  const theta = (b - a) / (2 * c)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const cosine = 1 / Math.sqrt(t * t + 1)
  return [cosine, t * cosine]
}

/** Columns p and q of an m x n matrix rotated. */
function rotate(x: Float64Array, m: number, n: number, p: number, q: number, [cosine, sine]: readonly [number, number]): void {
  for (let i = 0; i < m; i++) {
    const a = x[i * n + p]!
    const b = x[i * n + q]!
    x[i * n + p] = cosine * a - sine * b
    x[i * n + q] = sine * a + cosine * b
  }
}

const identity = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0))
const sweeps = 60

/** Negates column j of x when the first of its elements that are largest in magnitude (but for rounding) is negative; says whether it did. */
function makeFirstPositive(x: Float64Array, m: number, n: number, j: number): boolean {
  let most = 0
  for (let i = 0; i < m; i++) most = Math.max(most, Math.abs(x[i * n + j]!))
  for (let i = 0; i < m; i++) {
    if (Math.abs(x[i * n + j]!) < most * (1 - 1e-3)) continue
    if (x[i * n + j]! >= 0) return false
    for (let k = 0; k < m; k++) x[k * n + j] = -x[k * n + j]!
    return true
  }
  return false
}

/** The columns of an m x n matrix in another order. */
const reordered = (x: Float64Array, m: number, n: number, order: readonly number[]): Float64Array =>
  Float64Array.from({ length: m * order.length }, (_, at) => x[Math.floor(at / order.length) * n + order[at % order.length]!]!)

/** Eigenvalues, ascending, and eigenvectors in columns, of the symmetric matrix that the lower triangle gives: cyclic Jacobi. */
export function jacobiEigen(lower: Float64Array, n: number): { w: Float64Array; v: Float64Array } {
  const a = Float64Array.from(
    { length: n * n },
    (_, i) => lower[Math.max(Math.floor(i / n), i % n) * n + Math.min(Math.floor(i / n), i % n)]!,
  )
  if (!a.every(Number.isFinite)) return { w: new Float64Array(n).fill(Number.NaN), v: a.fill(Number.NaN) }
  const v = identity(n)
  for (let sweep = 0, moved = true; moved && sweep < sweeps; sweep++) {
    moved = false
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const c = a[p * n + q]!
        if (Math.abs(c) <= 1e-17 * (Math.abs(a[p * n + p]!) + Math.abs(a[q * n + q]!)) || Math.abs(c) < 1e-290) continue
        moved = true
        const turn = rotation(a[p * n + p]!, a[q * n + q]!, c)
        rotate(a, n, n, p, q, turn)
        for (let k = 0; k < n; k++) {
          const x = a[p * n + k]!
          const y = a[q * n + k]!
          a[p * n + k] = turn[0] * x - turn[1] * y
          a[q * n + k] = turn[1] * x + turn[0] * y
        }
        a[p * n + q] = 0
        a[q * n + p] = 0
        rotate(v, n, n, p, q, turn)
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * (n + 1)]! - a[j * (n + 1)]!)
  const vectors = reordered(v, n, n, order)
  for (let j = 0; j < n; j++) makeFirstPositive(vectors, n, n, j)
  return { w: Float64Array.from(order, (i) => a[i * (n + 1)]!), v: vectors }
}

/** Makes column j of x orthogonal to those before it and of length 1, starting from the unit vector that is farthest from them. */
function completeColumn(x: Float64Array, m: number, n: number, j: number): void {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < m; i++) {
    let inside = 0
    for (let k = 0; k < j; k++) inside += x[i * n + k]! ** 2
    if (inside < least - 1e-9) [best, least] = [i, inside]
  }
  for (let i = 0; i < m; i++) x[i * n + j] = i === best ? 1 : 0
  for (let pass = 0; pass < 2; pass++) {
    for (let k = 0; k < j; k++) {
      let sum = 0
      for (let i = 0; i < m; i++) sum += x[i * n + k]! * x[i * n + j]!
      for (let i = 0; i < m; i++) x[i * n + j] = x[i * n + j]! - sum * x[i * n + k]!
    }
  }
  let length = 0
  for (let i = 0; i < m; i++) length = Math.hypot(length, x[i * n + j]!)
  for (let i = 0; i < m; i++) x[i * n + j] = x[i * n + j]! / length
}

const transposed = (x: Float64Array, m: number, n: number): Float64Array =>
  Float64Array.from({ length: m * n }, (_, at) => x[(at % m) * n + Math.floor(at / m)]!)

/** U (m x k), singular values, descending, and V^T (k x n) of an m x n matrix, k the smaller size: one-sided Jacobi. */
export function jacobiSvd(a: Float64Array, m: number, n: number): { u: Float64Array; s: Float64Array; vt: Float64Array } {
  if (m < n) {
    const { u, s, vt } = jacobiSvd(transposed(a, m, n), n, m)
    // The sign rule is about U.
    const left = transposed(vt, m, m)
    for (let j = 0; j < m; j++) if (makeFirstPositive(left, m, m, j)) for (let i = 0; i < n; i++) u[i * m + j] = -u[i * m + j]!
    return { u: left, s, vt: transposed(u, n, m) }
  }
  if (!a.every(Number.isFinite)) {
    const none = (size: number): Float64Array => new Float64Array(size).fill(Number.NaN)
    return { u: none(m * n), s: none(n), vt: none(n * n) }
  }
  const most = a.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  const scale = most > 0 ? 2 ** Math.floor(Math.log2(most)) : 1
  const x = a.map((value) => value / scale)
  const v = identity(n)
  // Columns this short are rounding errors of the others.
  const negligible = (n * 2.2e-16) ** 2 * x.reduce((sum, value) => sum + value * value, 0)
  const tolerance = 1e-15 * Math.sqrt(m)
  for (let sweep = 0, moved = true; moved && sweep < sweeps; sweep++) {
    moved = false
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        let pp = 0
        let qq = 0
        let pq = 0
        for (let i = 0; i < m; i++) {
          pp += x[i * n + p]! ** 2
          qq += x[i * n + q]! ** 2
          pq += x[i * n + p]! * x[i * n + q]!
        }
        if (Math.min(pp, qq) <= negligible || Math.abs(pq) <= tolerance * Math.sqrt(pp * qq)) continue
        moved = true
        const turn = rotation(pp, qq, pq)
        rotate(x, m, n, p, q, turn)
        rotate(v, n, n, p, q, turn)
      }
    }
  }
  const lengths = Array.from({ length: n }, (_, j) => {
    let length = 0
    for (let i = 0; i < m; i++) length = Math.hypot(length, x[i * n + j]!)
    return length
  })
  const order = lengths.map((_, j) => j).sort((i, j) => lengths[j]! - lengths[i]!)
  const s = Float64Array.from(order, (j) => lengths[j]!)
  const u = reordered(x, m, n, order)
  const right = reordered(v, n, n, order)
  for (let j = 0; j < n; j++) {
    if (s[j]! ** 2 > negligible) for (let i = 0; i < m; i++) u[i * n + j] = u[i * n + j]! / s[j]!
    else completeColumn(u, m, n, j)
    if (makeFirstPositive(u, m, n, j)) for (let i = 0; i < n; i++) right[i * n + j] = -right[i * n + j]!
  }
  return { u, s: s.map((value) => value * scale), vt: transposed(right, n, n) }
}
