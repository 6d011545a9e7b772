// The reference device: the interpreter behind the backend interface. Slow and clear on purpose; the oracle for every other device.

import { explainGraph } from '../../../ir/explain.js'
import type { Graph } from '../../../ir/graph.js'
import { decode, encode, type HostTensor } from '../../../ir/host.js'
import { interpret } from '../../../ir/interpret.js'
import { typeOf } from '../../../ir/type.js'
import type { Argument, Backend, Executable } from '../../backend.js'
import { hostMemory } from '../../host-memory.js'
import { Pool } from '../../pool.js'
import { Storage } from '../../storage.js'

/** Opens the reference device. Its memory has no native address: nothing native ever runs on it. */
export function openReference(): Backend {
  return {
    name: 'reference',
    pool: new Pool(hostMemory(() => 0)),
    facts: {},
    compile: (graph) => new ReferenceExecutable(graph),
  }
}

class ReferenceExecutable implements Executable {
  readonly graph: Graph
  readonly estimatedNanoseconds = 0
  readonly arenaBytes = 0

  constructor(graph: Graph) {
    this.graph = graph
  }

  get kernels(): number {
    return this.graph.nodes.length - this.graph.inputs.length
  }

  get groups() {
    return explainGraph(this.graph)
  }

  run(inputs: readonly Argument[], outputs: readonly Storage[]): void {
    const values = inputs.map((input, i): HostTensor => {
      const type = this.graph.inputs[i]!.type
      return decode(type, input instanceof Storage ? input.view() : encodeScalar(type.dtype, input))
    })
    interpret(this.graph, values).forEach((value, i) => {
      outputs[i]!.view().set(encode(value) as never)
    })
  }

  dispose(): void {}
}

function encodeScalar(dtype: HostTensor['type']['dtype'], value: number | bigint) {
  const values =
    dtype === 'int64'
      ? BigInt64Array.of(BigInt(value))
      : dtype === 'uint64'
        ? BigUint64Array.of(BigInt(value))
        : Float64Array.of(Number(value))
  return encode({ type: typeOf(dtype, []), values })
}
