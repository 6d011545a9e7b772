// Builds the native CPU library with the system's C++ compiler, and on macOS the MPSGraph library too (build-mps.mjs). The package's install step runs it
// (`node shim/build.mjs`), and the loader runs it when the library is missing. It needs no package.
//
//   --mps        on a Mac: build the MPSGraph library only, and fail if that is impossible
//   --force      build even when nothing has changed      --quiet   print errors only
//   --test       also build and run shim/test           --sanitize  with address and undefined-behaviour sanitizers, into build-sanitize/
//   --target arm64-linux   cross-compile with aarch64-linux-gnu-g++, into build-arm64/
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildMps } from './build-mps.mjs'
import {
  BuildError,
  compileAll,
  findCompiler,
  install,
  inTemporaryFolder,
  isFresh,
  link,
  readSources,
  report,
  shim,
  stampOf,
} from './toolchain.mjs'

const advice =
  'Install a C++ compiler (Debian or Ubuntu: apt-get install g++; macOS: xcode-select --install), name one in CXX, or set SINTER_SHIM to the path of a ' +
  'prebuilt library.'

/**
 * @typedef {object} BuildOptions
 * @property {boolean} [force] build even when the stamp matches
 * @property {boolean} [quiet] print nothing but errors
 * @property {boolean} [sanitize] build with address and undefined-behaviour sanitizers
 * @property {boolean} [test] build and run the native self-tests too
 * @property {string} [target] 'arm64-linux' cross-compiles; default: this machine
 */

/** @typedef {import('./toolchain.mjs').Job} Job */

/** What the build needs to know about one instruction set: its name and compiler flags. */
const x86Sets = [
  { name: 'base', flags: [] },
  { name: 'avx2', flags: ['-mavx2', '-mfma', '-mf16c'] },
  {
    name: 'avx512',
    flags: ['-mavx2', '-mfma', '-mf16c', '-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mprefer-vector-width=512'],
  },
]
const armSets = [{ name: 'neon', flags: [] }]

/**
 * @param {boolean} sanitize
 * @param {string} target
 */
function platformOf(sanitize, target) {
  const cross = target === 'arm64-linux'
  if (target && !cross) throw new BuildError(`unknown target ${target}; arm64-linux is the only one`)
  const arch = cross ? 'arm64' : process.arch
  const system = cross ? 'linux' : process.platform
  if ((arch !== 'x64' && arch !== 'arm64') || (system !== 'linux' && system !== 'darwin')) {
    throw new BuildError(`${system} on ${arch} is not supported: the library is built for Linux and macOS on x86-64 and arm64`)
  }
  const folder = join(shim, `build${cross ? '-arm64' : ''}${sanitize ? '-sanitize' : ''}`)
  return { cross, arch, system, folder, library: join(folder, `libsinter.${system === 'darwin' ? 'dylib' : 'so'}`) }
}

/**
 * Builds the library if it is missing or out of date.
 * @param {BuildOptions} [options]
 * @returns {Promise<string>} the path of the library
 */
export async function build(options = {}) {
  const started = Date.now()
  const { cross, arch, system, folder, library } = platformOf(options.sanitize === true, options.target ?? '')
  const compiler = findCompiler(
    cross ? ['aarch64-linux-gnu-g++'] : [process.env.CXX ?? '', 'c++', 'g++', 'clang++'].filter((name) => name !== ''),
    'C++',
    advice,
  )
  const sets = arch === 'x64' ? x86Sets : armSets
  const common = ['-std=c++17', '-O3', '-fPIC', '-ffp-contract=off', '-fno-math-errno', '-fno-exceptions', '-fno-rtti']
  common.push('-fno-threadsafe-statics', '-fvisibility=hidden', '-fvisibility-inlines-hidden', '-Wall', '-Wextra')
  for (const { name } of sets) common.push(`-DSINTER_HAVE_${name.toUpperCase()}`)
  if (compiler.version.includes('clang')) common.push('-Wno-unknown-warning-option')
  else common.push('-Wno-psabi')
  if (options.sanitize)
    common.push('-O1', '-g', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined')
  const linkFlags = ['-shared', '-pthread', ...common.filter((flag) => flag.startsWith('-fsanitize'))]

  const sources = readSources(options.test ? ['cpu', 'test'] : ['cpu'], /\.(cpp|h)$/)
  const stamp = stampOf([compiler, common, sets], sources)
  const stampFile = `${library}.${options.test ? 'test-' : ''}stamp`
  if (isFresh(library, stampFile, stamp) && !options.force && !options.test) return library

  await inTemporaryFolder(folder, async (temporary) => {
    /** @type {Job[]} */
    const jobs = []
    /** @type {(Job & { name: string, main: boolean })[]} */
    const tests = []
    for (const { path, text } of sources) {
      if (!path.endsWith('.cpp')) continue
      const name = relative(shim, path)
        .replace(/[\\/]/g, '-')
        .replace(/\.cpp$/, '')
      if (path.startsWith(join(shim, 'test'))) {
        const program = relative(join(shim, 'test'), path).replace(/\.cpp$/, '')
        tests.push({
          source: path,
          object: join(temporary, `${name}.o`),
          flags: [...common, '-O1'],
          name: program,
          main: text.includes('int main('),
        })
      } else if (/\bSINTER_ISA\b/.test(text)) {
        for (const set of sets) {
          jobs.push({
            source: path,
            object: join(temporary, `${name}.${set.name}.o`),
            flags: [...common, ...set.flags, `-DSINTER_ISA=${set.name}`],
          })
        }
      } else {
        jobs.push({ source: path, object: join(temporary, `${name}.o`), flags: common })
      }
    }
    if (!options.quiet) process.stderr.write(`sinter: building the CPU library with ${compiler.version.split('\n')[0]}\n`)
    await compileAll(compiler.command, [...jobs, ...tests])
    const objects = jobs.map((job) => job.object)
    await link(compiler.command, [...linkFlags, ...objects, '-o', join(temporary, 'library'), '-lm'])
    install(temporary, library, stampFile, stamp)
    if (!options.quiet) report(library, started)
    for (const test of tests.filter((candidate) => candidate.main)) {
      const program = join(folder, test.name)
      const helpers = tests.filter((candidate) => !candidate.main).map((candidate) => candidate.object)
      await link(compiler.command, [...linkFlags.slice(1), test.object, ...helpers, ...objects, '-o', join(temporary, 'test'), '-lm'])
      renameSync(join(temporary, 'test'), program)
      if (!cross) runTest(program)
    }
  })
  if (system === 'darwin' && !existsSync(library)) throw new BuildError('the library was not made')
  return library
}

/** @param {string} program */
function runTest(program) {
  const { status, signal } = spawnSync(program, [], { stdio: 'inherit' })
  if (status !== 0) throw new BuildError(`${relative(process.cwd(), program)} failed (${signal ?? `exit status ${status}`})`)
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  const args = process.argv.slice(2)
  /** @type {BuildOptions} */
  const options = {}
  let onlyMps = false
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]
    if (arg === '--mps') onlyMps = true
    else if (arg === '--target') options.target = args[++i] ?? ''
    else if (arg === '--force' || arg === '--quiet' || arg === '--sanitize' || arg === '--test')
      options[/** @type {'force'} */ (arg.slice(2))] = true
    else {
      console.error(`sinter: unknown option ${arg}`)
      process.exit(2)
    }
  }
  const everything = async () => {
    if (onlyMps) return buildMps(options)
    await build(options)
    if (process.platform !== 'darwin' || options.target || options.sanitize) return
    // A Mac whose GPU library cannot be built still has the CPU; opening the device mps tries again and reports the same.
    await buildMps(options).catch((error) => {
      if (!(error instanceof BuildError)) throw error
      console.error(`sinter: the GPU library was not built, tensors will be computed on the CPU: ${error.message}`)
    })
  }
  everything().catch((error) => {
    console.error(error instanceof BuildError ? `sinter: ${error.message}` : error)
    process.exit(1)
  })
}
