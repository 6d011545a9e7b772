// The benchmarks, in the order in which they run. Each is loaded only in the process that runs it.

import type { Benchmark } from './figure.js'

const loaders: Readonly<Record<string, () => Promise<{ benchmark: Benchmark }>>> = {
  record: () => import('../record.js'),
  chain: () => import('../chain.js'),
  first: () => import('../first.js'),
  elementwise: () => import('../elementwise.js'),
  pool: () => import('../pool.js'),
  rows: () => import('../rows.js'),
  fourier: () => import('../fourier.js'),
  order: () => import('../order.js'),
  matmul: () => import('../matmul.js'),
  attention: () => import('../attention.js'),
  recurrent: () => import('../recurrent.js'),
  conv: () => import('../conv.js'),
  mlp: () => import('../mlp.js'),
  steady: () => import('../steady.js'),
  loop: () => import('../loop.js'),
  scalar: () => import('../scalar.js'),
  million: () => import('../million.js'),
  mps: () => import('../mps.js'),
}

export const benchmarkNames: readonly string[] = Object.keys(loaders)

export async function loadBenchmark(name: string): Promise<Benchmark> {
  const load = loaders[name]
  if (load === undefined) throw new Error(`no benchmark is called ${name}`)
  return (await load()).benchmark
}
