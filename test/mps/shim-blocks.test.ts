// Control flow through the MPSGraph library: calls inside Objective-C blocks of all four kinds, performed when the framework asks for them.

import { describe, expect, it } from 'vitest'
import { device, missing, native, useEmulated } from './support/emulated.js'
import { cellsOf } from './support/native.js'
import {
  type Argument,
  asBytes,
  assemble,
  binary,
  block,
  call,
  feed,
  identity,
  integer,
  list,
  nil,
  type Parts,
  placeholder,
  real,
  target,
  value,
} from './support/words.js'

useEmulated()

const [float32, int32] = [0x10000020, 0x20000020]
const constant = (number: number, type = float32): Argument => call('constantWithScalar:dataType:', [real(number), integer(type)])
const shaped = (number: number): Argument => call('constantWithScalar:shape:dataType:', [real(number), list(integer(1)), integer(float32)])
const cast = (id: number): Argument => call('castTensor:toType:name:', [value(id), integer(float32), nil])

/** Compiles and runs a program of feeds and targets of one element each. */
function results(
  parts: Omit<Parts, 'feeds' | 'targets'>,
  feeds: readonly number[],
  targets: readonly number[],
  ...inputs: readonly (readonly number[])[]
): number[][] {
  const all = { ...parts, feeds: feeds.map((id) => feed(id, [1])), targets: targets.map((id) => target(id, [1])) }
  const executable = native.compile(device, asBytes(assemble(all)))
  const memory = [...feeds, ...targets].map(() => native.memory(device, [0]))
  const found = inputs.map((input) => {
    input.forEach((number, i) => {
      memory[i]!.floats[0] = number
    })
    native.number('sinter_mps_run', executable, cellsOf(memory), memory.length)
    return memory.slice(feeds.length).map(({ floats }) => floats[0]!)
  })
  native.number('sinter_mps_release', executable)
  for (const { handle } of memory) native.number('sinter_mps_buffer_free', handle)
  return found
}

describe.skipIf(missing !== undefined)('blocks', () => {
  it('if and else: both use values from outside', () => {
    const then = block(0, 0, [binary('subtraction', 0, 1), identity(4)], [4, 5])
    const otherwise = block(0, 0, [binary('multiplication', 0, 1)], [6, 1])
    const parts = {
      calls: [
        placeholder(1),
        placeholder(1),
        shaped(0),
        binary('greaterThan', 0, 2),
        call('ifWithPredicateTensor:thenBlock:elseBlock:name:', [value(3), then, otherwise, nil], { result: [2, 2] }),
        identity(7),
        identity(8),
      ],
      values: 11,
    }
    expect(results(parts, [0, 1], [9, 10], [5, 3], [-5, 3])).toEqual([
      [2, 2],
      [-15, 3],
    ])
  })

  it('for: the index comes first, then what is carried', () => {
    // Twice: (sum, product) -> (sum + i, product * 3), from (x, 1), four times.
    const body = block(2, 3, [cast(4), binary('addition', 5, 7), binary('multiplication', 6, 2)], [8, 9])
    const parts = {
      calls: [
        placeholder(1),
        constant(4, int32),
        shaped(3),
        shaped(1),
        call('forLoopWithNumberOfIterations:initialBodyArguments:body:name:', [value(1), list(value(0), value(3)), body, nil], {
          result: [2, 2],
        }),
        identity(10),
        identity(11),
      ],
      values: 14,
    }
    expect(results(parts, [0], [12, 13], [10], [0.5])).toEqual([
      [16, 81],
      [6.5, 81],
    ])
  })

  it('while: the condition passes values on to the body', () => {
    // Doubles x while it is below 100; carries the count too.
    const before = block(3, 2, [binary('lessThan', 4, 1)], [6, 4, 5])
    const after = block(1, 2, [binary('addition', 7, 7), binary('addition', 8, 2)], [9, 10])
    const parts = {
      calls: [
        placeholder(1),
        shaped(100),
        shaped(1),
        shaped(0),
        call('whileWithInitialInputs:before:after:name:', [list(value(0), value(3)), before, after, nil], { result: [2, 2] }),
        identity(11),
        identity(12),
      ],
      values: 15,
    }
    expect(results(parts, [0], [13, 14], [3], [100], [99])).toEqual([
      [192, 6],
      [100, 0],
      [198, 1],
    ])
  })

  it('inside blocks', () => {
    // If x > 0: x doubled three times by a loop; else -x. Values: 0 x, 1 zero, 2 three, 3 the predicate; in the first block 4 and 5 the loop's parameters, 6
    // a sum, 7 the loop's result; 8 in the second; 9 the result of both.
    const body = block(2, 2, [binary('addition', 5, 5)], [6])
    const loop = call('forLoopWithNumberOfIterations:initialBodyArguments:body:name:', [value(2), list(value(0)), body, nil], {
      result: [2, 1],
    })
    const then = block(0, 0, [loop], [7])
    const otherwise = block(0, 0, [binary('subtraction', 1, 0)], [8])
    const choice = call('ifWithPredicateTensor:thenBlock:elseBlock:name:', [value(3), then, otherwise, nil], { result: [2, 1] })
    const calls = [placeholder(1), shaped(0), constant(3, int32), binary('greaterThan', 0, 1), choice, identity(9)]
    expect(results({ calls, values: 11 }, [0], [10], [5], [-7])).toEqual([[40], [7]])
  })

  it('may fail at run time: the error belongs to the ticket, whoever asks and how often', async () => {
    // A loop whose step is fed: 0 is an error of the run.
    const body = block(2, 2, [identity(5)], [6])
    const bounds = [constant(0, int32), constant(3, int32)]
    const loop = call(
      'forLoopWithLowerBound:upperBound:step:initialBodyArguments:body:name:',
      [value(2), value(3), value(1), list(value(0)), body, nil],
      { result: [2, 1] },
    )
    const step = call('placeholderWithShape:dataType:name:', [list(integer(1)), integer(int32), nil])
    const feeds = [feed(0, [1]), [1, 0, int32, 1, 1]]
    const program = assemble({ calls: [placeholder(1), step, ...bounds, loop], values: 8, feeds, targets: [target(7, [1])] })
    const executable = native.compile(device, asBytes(program))
    const memory = [7, 0, 0].map((number) => native.memory(device, [number]))
    const [cells, steps] = [cellsOf(memory), new Int32Array(memory[1]!.floats.buffer)]
    const before = native.counters()
    const failed = native.number('sinter_mps_submit', executable, cells, 3)
    expect(await native.offThread('sinter_mps_wait', failed)).toBe(-1)
    expect(() => native.number('sinter_mps_wait', failed)).toThrow(/^the run failed: .*step 0 must be positive/)
    expect(() => native.number('sinter_mps_run', executable, cells, 3)).toThrow(/^the run failed: .*step 0 must be positive/)
    steps[0] = 1
    native.number('sinter_mps_run', executable, cells, 3)
    expect(memory[2]!.floats[0]).toBe(7)
    expect(() => native.number('sinter_mps_wait', failed)).toThrow(/step 0/)
    expect(native.counters()).toMatchObject({ inFlight: 0, runs: before.runs + 3 })
    native.number('sinter_mps_release', executable)
    for (const { handle } of memory) native.number('sinter_mps_buffer_free', handle)
  })

  it('are required where the method takes one', () => {
    expect(refusal(value(0), 0)).toMatch(/argument 1 must be a block$/)
  })

  const refusal = (dependent: Argument, made: number): string => {
    const before = native.counters()
    const outer = call('controlDependencyWithOperations:dependentBlock:name:', [list(), dependent, nil], { result: [2, 1] })
    const program = asBytes(
      assemble({
        calls: [placeholder(2), placeholder(3), outer, identity(0)],
        values: 4 + made,
        feeds: [feed(0, [2]), feed(1, [3])],
        targets: [target(3 + made, [2])],
      }),
    )
    expect(Number(native.call['sinter_mps_compile']!(device, program, program.length, 0))).toBe(0)
    expect(native.counters()).toEqual(before)
    return native.error()
  }

  it('say which of their calls failed', () => {
    expect(refusal(block(0, 0, [identity(0), binary('addition', 0, 1)], [2]), 2)).toMatch(
      /^call 4, additionWithPrimaryTensor:.*: raised .*MPSGraph would abort: /,
    )
    expect(refusal(block(0, 0, [call('nothing', [])], [2]), 1)).toBe('call 3, nothing: MPSGraph does not respond to nothing')
  })
})
