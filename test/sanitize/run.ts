// `npm run test:sanitize`: the native library with address and undefined-behaviour sanitizers. Runs its self-tests, the operation suite inside Node, and
// damaged programs. `--report file` writes the suite's results as JSON; `--graphs n` and `--mutants n` set how many random graphs are damaged (default 400) and
// how many damaged copies there are of each program (default 200).

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../../runtime/native/library.js'

const { values: options } = parseArgs({
  options: { report: { type: 'string' }, graphs: { type: 'string', default: '400' }, mutants: { type: 'string', default: '200' } },
})
const root = packageRoot()

/** Runs a command with this terminal's output; ends everything when it fails. */
function run(what: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const start = performance.now()
  console.log(`sanitizers: ${what}`)
  const { status, signal, error } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
  if (error !== undefined) throw error
  if (status !== 0) {
    console.error(`sanitizers: ${what} failed (${signal ?? `exit status ${status}`})`)
    process.exit(1)
  }
  console.log(`sanitizers: ${what}: ok, ${((performance.now() - start) / 1000).toFixed(0)} s`)
}

/** The address sanitizer's runtime, which has to be in the process before Node is. */
function runtimeLibrary(): string {
  const compiler = [process.env['CXX'], 'c++', 'g++', 'clang++'].find((name) => name && spawnSync(name, ['--version']).status === 0)
  if (compiler === undefined) throw new Error('no C++ compiler; install one, on Debian: apt-get install g++')
  for (const name of ['libasan.so', `libclang_rt.asan-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so`]) {
    const path = spawnSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim()
    if (existsSync(path) && path !== name) return path
  }
  throw new Error(`${compiler} has no shared runtime of the address sanitizer`)
}

run('build and native self-tests', process.execPath, [join('shim', 'build.mjs'), '--sanitize', '--test'])

const env = {
  ...process.env,
  LD_PRELOAD: runtimeLibrary(),
  // Node frees little at its end, and koffi runs native code on stacks of its own.
  ASAN_OPTIONS: 'detect_leaks=0:use_sigaltstack=0:abort_on_error=1',
  UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
  SINTER_SHIM: join(root, 'shim', 'build-sanitize', 'libsinter.so'),
}
const report = options.report === undefined ? [] : ['--reporter=json', `--outputFile.json=${options.report}`]
run(
  'operation suite',
  process.execPath,
  [join('node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/native', '--reporter=default', ...report],
  env,
)
run('damaged programs', process.execPath, [join('dist', 'test', 'sanitize', 'mutate.js'), options.graphs, options.mutants], env)
