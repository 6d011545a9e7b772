// What the build scripts share: finding a compiler, compiling in parallel, stamps that say whether a library is up to date. Needs no package.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the native sources. */
export const shim = dirname(fileURLToPath(import.meta.url))

/** A failure whose message is for the user. */
export class BuildError extends Error {}

/**
 * @typedef {object} Job
 * @property {string} source
 * @property {string} object
 * @property {string[]} flags
 */

/** @typedef {{ command: string, version: string }} Compiler */
/** @typedef {{ path: string, text: string }} Source */

/**
 * The first compiler that answers, with its version.
 * @param {string[]} names
 * @param {string} kind
 * @param {string} advice what to do when there is none
 * @returns {Compiler}
 */
export function findCompiler(names, kind, advice) {
  for (const command of names) {
    const answer = spawnSync(command, ['--version'], { encoding: 'utf8' })
    if (answer.status === 0) return { command, version: answer.stdout }
  }
  throw new BuildError(`no ${kind} compiler found (tried ${names.join(', ')}). ${advice}`)
}

/**
 * Runs a command and resolves to its exit status and output.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<{ status: number, output: string }>}
 */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.on('error', (error) => resolve({ status: 1, output: String(error) }))
    child.on('close', (status) => resolve({ status: status ?? 1, output }))
  })
}

/**
 * Compiles the jobs, at most one per processor at a time; the first failure ends the build.
 * @param {string} compiler
 * @param {Job[]} jobs
 */
export async function compileAll(compiler, jobs) {
  const waiting = [...jobs].reverse()
  /** @type {BuildError | undefined} */
  let failure
  const worker = async () => {
    for (let job = waiting.pop(); job && !failure; job = waiting.pop()) {
      const { status, output } = await run(compiler, [...job.flags, '-c', job.source, '-o', job.object])
      if (status !== 0) failure ??= new BuildError(`${compiler} failed on ${relative(shim, job.source)}:\n${output}`)
      else if (output && process.env.SINTER_DEBUG) process.stderr.write(output)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, cpus().length) }, worker))
  if (failure) throw failure
}

/**
 * @param {string} compiler
 * @param {string[]} args
 */
export async function link(compiler, args) {
  const { status, output } = await run(compiler, args)
  if (status !== 0) throw new BuildError(`${compiler} failed to link:\n${output}`)
}

/**
 * sinter.h and the folders' files whose names match, with their text, in a fixed order.
 * @param {string[]} folders
 * @param {RegExp} pattern
 * @returns {Source[]}
 */
export function readSources(folders, pattern) {
  const files = [join(shim, 'sinter.h')]
  for (const folder of folders) {
    const path = join(shim, folder)
    if (!existsSync(path)) continue
    for (const name of readdirSync(path).sort()) if (pattern.test(name)) files.push(join(path, name))
  }
  return files.map((path) => ({ path, text: readFileSync(path, 'utf8') }))
}

/**
 * What a library is made of, as one word.
 * @param {unknown[]} settings compiler and flags
 * @param {Source[]} sources
 */
export function stampOf(settings, sources) {
  const hash = createHash('sha256')
  hash.update(JSON.stringify(settings))
  for (const { path, text } of sources) hash.update(relative(shim, path)).update('\0').update(text).update('\0')
  return hash.digest('hex')
}

/**
 * @param {string} library
 * @param {string} stampFile
 * @param {string} stamp
 */
export function isFresh(library, stampFile, stamp) {
  return existsSync(library) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
}

/**
 * Gives `work` a new folder inside `folder` and removes it afterwards, so that builds at the same time do not meet.
 * @param {string} folder
 * @param {(temporary: string) => Promise<void>} work
 */
export async function inTemporaryFolder(folder, work) {
  mkdirSync(folder, { recursive: true })
  const temporary = join(folder, `tmp-${process.pid}-${Date.now()}`)
  mkdirSync(temporary)
  try {
    await work(temporary)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/**
 * Puts a linked library in its place, then its stamp: each at once, the stamp only with its library.
 * @param {string} temporary the folder that holds the linked `library`
 * @param {string} library
 * @param {string} stampFile
 * @param {string} stamp
 */
export function install(temporary, library, stampFile, stamp) {
  renameSync(join(temporary, 'library'), library)
  writeFileSync(join(temporary, 'stamp'), stamp)
  renameSync(join(temporary, 'stamp'), stampFile)
}

/**
 * @param {string} library
 * @param {number} started
 */
export function report(library, started) {
  process.stderr.write(`sinter: built ${relative(process.cwd(), library)} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}
