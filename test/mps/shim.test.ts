// The MPSGraph library as a whole: compile, run, runs in flight, lifetimes. Values are small integers, so that every result is exact.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { device, missing, native, useEmulated } from './support/emulated.js'
import { cellsOf, type Memory } from './support/native.js'
import { asBytes, assemble, binary, bytes, call, feed, float32, identity, integer, list, placeholder, target } from './support/words.js'

useEmulated()

const program = (...parts: Parameters<typeof assemble>): Uint8Array => asBytes(assemble(...parts))
/** (a - b) * c, and a - b */
const two = program({
  calls: [placeholder(4), placeholder(4), placeholder(4), binary('subtraction', 0, 1), binary('multiplication', 3, 2)],
  values: 5,
  feeds: [feed(0, [4]), feed(1, [4]), feed(2, [4])],
  targets: [target(4, [4]), target(3, [4])],
})
/** Its operands, for which it gives 80, 120, 120, 80 and 8, 6, 4, 2, and room for its results. */
const operandsOfTwo = () => ({
  a: native.memory(device, [9, 8, 7, 6]),
  b: native.memory(device, [1, 2, 3, 4]),
  c: native.memory(device, [10, 20, 30, 40]),
  product: native.memory(device, [0, 0, 0, 0]),
  difference: native.memory(device, [0, 0, 0, 0]),
})
/** x * s + t with scalars s and t given inline */
const scaled = program({
  calls: [placeholder(4), placeholder(1), placeholder(1), binary('multiplication', 0, 1), binary('addition', 3, 2)],
  values: 5,
  feeds: [feed(0, [4]), feed(1, [1], true), feed(2, [1], true)],
  targets: [target(4, [4])],
})

const free = (...memory: readonly Memory[]): void => {
  for (const { handle } of memory) native.number('sinter_mps_buffer_free', handle)
}
const run = (executable: number, cells: BigUint64Array): number => native.number('sinter_mps_run', executable, cells, cells.length / 2)
const submit = (executable: number, cells: BigUint64Array): number =>
  native.number('sinter_mps_submit', executable, cells, cells.length / 2)

describe.skipIf(missing !== undefined)('the library', () => {
  it('says what it is', () => {
    const info = JSON.parse(String(native.call['sinter_info']!())) as Record<string, string>
    expect(info['framework']).toBe('emulated MPSGraph')
    expect(Object.keys(info).sort()).toEqual(['build', 'compiler', 'framework', 'os'])
    expect(native.number('sinter_abi_version')).toBe(2)
    expect(Number(native.call['sinter_counter']!(7))).toBe(-1)
  })

  it('describes its devices', () => {
    expect(native.number('sinter_mps_device_count')).toBe(1)
    const info = JSON.parse(String(native.call['sinter_mps_device_info']!(device))) as Record<string, unknown>
    expect(info).toMatchObject({ name: expect.stringMatching(/^Emulated/), family: expect.stringMatching(/^apple\d+$/), unified: true })
    expect(info['maxBufferBytes']).toBeGreaterThan(2 ** 30)
    expect(native.call['sinter_mps_device_info']!(device + 1)).toBeNull()
    expect(() => native.number('sinter_mps_device_open', 1)).toThrow(/no Metal device 1/)
  })

  it('knows methods by class and selector', () => {
    const responds = (name: string, selector: string): number => Number(native.call['sinter_mps_responds']!(name, selector))
    expect(responds('MPSGraph', 'identityWithTensor:name:')).toBe(1)
    expect(responds('MPSGraphDevice', 'deviceWithMTLDevice:')).toBe(1)
    expect(responds('MPSGraph', 'thisWithThat:')).toBe(0)
    expect(responds('MPSNothing', 'x')).toBe(-1)
  })

  it('gives zeroed buffers on pages, with room behind them', () => {
    const before = native.counters()
    const memory = native.memory(device, [0])
    expect(native.number('sinter_mps_buffer_address', memory.handle) % 4096).toBe(0)
    expect(native.counters()).toEqual({ ...before, buffers: before.buffers + 1, bufferBytes: before.bufferBytes + 4 })
    free(memory)
    expect(native.counters()).toEqual(before)
    expect(() => native.number('sinter_mps_buffer_free', memory.handle)).toThrow(/is no buffer/)
    expect(() => native.number('sinter_mps_buffer_address', memory.handle)).toThrow(/is no buffer/)
    expect(() => native.number('sinter_mps_buffer_alloc', device, 2 ** 50)).toThrow(/this device allows/)
  })
})

describe.skipIf(missing !== undefined)('runs', () => {
  it('bind feeds and targets by position, whatever order the executable has', () => {
    const executable = native.compile(device, two)
    const { a, b, c, product, difference } = operandsOfTwo()
    run(executable, cellsOf([a, b, c, product, difference]))
    expect([...product.floats]).toEqual([80, 120, 120, 80])
    expect([...difference.floats]).toEqual([8, 6, 4, 2])
    // The same buffers in other places, and one buffer for two feeds.
    run(executable, cellsOf([b, a, a, difference, product]))
    expect([...difference.floats]).toEqual([-72, -48, -28, -12])
    expect([...product.floats]).toEqual([-8, -6, -4, -2])
    native.number('sinter_mps_release', executable)
    free(a, b, c, product, difference)
  })

  it('leave out feeds that nothing needs', () => {
    const executable = native.compile(
      device,
      program({
        calls: [placeholder(2), placeholder(2), identity(1)],
        values: 3,
        feeds: [feed(0, [2]), feed(1, [2])],
        targets: [target(2, [2])],
      }),
    )
    const [unused, used, result] = [native.memory(device, [1, 2]), native.memory(device, [3, 4]), native.memory(device, [0, 0])]
    run(executable, cellsOf([unused, used, result]))
    expect([...result.floats]).toEqual([3, 4])
    native.number('sinter_mps_release', executable)
    free(unused, used, result)
  })

  it('keep the bytes of constants', () => {
    const constant = call('constantWithData:shape:dataType:', [bytes(4, 8), list(integer(2)), integer(float32)])
    const words = program({
      calls: [placeholder(2), constant, binary('addition', 0, 1)],
      values: 3,
      feeds: [feed(0, [2])],
      targets: [target(2, [2])],
      data: new Uint8Array(Float32Array.of(99, 5, 6).buffer),
    })
    const executable = native.compile(device, words)
    words.fill(0)
    const [x, y] = [native.memory(device, [10, 20]), native.memory(device, [0, 0])]
    run(executable, cellsOf([x, y]))
    expect([...y.floats]).toEqual([15, 26])
    native.number('sinter_mps_release', executable)
    free(x, y)
  })

  it('may be many in flight, each with its own inline scalars, and be waited for in any order', () => {
    const executable = native.compile(device, scaled)
    const x = native.memory(device, [1, 2, 3, 4])
    const results = Array.from({ length: 40 }, () => native.memory(device, [0, 0, 0, 0]))
    const tickets = results.map((result, i) => submit(executable, cellsOf([x, i, 1000 * i, result])))
    expect(new Set(tickets).size).toBe(tickets.length)
    expect(native.counters().inFlight).toBeLessThanOrEqual(8)
    for (const ticket of [...tickets].reverse()) native.number('sinter_mps_wait', ticket)
    expect(native.counters().inFlight).toBe(0)
    results.forEach((result, i) => {
      expect([...result.floats]).toEqual([1, 2, 3, 4].map((value) => value * i + 1000 * i))
    })
    // Waiting again is allowed; a ticket that was never given out is an error.
    for (const ticket of tickets) expect(native.number('sinter_mps_wait', ticket)).toBe(0)
    expect(() => native.number('sinter_mps_wait', tickets.at(-1)! + 1)).toThrow(/is no ticket of a run/)
    expect(() => native.number('sinter_mps_wait', 0)).toThrow(/0 is no ticket of a run/)
    native.number('sinter_mps_release', executable)
    free(x, ...results)
  })

  it('see what earlier ones wrote', () => {
    const executable = native.compile(device, scaled)
    const [a, b] = [native.memory(device, [1, 2, 3, 4]), native.memory(device, [0, 0, 0, 0])]
    let last = 0
    for (let i = 0; i < 20; i++) last = submit(executable, cellsOf(i % 2 === 0 ? [a, 1, 1, b] : [b, 1, 1, a]))
    native.number('sinter_mps_wait', last)
    expect([...a.floats]).toEqual([21, 22, 23, 24])
    native.number('sinter_mps_release', executable)
    free(a, b)
  })

  it('and compiles may come from several threads at once', async () => {
    const x = native.memory(device, [1, 2, 3, 4])
    const executables = (await Promise.all(
      Array.from({ length: 12 }, () => native.offThread('sinter_mps_compile', device, scaled, scaled.length, 0)),
    )) as number[]
    expect(executables.every((executable) => executable > 0)).toBe(true)
    const results = executables.map(() => native.memory(device, [0, 0, 0, 0]))
    const statuses = await Promise.all(
      executables.map((executable, i) => native.offThread('sinter_mps_run', executable, cellsOf([x, i, 0, results[i]!]), 4)),
    )
    expect(statuses.every((status) => status === 0)).toBe(true)
    results.forEach((result, i) => {
      expect([...result.floats]).toEqual([i, 2 * i, 3 * i, 4 * i])
    })
    for (const executable of executables) native.number('sinter_mps_release', executable)
    free(x, ...results)
  })
})

describe.skipIf(missing !== undefined)('arguments of runs are refused', () => {
  let executable: number
  let memory: Memory[]
  beforeAll(() => {
    executable = native.compile(device, scaled)
    memory = [native.memory(device, [1, 2, 3, 4]), native.memory(device, [0, 0, 0, 0]), native.memory(device, [0, 0])]
  })
  const [x, y, small] = [0, 1, 2]
  const changed = (change: (cells: BigUint64Array) => void): BigUint64Array => {
    const cells = cellsOf([memory[x]!, 2, 3, memory[y]!])
    change(cells)
    return cells
  }
  const cases: readonly (readonly [string, (cells: BigUint64Array) => void, RegExp])[] = [
    ['a target in a feed’s buffer', (cells) => cells.set([cells[0]!], 6), /argument 3: a target's buffer is another argument's too/],
    ['a freed or invented buffer', (cells) => cells.set([12345n], 0), /argument 0: 12345 is no buffer/],
    ['an executable as a buffer', (cells) => cells.set([BigInt(executable)], 6), /argument 3: \d+ is no buffer/],
    ['a length below the tensor’s', (cells) => cells.set([15n], 1), /argument 0: 15 bytes, its tensor has 16/],
    ['a length above the buffer’s', (cells) => cells.set([20n], 7), /argument 3: 20 bytes in a buffer of 16/],
    ['a buffer that is too small', (cells) => cells.set([BigInt(memory[small]!.handle)], 0), /argument 0: 16 bytes in a buffer of 8/],
    ['an inline feed of 8 bytes', (cells) => cells.set([8n], 3), /argument 1: 8 bytes, its tensor has 4/],
  ]
  for (const [name, change, message] of cases) {
    it(name, () => {
      const cells = changed(change)
      const before = native.counters()
      expect(() => run(executable, cells)).toThrow(message)
      expect(() => submit(executable, cells)).toThrow(message)
      // Buffers that were bound before are refused all the same.
      run(
        executable,
        changed(() => {}),
      )
      expect([...memory[y]!.floats]).toEqual([5, 7, 9, 11])
      expect(() => run(executable, cells)).toThrow(message)
      expect(native.counters()).toEqual({ ...before, runs: before.runs + 1, tensorData: native.counters().tensorData })
    })
  }

  it('too few, no cells, no executable', () => {
    const cells = changed(() => {})
    expect(() => native.number('sinter_mps_run', executable, cells, 3)).toThrow(/3 arguments given, the executable takes 4/)
    expect(() => native.number('sinter_mps_run', executable, null, 4)).toThrow(/4 arguments given/)
    expect(() => native.number('sinter_mps_run', memory[x]!.handle, cells, 4)).toThrow(/is no executable/)
  })

  it('of another device', () => {
    const other = native.number('sinter_mps_device_open', 0)
    const foreign = native.memory(other, [0, 0, 0, 0])
    expect(() =>
      run(
        executable,
        changed((cells) => cells.set([BigInt(foreign.handle)], 6)),
      ),
    ).toThrow(/argument 3: its buffer belongs to another device/)
    expect(() => native.number('sinter_mps_device_close', other)).toThrow(/the device has 1 buffers and executables/)
    free(foreign)
    expect(native.number('sinter_mps_device_close', other)).toBe(0)
    expect(() => native.number('sinter_mps_device_close', other)).toThrow(/is no device/)
  })

  afterAll(() => {
    if (missing !== undefined) return
    native.number('sinter_mps_release', executable)
    free(...memory)
  })
})

describe.skipIf(missing !== undefined)('lifetimes', () => {
  it('10,000 runs and 1,000 compiles leave nothing', () => {
    const before = native.counters()
    const executable = native.compile(device, scaled)
    const [x, y, z] = [native.memory(device, [1, 2, 3, 4]), native.memory(device, [0, 0, 0, 0]), native.memory(device, [0, 0, 0, 0])]
    const compileAndRelease = (count: number): void => {
      for (let i = 0; i < count; i++) native.number('sinter_mps_release', native.compile(device, scaled))
    }
    const runs = (count: number): void => {
      const cells = [cellsOf([x, 2, 3, y]), cellsOf([x, 4, 5, z])]
      for (let i = 0; i < count; i++) {
        if (i % 4 === 0) native.number('sinter_mps_wait', submit(executable, cells[1]!))
        else run(executable, cells[0]!)
      }
    }
    runs(500)
    compileAndRelease(100)
    const warm = native.counters()
    const resident = process.memoryUsage().rss
    runs(10_000)
    compileAndRelease(1000)
    expect(native.counters()).toEqual({ ...warm, runs: warm.runs + 10_000 })
    expect([...y.floats]).toEqual([5, 7, 9, 11])
    expect([...z.floats]).toEqual([9, 13, 17, 21])
    // Node's own heap moves by some megabytes; 100 bytes leaked per run and 10 kB per compile would be more than this.
    expect(process.memoryUsage().rss - resident).toBeLessThan(48 << 20)
    native.number('sinter_mps_release', executable)
    free(x, y, z)
    expect(native.counters()).toEqual({ ...before, runs: native.counters().runs })
  })

  it('buffers and executables given up in flight are kept for the run, then go', () => {
    const before = native.counters()
    const executable = native.compile(device, scaled)
    const x = native.memory(device, [1, 2, 3, 4])
    const results = Array.from({ length: 8 }, () => native.memory(device, [0, 0, 0, 0]))
    const tickets = results.map((result, i) => submit(executable, cellsOf([x, i, 0, result])))
    free(x)
    native.number('sinter_mps_release', executable)
    expect(() => run(executable, cellsOf([x, 1, 1, results[0]!]))).toThrow(/is no executable/)
    for (const ticket of tickets) native.number('sinter_mps_wait', ticket)
    results.forEach((result, i) => {
      expect([...result.floats]).toEqual([i, 2 * i, 3 * i, 4 * i])
    })
    free(...results)
    expect(native.counters()).toEqual({ ...before, runs: before.runs + 8 })
  })

  it('a freed buffer is not kept by what it was bound to, nor bound by its number again', () => {
    const executable = native.compile(device, scaled)
    const [x, y] = [native.memory(device, [1, 2, 3, 4]), native.memory(device, [0, 0, 0, 0])]
    const cells = cellsOf([x, 2, 3, y])
    run(executable, cells)
    const before = native.counters()
    free(x)
    expect(native.counters()).toEqual({
      ...before,
      buffers: before.buffers - 1,
      bufferBytes: before.bufferBytes - 16,
      tensorData: before.tensorData - 1,
    })
    expect(() => run(executable, cells)).toThrow(/argument 0: \d+ is no buffer/)
    native.number('sinter_mps_release', executable)
    free(y)
  })

  it('a buffer used with many shapes keeps a few tensor data objects', () => {
    const memory = [native.memory(device, new Array<number>(24).fill(1)), native.memory(device, new Array<number>(24).fill(0))] as const
    const before = native.counters()
    for (let size = 1; size <= 24; size++) {
      const executable = native.compile(
        device,
        program({ calls: [placeholder(size), identity(0)], values: 2, feeds: [feed(0, [size])], targets: [target(1, [size])] }),
      )
      run(executable, cellsOf(memory))
      native.number('sinter_mps_release', executable)
    }
    expect(native.counters().tensorData - before.tensorData).toBeLessThanOrEqual(8)
    free(...memory)
    expect(native.counters().tensorData).toBe(before.tensorData)
  })
})

describe.skipIf(missing !== undefined)('packages', () => {
  const folder = missing === undefined ? mkdtempSync(join(tmpdir(), 'sinter-mps-')) : ''
  afterAll(() => {
    if (folder !== '') rmSync(folder, { recursive: true, force: true })
  })
  const load = (bytes: Uint8Array, path: string): number => native.number('sinter_mps_load', device, bytes, bytes.length, 0, path)

  it('give the executable back, with its order of feeds and targets', () => {
    const path = join(folder, 'two.mpsgraphpackage')
    const saved = native.compile(device, two)
    native.number('sinter_mps_save', saved, path)
    native.number('sinter_mps_save', saved, path)
    native.number('sinter_mps_release', saved)
    const executable = load(two, path)
    const { a, b, c, product, difference } = operandsOfTwo()
    run(executable, cellsOf([a, b, c, product, difference]))
    expect([...product.floats]).toEqual([80, 120, 120, 80])
    expect([...difference.floats]).toEqual([8, 6, 4, 2])
    native.number('sinter_mps_release', executable)
    free(a, b, c, product, difference)
  })

  it('are refused when missing, of another program, or damaged', () => {
    const path = join(folder, 'other.mpsgraphpackage')
    expect(() => load(two, path)).toThrow(/does not exist/)
    const saved = native.compile(device, two)
    native.number('sinter_mps_save', saved, path)
    native.number('sinter_mps_release', saved)
    expect(() => load(scaled, path)).toThrow(/is damaged|was saved from another program/)
    writeFileSync(`${path}.order`, 'sinter-order 1 0 0')
    expect(() => load(two, path)).toThrow(/is damaged/)
    rmSync(`${path}.order`)
    expect(() => load(two, path)).toThrow(/\.order is missing/)
    expect(() => native.number('sinter_mps_save', device, path)).toThrow(/is no executable/)
  })
})
