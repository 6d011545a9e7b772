// Child processes on the compiled package: for what depends on the environment, standard error or exit codes.

import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. */
export function runChild(
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; stdin?: string } = {},
): Promise<Ended> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SINTER_')))
  const child = spawn(process.execPath, args, { cwd: root, env: { ...env, SINTER_DEVICE: 'cpu', ...options.env } })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.stdin ?? '')
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** Runs a module's text, in which `sinter` is the compiled package. */
export const runScript = (text: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  runChild(['--input-type=module', '-e', text.replaceAll("'sinter'", JSON.stringify(compiled('lib/index.js')))], { env })

/** The URL of a compiled module. */
export const compiled = (path: string): string => new URL(`../dist/${path}`, import.meta.url).href

/** The path of a compiled module, for `node <path>`. */
export const compiledPath = (path: string): string => join(root, 'dist', path)

/** Compiles the package when a source is newer than what `npm run build` left; several test files may ask at once. */
export async function ensureBuilt(): Promise<void> {
  const lock = join(root, 'node_modules', '.sinter-build-lock')
  for (let attempt = 0; attempt < 600 && isStale(); attempt++) {
    try {
      mkdirSync(lock)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200))
      continue
    }
    try {
      const built = await runChild([join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', root])
      if (isStale()) throw new Error(`the package could not be built:\n${built.stdout}${built.stderr}`)
    } finally {
      rmdirSync(lock)
    }
  }
}

const newest = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0)

function isStale(): boolean {
  const built = statSync(compiledPath('lib/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return ['lib', 'ir', 'runtime'].some((folder) => newest(join(root, folder)) > built)
}
