// Scopes: everything realized inside is freed when the scope ends, except what it returns.

import { AsyncLocalStorage } from 'node:async_hooks'
import { postorder } from '../ir/walk.js'
import { isRealized, onStorage, Storage } from './realize.js'
import type { Tensor } from './tensor.js'
import { tensorsOf } from './tree.js'

interface Scope {
  readonly storages: Set<Storage>
  /** Give the values at the end that outlive it. */
  readonly holders: Set<() => Tensor>
  readonly outer: Scope | undefined
}

const current = new AsyncLocalStorage<Scope>()
let open = 0

/**
 * Runs `fn` and frees the values realized inside it, except those its result (a tree of tensors, or a promise of one) needs and those passed to `keep`.
 * Lazy tensors in the result stay lazy; what they still need is kept. Tensors left over from inside throw `disposed` when used.
 */
export function scope<T>(fn: () => T): T {
  const own: Scope = { storages: new Set(), holders: new Set(), outer: current.getStore() }
  if (open++ === 0) onStorage((storage) => current.getStore()?.storages.add(storage))
  const close = (result?: unknown): void => {
    if (--open === 0) onStorage(undefined)
    const held = [...own.holders]
    for (const holder of held) own.outer?.holders.add(holder)
    const needed = neededBy([...tensorsOf(result), ...held.map((holder) => holder())])
    for (const storage of own.storages) {
      if (!needed.has(storage)) storage.dispose()
      else own.outer?.storages.add(storage)
    }
  }
  let result: T
  try {
    result = current.run(own, fn)
  } catch (error) {
    close()
    throw error
  }
  if (!(result instanceof Promise)) {
    close(result)
    return result
  }
  return result.then(
    (value: unknown) => {
      close(value)
      return value
    },
    (error: unknown) => {
      close()
      throw error
    },
  ) as T
}

/** Lets whatever value the function gives when a scope ends outlive the scopes there are now. */
export function outlive(holder: () => Tensor): void {
  current.getStore()?.holders.add(holder)
}

/** Lets a value realized in the current scope outlive it (and every scope around it). Returns the tensor. */
export function keep(x: Tensor): Tensor {
  const needed = neededBy([x])
  for (let at = current.getStore(); at !== undefined; at = at.outer) for (const storage of needed) at.storages.delete(storage)
  return x
}

function neededBy(tensors: readonly Tensor[]): Set<Storage> {
  const needed = new Set<Storage>()
  const nodes = postorder(
    tensors.map((tensor) => tensor.node),
    isRealized,
  )
  for (const node of nodes) if (node.bound instanceof Storage) needed.add(node.bound)
  return needed
}
