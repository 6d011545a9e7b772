// The package as a user gets it: what is in it, installed without its install script, with and without a compiler, with a wrong library.

import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt, root } from '../child.js'
import { install, type Packed, pack, runIn } from './install.js'

let folder = ''
let packed: Packed

const script = `import { tensor } from 'sinter'
const x = tensor([[1, 2], [3, 4]])
console.log(JSON.stringify(await x.matmul(x).add(1).js()))`

const runScript = (env: NodeJS.ProcessEnv = {}) => runIn(folder, process.execPath, ['--input-type=module', '-e', script], env)

beforeAll(async () => {
  await ensureBuilt()
  ;({ folder, packed } = pack())
  install(folder, packed)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('contents', () => {
  it('are the compiled library, what the native library is built from, docs and examples', () => {
    for (const path of [
      'package.json',
      'README.md',
      'LICENSE',
      'dist/lib/index.js',
      'dist/lib/index.d.ts',
      'dist/lib/cli/main.js',
      'dist/ir/index.js',
      'dist/runtime/index.js',
      'dist/docs/examples/digits.js',
      'docs/examples/digits.ts',
      'docs/examples/digits.csv.gz',
      'docs/examples/digits.LICENSE.md',
      'shim/build.mjs',
      'shim/build-mps.mjs',
      'shim/toolchain.mjs',
      'shim/mps/shim.h',
      'shim/sinter.h',
    ]) {
      expect(packed.files).toContain(path)
    }
  })

  it('are no tests, benches, build output or configuration', () => {
    const unwanted =
      /(^|\/)(test|bench|build|build-[\w-]+|output|node_modules)\/|\.test\.|\.(so|dylib|o|tgz|map|tsbuildinfo)$|^(biome|tsconfig|vitest)|^\./
    expect(packed.files.filter((path) => unwanted.test(path))).toEqual([])
  })
})

// In this order: without a compiler nothing has been built yet.
describe('installed with install scripts blocked', () => {
  it('says what to install when there is no compiler', async () => {
    expect(existsSync(join(folder, 'node_modules/sinter/shim/build'))).toBe(false)
    const { code, stderr } = await runScript({ PATH: '', CXX: '' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/no C\+\+ compiler found/)
    expect(stderr).toMatch(/apt-get install g\+\+/)
    expect(stderr).toMatch(/xcode-select --install/)
    expect(stderr).toMatch(/SINTER_SHIM/)
  })

  it('builds the native library at the first use, and only then', { timeout: 400_000 }, async () => {
    expect(await runScript()).toEqual({ code: 0, stdout: '[[8,11],[16,23]]\n', stderr: '' })
    expect(await runScript({ PATH: '', CXX: '' })).toMatchObject({ code: 0, stdout: '[[8,11],[16,23]]\n' })
  })

  it('has a command', async () => {
    const { code, stdout } = await runIn(folder, 'npx', ['--no-install', 'sinter', 'info'])
    expect(code).toBe(0)
    expect(stdout).toContain('cpu')
    expect(stdout).toContain('libsinter')
  })

  it('has types for a strict program', async () => {
    const program = `import { grad, jit, tensor, type Tensor } from 'sinter'\nexport const y: Tensor = jit((x: Tensor) => x.add(1))(tensor([1]))\nexport const g = grad\n`
    writeFileSync(join(folder, 'user.ts'), program)
    const options = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2023,esnext.disposable',
    ]
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')]
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    expect(await runIn(folder, process.execPath, [tsc, ...options, ...types, 'user.ts'])).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

describe('SINTER_SHIM', () => {
  it('names a library that does not exist', async () => {
    const { code, stderr } = await runScript({ SINTER_SHIM: '/nowhere/libsinter.so' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/there is no library at \/nowhere\/libsinter\.so/)
    expect(stderr).toMatch(/set SINTER_SHIM to a library built from shim\//)
  })

  it('names a file that is no library', async () => {
    const path = join(folder, 'package.json')
    const { code, stderr } = await runScript({ SINTER_SHIM: path })
    expect(code).toBe(1)
    expect(stderr).toContain(`${path} could not be loaded`)
  })

  it('names a library of another version', async () => {
    const [source, library] = [join(folder, 'other.c'), join(folder, 'libother.so')]
    writeFileSync(source, '#include <stdint.h>\n__attribute__((visibility("default"))) int32_t sinter_abi_version(void) { return 9999; }\n')
    execFileSync('cc', ['-shared', '-fPIC', source, '-o', library])
    const { code, stderr } = await runScript({ SINTER_SHIM: library })
    expect(code).toBe(1)
    expect(stderr).toMatch(/has ABI version 9999, this package needs \d+/)
  })

  it('names a library that has nothing of Sinter in it', async () => {
    const [source, library] = [join(folder, 'empty.c'), join(folder, 'libempty.so')]
    writeFileSync(source, 'int nothing(void) { return 0; }\n')
    execFileSync('cc', ['-shared', '-fPIC', source, '-o', library])
    const { code, stderr } = await runScript({ SINTER_SHIM: library })
    expect(code).toBe(1)
    expect(stderr).toContain(`${library} could not be loaded`)
  })
})
