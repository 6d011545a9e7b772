// Reads the C header that describes the native surface, so that no second list of functions exists.

import { SinterError } from '../../ir/error.js'

export interface Header {
  readonly abiVersion: number
  /** C prototypes without the export macro, as koffi takes them. */
  readonly prototypes: readonly { readonly name: string; readonly text: string }[]
}

/** The two libraries that the header describes. */
export type LibraryKind = 'cpu' | 'mps'

/** Parses the text of shim/sinter.h: what both libraries export, and what the given one adds. */
export function parseHeader(text: string, kind: LibraryKind): Header {
  const version = /#define\s+SINTER_ABI_VERSION\s+(\d+)/.exec(text)
  const mark = kind === 'cpu' ? 'SINTER_(?:CPU_)?API' : 'SINTER_(?:MPS_)?API'
  const pattern = new RegExp(`^${mark}\\s+(.+?\\b(\\w+)\\s*\\(.*\\))\\s*;`, 'gm')
  const prototypes = [...text.matchAll(pattern)].map((match) => ({ name: match[2]!, text: match[1]! }))
  if (version === null || prototypes.length === 0) {
    throw new SinterError('native', 'shim/sinter.h does not look like the native header', { hint: 'reinstall the package' })
  }
  return { abiVersion: Number(version[1]), prototypes }
}
