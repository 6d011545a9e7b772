// Shrinking and saving a graph that fails.

import { mkdirSync, writeFileSync } from 'node:fs'
import type { Graph } from '../../ir/graph.js'
import { printGraph } from '../../ir/print.js'
import { shrink } from './shrink.js'

/** The first problem of a graph on values made from the seed; undefined when there is none. */
export type Difference = (graph: Graph, seed: number) => string | undefined

/** Shrinks and saves; returns what to read. */
export function report(graph: Graph, seed: number, difference: Difference): string {
  const problem = difference(graph, seed)!
  const kind = problem.slice(0, 6)
  const small = shrink(graph, (candidate) => difference(candidate, seed)?.startsWith(kind) ?? false)
  const text = printGraph(small)
  const folder = new URL('failures/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${seed}.ir`, folder), `// seed ${seed}: ${problem.split('\n')[0]}\n${text}`)
  return `seed ${seed}: ${difference(small, seed) ?? problem}\n${text}`
}
