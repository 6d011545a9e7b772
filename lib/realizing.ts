// realize over trees: one plan for everything asked for together.

import { isRealizeOptions, type RealizeOptions, realizeChecked } from './crosscheck.js'
import { realizeNodes, realizeNodesSync } from './realize.js'
import type { Tensor } from './tensor.js'
import { tensorsOf } from './tree.js'

/**
 * Computes all tensors in the given trees, one plan per device; long plans run off-thread. With options last, `{ verify: 'cpu' }`, the same graph also runs on
 * that device, and a difference beyond rounding throws `mismatch`.
 */
export async function realize(...trees: readonly [...unknown[], RealizeOptions] | readonly unknown[]): Promise<void> {
  const options = trees.at(-1)
  if (isRealizeOptions(options)) {
    for (const [device, tensors] of byDevice(trees.slice(0, -1))) await realizeChecked(tensors.map(nodeOf), device, options)
    return
  }
  await Promise.all([...byDevice(trees)].map(([device, tensors]) => realizeNodes(tensors.map(nodeOf), device)))
}

/** As `realize`, before returning. */
export function realizeSync(...trees: readonly unknown[]): void {
  for (const [device, tensors] of byDevice(trees)) realizeNodesSync(tensors.map(nodeOf), device)
}

const nodeOf = (tensor: Tensor) => tensor.node

function byDevice(trees: readonly unknown[]): Map<string, Tensor[]> {
  const groups = new Map<string, Tensor[]>()
  for (const tensor of tensorsOf(trees)) {
    const group = groups.get(tensor.device)
    if (group === undefined) groups.set(tensor.device, [tensor])
    else group.push(tensor)
  }
  return groups
}
