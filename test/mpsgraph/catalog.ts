// Reads the listing of MPSGraph's public interface in catalog/.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../runtime/index.js'

/** A method or property. */
export interface Member {
  readonly header: string
  readonly class: string
  readonly selector: string
  readonly kind: 'instance method' | 'class method' | 'instance property'
  readonly returnType: string
  readonly parameterTypes: readonly string[]
  readonly parameterNames: readonly string[]
  /** First macOS that has it, '' when the headers do not say. */
  readonly macos: string
  /** macOS that deprecated it, '' when none did. */
  readonly deprecated: string
  readonly attributes: readonly string[]
}

export interface EnumMember {
  readonly enumeration: string
  readonly case: string
  readonly value: string
  readonly macos: string
  readonly underlying: string
}

export interface ClassEntry {
  readonly class: string
  readonly superclass: string
  readonly macos: string
}

export interface Typedef {
  readonly name: string
  readonly underlying: string
}

export interface Catalog {
  readonly members: readonly Member[]
  readonly enums: readonly EnumMember[]
  readonly classes: readonly ClassEntry[]
  readonly typedefs: readonly Typedef[]
}

/** The emulation's sources. */
export const emulationFolder = (): string => join(packageRoot(), 'test', 'mpsgraph')

function rows(name: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(join(emulationFolder(), 'catalog', `${name}.tsv`), 'utf8')
    .trimEnd()
    .split('\n')
  const columns = head!.split('\t')
  return lines.map((line) => {
    const cells = line.split('\t')
    return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']))
  })
}

const list = (text: string, separator: string): string[] => (text === '' ? [] : text.split(separator))

/** The whole listing. */
export function readCatalog(): Catalog {
  return {
    members: rows('api').map((row) => ({
      header: row['header']!,
      class: row['class']!,
      selector: row['selector']!,
      kind: row['kind'] as Member['kind'],
      returnType: row['return_type']!,
      parameterTypes: list(row['parameter_types']!, ' | '),
      parameterNames: list(row['parameter_names']!, ' | '),
      macos: row['macos']!,
      deprecated: row['deprecated']!,
      attributes: list(row['property_attributes']!, ','),
    })),
    enums: rows('enums').map((row) => ({
      enumeration: row['enum']!,
      case: row['case']!,
      value: row['value']!,
      macos: row['macos']!,
      underlying: row['underlying_type']!,
    })),
    classes: rows('classes').map((row) => ({ class: row['class']!, superclass: row['superclass']!, macos: row['macos']! })),
    typedefs: rows('typedefs').map((row) => ({ name: row['typedef']!, underlying: row['underlying']! })),
  }
}
