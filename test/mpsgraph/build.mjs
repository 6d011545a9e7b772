// Builds the emulated framework with clang and GNUstep: together with shim/mps as libsinter_mps.so, which Node loads as it loads the real library on a Mac,
// or as a self-test program. Needs no package. Object files are kept by content, so that a change recompiles what it touches.
//
//   (none)      build/libsinter_mps.so       --selftest  build/selftest, and run it (further arguments select tests by name)
//   --sanitize  with sanitizers, into build-sanitize/                    --quiet     print errors only
//   --check     print which compiler would be used, or what is missing (exit status 1)
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const root = join(folder, '..', '..')

class BuildError extends Error {}

/**
 * @typedef {object} Toolchain
 * @property {string} clang
 * @property {string} version
 * @property {string} gnustep folder of GNUstep's headers
 * @property {string} gcc folder of gcc's files for this machine, with libobjc and its headers
 */

/**
 * Finds clang, GNUstep and libobjc.
 * @returns {Toolchain}
 */
export function findToolchain() {
  if (process.platform !== 'linux') throw new BuildError(`the emulated framework is for Linux, not ${process.platform}`)
  const names = [process.env.OBJC, 'clang', ...Array.from({ length: 6 }, (_, at) => `clang-${19 - at}`)]
  let clang
  let version = ''
  for (const name of names) {
    if (!name) continue
    const answer = spawnSync(name, ['--version'], { encoding: 'utf8' })
    if (answer.status !== 0 || !answer.stdout.includes('clang')) continue
    clang = name
    version = answer.stdout.split('\n')[0] ?? ''
    break
  }
  const missing = []
  if (clang === undefined) missing.push('clang (14 to 19)')
  const gnustep = ['/usr/include/GNUstep', '/usr/local/include/GNUstep'].find((path) =>
    existsSync(join(path, 'Foundation', 'Foundation.h')),
  )
  if (gnustep === undefined) missing.push('GNUstep base')
  const gcc = gccFolders().find((path) => existsSync(join(path, 'include', 'objc', 'objc.h')))
  if (gcc === undefined) missing.push('libobjc')
  if (!existsSync('/usr/include/Block.h')) missing.push('the blocks runtime')
  if (clang === undefined || gnustep === undefined || gcc === undefined || missing.length > 0) {
    throw new BuildError(
      `the emulated framework needs ${missing.join(', ')}: apt-get install -y --no-install-recommends clang libgnustep-base-dev libblocksruntime-dev`,
    )
  }
  return { clang, version, gnustep, gcc }
}

/** gcc's folders for this machine, newest first. */
function gccFolders() {
  const machine = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[/** @type {'x64'} */ (process.arch)] ?? ''
  const parent = `/usr/lib/gcc/${machine}`
  if (machine === '' || !existsSync(parent)) return []
  return readdirSync(parent)
    .sort((a, b) => Number(b) - Number(a))
    .map((name) => join(parent, name))
}

/**
 * What every file is compiled with, and what tests compile with too.
 * @param {Toolchain} toolchain
 */
export function compileFlags(toolchain) {
  return [
    ...['-fobjc-runtime=gcc', '-fblocks', '-fexceptions', '-fobjc-exceptions', '-fconstant-string-class=NSConstantString'],
    ...['-DGNUSTEP', '-DGNUSTEP_BASE_LIBRARY=1', '-DGNU_RUNTIME=1', '-D_NATIVE_OBJC_EXCEPTIONS'],
    ...[
      `-I${join(folder, 'include')}`,
      `-I${join(root, 'shim')}`,
      `-isystem${toolchain.gnustep}`,
      `-isystem${join(toolchain.gcc, 'include')}`,
    ],
    ...['-pthread', '-fPIC', '-g', '-fno-omit-frame-pointer', '-ffp-contract=off', '-fvisibility=hidden', '-Wall', '-Wextra', '-Werror'],
  ]
}

/** Objective-C files of a folder, none if it does not exist. @param {string} path */
function sourcesIn(path) {
  if (!existsSync(path)) return []
  return readdirSync(path)
    .filter((name) => name.endsWith('.m'))
    .sort()
    .map((name) => join(path, name))
}

/** Everything that an #import may bring in. @param {string} path @returns {string[]} */
function headersIn(path) {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory()) return /^(build|catalog)/.test(entry.name) ? [] : headersIn(join(path, entry.name))
      return entry.name.endsWith('.h') ? [join(path, entry.name)] : []
    })
}

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<{ status: number, output: string }>}
 */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    child.on('error', (error) => resolve({ status: 1, output: String(error) }))
    child.on('close', (status) => resolve({ status: status ?? 1, output }))
  })
}

/**
 * Compiles what has changed and links.
 * @param {{ selftest?: boolean, sanitize?: boolean, quiet?: boolean }} [options]
 * @returns {Promise<string>} the path of the library or program
 */
export async function build(options = {}) {
  const started = Date.now()
  const toolchain = findToolchain()
  const { clang, version, gcc } = toolchain
  const target = join(folder, options.sanitize ? 'build-sanitize' : 'build')
  const shim = sourcesIn(join(root, 'shim', 'mps'))
  if (!options.selftest && shim.length === 0) throw new BuildError('shim/mps has no sources')
  const flags = compileFlags(toolchain)
  const sanitizer = options.sanitize ? ['-fsanitize=address', '-shared-libasan', '-mllvm', '-asan-stack=0'] : []
  flags.push(options.sanitize ? '-O1' : '-O2', ...sanitizer)
  // The library itself is checked for undefined behaviour too; its code is what runs on a Mac.
  const checks = options.sanitize ? ['-fsanitize=undefined', '-fno-sanitize-recover=undefined'] : []

  const emulation = [...sourcesIn(folder), ...sourcesIn(join(folder, 'ops'))]
  const sources = [...(options.selftest ? sourcesIn(join(folder, 'selftest')) : shim), ...emulation]
  const common = createHash('sha256').update(JSON.stringify([version, flags]))
  for (const header of [...headersIn(folder), ...headersIn(join(root, 'shim'))]) common.update(header).update(readFileSync(header))

  const objects = join(target, 'objects')
  mkdirSync(objects, { recursive: true })
  const jobs = sources.map((source) => {
    const name = relative(root, source).replace(/[\\/]/g, '-')
    const own = shim.includes(source) ? checks : []
    const hash = common.copy().update(own.join()).update(readFileSync(source)).digest('hex')
    return { source, name, own, object: join(objects, `${name}.${hash.slice(0, 16)}.o`) }
  })
  const waiting = jobs.filter(({ object }) => !existsSync(object))
  const compiled = waiting.length
  /** @type {BuildError | undefined} */
  let failure
  const worker = async () => {
    for (let job = waiting.pop(); job && !failure; job = waiting.pop()) {
      const temporary = `${job.object}.${process.pid}`
      const { status, output } = await run(clang, [...flags, ...job.own, '-c', job.source, '-o', temporary])
      if (status !== 0) failure ??= new BuildError(`${clang} failed on ${relative(root, job.source)}:\n${output}`)
      else renameSync(temporary, job.object)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, cpus().length) }, worker))
  if (failure) throw failure

  const result = join(target, options.selftest ? 'selftest' : 'libsinter_mps.so')
  const stamp = jobs.map(({ object }) => object).join('\n')
  const stampFile = `${result}.stamp`
  if (existsSync(result) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return result
  const temporary = `${result}.${process.pid}`
  const link = [
    ...flags.filter((flag) => /^-(fsan|shared-lib|pthread|fobjc|O|g)/.test(flag)),
    ...jobs.map(({ object }) => object),
    '-o',
    temporary,
  ]
  // nodelete: threads of GNUstep outlive dlclose. The blocks runtime goes first: GNUstep has a _Block_copy of its own that does not copy.
  if (!options.selftest) link.push('-shared', '-Wl,-z,nodelete')
  if (options.sanitize) link.push(`-Wl,-rpath,${dirname(sanitizerRuntime(toolchain))}`)
  link.push(`-L${gcc}`, '-lBlocksRuntime', '-lgnustep-base', '-lobjc', '-lm')
  const { status, output } = await run(clang, link)
  if (status !== 0) throw new BuildError(`${clang} failed to link ${relative(root, result)}:\n${output}`)
  renameSync(temporary, result)
  writeFileSync(`${temporary}.stamp`, stamp)
  renameSync(`${temporary}.stamp`, stampFile)
  const current = new Set(jobs.map(({ object }) => object))
  for (const { name } of jobs) {
    for (const file of readdirSync(objects)) {
      // Not what another build is writing: that ends in its process id.
      if (file.startsWith(`${name}.`) && file.endsWith('.o') && !current.has(join(objects, file)))
        rmSync(join(objects, file), { force: true })
    }
  }
  if (!options.quiet) {
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    process.stderr.write(`built ${relative(root, result)} (${compiled} of ${jobs.length} files compiled) in ${seconds} s\n`)
  }
  return result
}

/**
 * The address sanitizer's runtime: Node needs it in LD_PRELOAD.
 * @param {Toolchain} [toolchain]
 */
export function sanitizerRuntime(toolchain = findToolchain()) {
  const name = `libclang_rt.asan-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so`
  const path = spawnSync(toolchain.clang, [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim()
  if (!existsSync(path) || path === name)
    throw new BuildError(`${toolchain.clang} has no shared runtime of the address sanitizer (${name})`)
  return path
}

async function main() {
  const args = process.argv.slice(2)
  const has = (/** @type {string} */ name) => args.includes(name)
  const rest = args.filter((arg) => !arg.startsWith('--'))
  const unknown = args.find((arg) => arg.startsWith('--') && !['--selftest', '--sanitize', '--quiet', '--check'].includes(arg))
  if (unknown !== undefined) throw new BuildError(`unknown option ${unknown}`)
  if (has('--check')) {
    process.stdout.write(`${findToolchain().version}\n`)
    return
  }
  const result = await build({ selftest: has('--selftest'), sanitize: has('--sanitize'), quiet: has('--quiet') })
  if (!has('--selftest')) return
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1' }
  const { status, signal } = spawnSync(result, rest, { stdio: 'inherit', env })
  if (signal !== null) throw new BuildError(`the self-test ended by ${signal}`)
  process.exitCode = status ?? 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error instanceof BuildError ? error.message : error)
    process.exitCode = 1
  })
}
