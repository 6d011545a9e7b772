// The MPSGraph library on the emulated framework, driven directly: every exported function, buffers as typed arrays, cells of a run.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import koffi from 'koffi'
import { parseHeader } from '../../../runtime/native/header.js'
import { type NativeFunction, packageRoot } from '../../../runtime/native/library.js'
import { emulationFolder } from '../../mpsgraph/catalog.js'

/** Builds the library if it is out of date and returns its path; or the path that SINTER_MPS_SHIM gives. */
export function buildEmulation(...options: readonly string[]): string {
  const prebuilt = process.env['SINTER_MPS_SHIM']
  if (prebuilt) return prebuilt
  const { status, stderr } = spawnSync(process.execPath, [join(emulationFolder(), 'build.mjs'), '--quiet', ...options], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return join(emulationFolder(), options.includes('--sanitize') ? 'build-sanitize' : 'build', 'libsinter_mps.so')
}

/** Positions of the library's counters. */
const counterNames = ['buffers', 'bufferBytes', 'executables', 'runs', 'devices', 'inFlight', 'tensorData'] as const
export type Counters = Readonly<Record<(typeof counterNames)[number], number>>

const makesHandle = /_(open|alloc|address|compile|load|submit)$/

/** A buffer and a view of all of it. */
export interface Memory {
  readonly handle: number
  readonly floats: Float32Array
}

export class NativeMps {
  readonly call: Readonly<Record<string, NativeFunction>>

  constructor(path: string) {
    const handle = koffi.load(path)
    const { prototypes } = parseHeader(readFileSync(join(packageRoot(), 'shim', 'sinter.h'), 'utf8'), 'mps')
    this.call = Object.fromEntries(prototypes.map(({ name, text }) => [name, handle.func(text) as unknown as NativeFunction]))
  }

  error(): string {
    return String(this.call['sinter_last_error']!())
  }

  /** The number that a function returns; throws its error for -1, and for 0 where that is no handle. */
  number(name: string, ...args: readonly unknown[]): number {
    const result = Number(this.call[name]!(...args))
    if (result === -1 || (result === 0 && makesHandle.test(name))) throw new Error(this.error())
    return result
  }

  /** As `number`, on a thread of koffi's. The error of such a thread is not to be read from here. */
  offThread(name: string, ...args: readonly unknown[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.call[name]!.async(...args, (error: unknown, result: unknown) => (error ? reject(error) : resolve(Number(result))))
    })
  }

  counters(): Counters {
    return Object.fromEntries(counterNames.map((name, i) => [name, Number(this.call['sinter_counter']!(i))])) as Counters
  }

  compile(device: number, program: Uint8Array, level = 0): number {
    return this.number('sinter_mps_compile', device, program, program.length, level)
  }

  memory(device: number, values: readonly number[]): Memory {
    const handle = this.number('sinter_mps_buffer_alloc', device, values.length * 4)
    const address = this.call['sinter_mps_buffer_address']!(handle) as number | bigint
    const floats = new Float32Array(koffi.view(BigInt(address), values.length * 4) as ArrayBuffer)
    floats.set(values)
    return { handle, floats }
  }
}

/** Cells of a run: buffers with their whole length, and float32 scalars for inline feeds. */
export function cellsOf(args: readonly (Memory | number)[]): BigUint64Array {
  return BigUint64Array.from(
    args.flatMap((arg) =>
      typeof arg === 'number'
        ? [BigInt(new Uint32Array(Float32Array.of(arg).buffer)[0]!), 4n]
        : [BigInt(arg.handle), BigInt(arg.floats.byteLength)],
    ),
  )
}
