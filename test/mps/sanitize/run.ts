// `npm run test:sanitize:mps`: the MPSGraph library on the emulated framework with the address and undefined-behaviour sanitizers. Runs its tests and damaged
// programs inside Node.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../../runtime/native/library.js'
import { emulationFolder } from '../../mpsgraph/catalog.js'
import { buildEmulation } from '../support/native.js'

const root = packageRoot()
const library = buildEmulation('--sanitize')
const { sanitizerRuntime } = (await import(join(emulationFolder(), 'build.mjs'))) as { sanitizerRuntime: () => string }
const env = {
  ...process.env,
  LD_PRELOAD: sanitizerRuntime(),
  // Node frees little at its end, and koffi runs native code on stacks of its own. A small quarantine lets the tests bound the process's memory.
  ASAN_OPTIONS: 'detect_leaks=0:use_sigaltstack=0:abort_on_error=1:quarantine_size_mb=4',
  UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
  SINTER_MPS_SHIM: library,
}

for (const [what, args] of [
  ['damaged programs', [join('dist', 'test', 'mps', 'sanitize', 'mutate.js'), library]],
  ['tests', [join('node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/mps/shim']],
] as const) {
  const start = performance.now()
  const { status, signal } = spawnSync(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) {
    console.error(`sanitizers: ${what} failed (${signal ?? `exit status ${status}`})`)
    process.exit(1)
  }
  console.log(`sanitizers: ${what}: ok, ${((performance.now() - start) / 1000).toFixed(0)} s`)
}
