// Files of the command line: graphs as text or JSON, other text, output. Failures are `file` errors that name the path.

import { readFile, writeFile } from 'node:fs/promises'
import { SinterError } from '../../ir/error.js'
import type { Graph } from '../../ir/graph.js'
import { graphFromJson } from '../../ir/json.js'
import { parseGraph } from '../../ir/parse.js'
import type { Io } from './command.js'

/** The graph in the file, IR text or JSON; `-` is standard input. */
export async function readGraph(path: string, io: Io): Promise<Graph> {
  const text = await readText(path, io)
  return text.trimStart().startsWith('{') ? graphFromJson(parseJson(path, text)) : parseGraph(text)
}

/** JSON out of a file; `-` is standard input. */
export async function readJson(path: string, io: Io): Promise<unknown> {
  return parseJson(path, await readText(path, io))
}

/** Writes a file; `-` is standard output. */
export async function writeText(path: string, text: string, io: Io): Promise<void> {
  if (path === '-') return io.out(text)
  try {
    await writeFile(path, text)
  } catch (cause) {
    throw new SinterError('file', `${path} cannot be written: ${reasonOf(cause)}`, { cause })
  }
}

async function readText(path: string, io: Io): Promise<string> {
  if (path === '-') return io.stdin()
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new SinterError('file', `${path} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SinterError('parse', `${path === '-' ? 'standard input' : path} is not JSON: ${(cause as Error).message}`, { cause })
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
}

const reasonOf = (error: unknown): string => reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message
