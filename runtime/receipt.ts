// Receipts: what one realize did, measured. Listeners (profile, debug output) get them; without listeners nothing is measured.

export interface PassReceipt {
  readonly pass: string
  readonly nodesBefore: number
  readonly nodesAfter: number
  readonly milliseconds: number
  /** How often each named rule fired. */
  readonly rules: Readonly<Record<string, number>>
}

export interface Receipt {
  readonly device: string
  /** Milliseconds since the process's time origin. */
  readonly startedAt: number
  /** Nodes recorded, leaves included; 0 for a call of a compiled function, which records nothing. */
  readonly nodes: number
  readonly inputs: number
  readonly outputs: number
  readonly cacheHit: boolean
  /** Empty on a hit. */
  readonly passes: readonly PassReceipt[]
  /** Kernels in the one native call. */
  readonly kernels: number
  readonly offThread: boolean
  /** Walking the graph and looking the plan up. */
  readonly lookupMs: number
  /** Passes, lowering, native validation; 0 on a hit. */
  readonly compileMs: number
  /** The native call; for an off-thread run until its completion was seen. */
  readonly runMs: number
  /** Bytes of temporaries in the static plan, and of outputs. */
  readonly arenaBytes: number
  readonly outputBytes: number
  /** Most bytes of tensors alive so far in this process. */
  readonly peakBytes: number
}

export type ReceiptListener = (receipt: Receipt) => void

const listeners = new Set<ReceiptListener>()

/** Adds a listener; returns the way to remove it. */
export function onReceipt(listener: ReceiptListener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const receiptsWanted = (): boolean => listeners.size > 0

export function publishReceipt(receipt: Receipt): void {
  for (const listener of listeners) listener(receipt)
}
