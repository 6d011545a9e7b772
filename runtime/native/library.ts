// Finds, builds if missing, loads and checks the native libraries: the CPU's, and MPSGraph's on machines that have it.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import koffi from 'koffi'
import { SinterError } from '../../ir/error.js'
import { settings } from '../settings.js'
import { type LibraryKind, parseHeader } from './header.js'

type Native = (...args: unknown[]) => unknown
/** A koffi function: callable, with an off-thread form. */
export type NativeFunction = Native & { async: (...args: unknown[]) => void }

export interface Library {
  readonly path: string
  /** Functions by their names in the header. */
  readonly call: Readonly<Record<string, NativeFunction>>
}

/** The package's root folder: the one that holds shim/sinter.h. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'shim', 'sinter.h'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new SinterError('native', 'shim/sinter.h is missing from the package', { hint: 'reinstall the package' })
    folder = parent
  }
  return folder
}

const loaded = new Map<LibraryKind, Library>()

/** The CPU library unless said otherwise, loaded once per thread. Throws `native` with what to install or set. */
export function library(kind: LibraryKind = 'cpu'): Library {
  let known = loaded.get(kind)
  if (known === undefined) {
    known = load(kind)
    loaded.set(kind, known)
  }
  return known
}

const fileNames: Readonly<Record<LibraryKind, string>> = { cpu: 'libsinter', mps: 'libsinter_mps' }
const variables = { cpu: 'SINTER_SHIM', mps: 'SINTER_MPS_SHIM' } as const

/** Whether this machine can have an MPSGraph library: it is a Mac, or SINTER_MPS_SHIM names one. */
export const mayHaveMps = (): boolean => process.platform === 'darwin' || settings().SINTER_MPS_SHIM !== undefined

function load(kind: LibraryKind): Library {
  const root = packageRoot()
  const prebuilt = settings()[variables[kind]]
  const path = prebuilt ?? join(root, 'shim', 'build', `${fileNames[kind]}${process.platform === 'darwin' ? '.dylib' : '.so'}`)
  if (prebuilt === undefined && !existsSync(path)) build(root, kind)
  if (!existsSync(path))
    throw new SinterError('native', `there is no library at ${path}`, { hint: `set ${variables[kind]} to a library built from shim/` })
  const header = parseHeader(readFileSync(join(root, 'shim', 'sinter.h'), 'utf8'), kind)
  try {
    const handle = koffi.load(path)
    const version = handle.func('int32_t sinter_abi_version(void)')() as number
    if (version !== header.abiVersion) {
      throw new SinterError('native', `${path} has ABI version ${version}, this package needs ${header.abiVersion}`, {
        hint: 'rebuild it with: node shim/build.mjs --force',
      })
    }
    const call: Record<string, NativeFunction> = {}
    for (const { name, text } of header.prototypes) call[name] = handle.func(text) as unknown as NativeFunction
    return { path, call }
  } catch (cause) {
    if (cause instanceof SinterError) throw cause
    throw new SinterError('native', `${path} could not be loaded: ${(cause as Error).message}`, {
      hint: 'rebuild it with: node shim/build.mjs --force',
      cause,
    })
  }
}

/** Runs the package's own build step; its message says what is missing. */
function build(root: string, kind: LibraryKind): void {
  const result = spawnSync(process.execPath, [join(root, 'shim', 'build.mjs'), '--quiet', ...(kind === 'mps' ? ['--mps'] : [])], {
    encoding: 'utf8',
  })
  if (result.status !== 0) {
    const text = `${result.stderr ?? ''}${result.stdout ?? ''}`.trim() || String(result.error ?? 'unknown failure')
    throw new SinterError('native', `the native library is missing and could not be built:\n${text}`, {
      hint: 'install a C++ compiler (Debian: apt-get install g++, macOS: xcode-select --install) or set SINTER_SHIM to a prebuilt library',
    })
  }
}

/** What the library says of itself, and where it was loaded from. */
export function nativeFacts(kind: LibraryKind = 'cpu'): Readonly<Record<string, string | number>> {
  const { path, call } = library(kind)
  const told = JSON.parse(String(call['sinter_info']!())) as Record<string, string | number | readonly string[]>
  const facts = Object.entries(told).map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : value] as const)
  return { library: path, ...(Object.fromEntries(facts) as Record<string, string | number>) }
}

/** Throws `native` with the library's last error unless `ok`. */
export function requireNative(ok: boolean, what: string, kind: LibraryKind = 'cpu'): void {
  if (!ok) throw new SinterError('native', `${what}: ${String(library(kind).call['sinter_last_error']!()) || 'failed without a message'}`)
}

/** A view of native memory, without a copy. The memory must outlive it. */
export function nativeView(address: bigint | number, bytes: number): ArrayBuffer {
  return koffi.view(BigInt(address), bytes)
}
