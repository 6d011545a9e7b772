// The library at work, top to bottom.

import { expect, it } from 'vitest'
import { inputNode } from '../ir/build.js'
import { Graph } from '../ir/graph.js'
import { builder as b } from '../ir/ops/index.js'
import { printGraph } from '../ir/print.js'
import { typeOf } from '../ir/type.js'
import { openDevice } from '../runtime/index.js'
import { Storage } from '../runtime/storage.js'

it('runs a chain', () => {
  const device = openDevice('cpu')
  const x = inputNode(typeOf('float32', [2, 2]))
  const s = inputNode(typeOf('float32', []))
  const y = b.emit('relu', [b.add(b.matmul(x, x), s)])
  const g = new Graph([x, s], [y])
  const exe = device.backend.compile(g, [false, true])
  console.log(printGraph(exe.graph))
  const xs = new Storage(x.type, device.backend.pool)
  xs.view().set([1, 2, 3, 4] as never)
  const out = new Storage(y.type, device.backend.pool)
  exe.run([xs, 1], [out])
  expect([...out.view()]).toEqual([8, 11, 16, 23])
})
