// Native programs to compare with, built on demand with the system's compiler: the triad, and the matrix product comparison.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import koffi from 'koffi'
import { packageRoot } from '../../runtime/native/library.js'
import { type Contender, now } from '../harness.js'
import { threads } from './machine.js'

const folder = (): string => join(packageRoot(), 'bench', 'native')

/** One compiler call: -c into an object, or a link. */
function compile(compiler: string, args: readonly string[]): string | undefined {
  const result = spawnSync(compiler, args, { encoding: 'utf8' })
  return result.status === 0
    ? undefined
    : (result.stderr || String(result.error ?? 'the compiler failed')).split('\n').slice(0, 6).join('\n')
}

const compilerName = (): string => process.env.CXX ?? 'c++'

const newest = (paths: readonly string[]): number => Math.max(...paths.map((path) => statSync(path).mtimeMs))

/** Makes `target` from its sources unless it is newer than all of them. Returns what went wrong, if anything. */
function make(target: string, sources: readonly string[], steps: (output: string) => readonly (readonly string[])[]): string | undefined {
  if (existsSync(target) && statSync(target).mtimeMs > newest(sources)) return undefined
  mkdirSync(join(folder(), 'build'), { recursive: true })
  const output = `${target}.${process.pid}`
  for (const args of steps(output)) {
    const problem = compile(compilerName(), args)
    if (problem !== undefined) return problem
  }
  renameSync(output, target)
  return undefined
}

/** Files of the native library whose names match. */
function shimSources(pattern: RegExp): string[] {
  const shim = join(packageRoot(), 'shim', 'cpu')
  return readdirSync(shim)
    .filter((name) => pattern.test(name))
    .map((name) => join(shim, name))
}

const isSource = (path: string): boolean => path.endsWith('.cpp')

/** c[i] = a[i] * s + b[i] in C++ on the library's own thread pool: three streams, nothing but memory. A text says why there is none. */
export async function nativeTriad(): Promise<((size: number) => Contender) | string> {
  const target = join(folder(), 'build', process.platform === 'darwin' ? 'triad.dylib' : 'triad.so')
  const sources = [join(folder(), 'triad.cpp'), ...shimSources(/^pool.*\.(cpp|h)$/)]
  const flags = ['-std=c++17', '-O3', process.arch === 'arm64' ? '-mcpu=native' : '-march=native', '-fPIC', '-shared', '-pthread']
  const problem = make(target, sources, (output) => [[...flags, ...sources.filter(isSource), '-o', output]])
  if (problem !== undefined) return `the native triad could not be built, the library's own x * s + y stands in: ${problem}`
  const triad = koffi
    .load(target)
    .func('void bench_triad(float *target, const float *a, const float *b, float s, int64_t count, int threads)')
  return (size) => {
    const [a, b, target] = [new Float32Array(size).fill(1), new Float32Array(size).fill(2), new Float32Array(size)]
    return {
      name: 'triad in C++',
      sample: (calls) => {
        const start = now()
        for (let i = 0; i < calls; i++) triad(target, a, b, 1.5, size, threads)
        return ((now() - start) * 1000) / calls
      },
    }
  }
}

/** One row of bench/native/gemm_compare's JSON. */
export interface GemmRow {
  readonly m: number
  readonly k: number
  readonly n: number
  readonly transposed: boolean
  readonly sinterUs: number
  readonly openblasUs: number
  /** OpenBLAS's time divided by ours. */
  readonly speed: number
}

/** Builds and runs the comparison of matrix products with OpenBLAS. A text says why there is none. */
export function compareGemm(shapes: readonly string[]): { openblas: string; results: readonly GemmRow[] } | string {
  const target = join(folder(), 'build', 'gemm_compare')
  const sources = [join(folder(), 'gemm_compare.cpp'), ...shimSources(/^(gemm|isa|pool).*\.(cpp|h)$/)]
  const problem = make(target, sources, (output) => gemmSteps(sources, output))
  if (problem !== undefined) return `bench/native/gemm_compare.cpp could not be built: ${problem}`
  const result = spawnSync(target, ['--json', '--threads', String(threads), ...shapes], { encoding: 'utf8' })
  if (result.status !== 0) return `bench/native/gemm_compare failed: ${result.stderr}`
  return JSON.parse(result.stdout) as { openblas: string; results: GemmRow[] }
}

/** The same flags and instruction sets as shim/build.mjs. */
const instructionSets: readonly { readonly name: string; readonly flags: readonly string[] }[] =
  process.arch === 'arm64'
    ? [{ name: 'neon', flags: [] }]
    : [
        { name: 'base', flags: [] },
        { name: 'avx2', flags: ['-mavx2', '-mfma', '-mf16c'] },
        {
          name: 'avx512',
          flags: ['-mavx2', '-mfma', '-mf16c', '-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mprefer-vector-width=512'],
        },
      ]

function gemmSteps(sources: readonly string[], output: string): readonly (readonly string[])[] {
  const common = [
    '-std=c++17',
    '-O3',
    '-ffp-contract=off',
    '-fno-math-errno',
    '-fno-exceptions',
    '-fno-rtti',
    '-fno-threadsafe-statics',
    '-pthread',
  ]
  const defines = instructionSets.map(({ name }) => `-DSINTER_HAVE_${name.toUpperCase()}`)
  const steps: string[][] = []
  const objects: string[] = []
  for (const source of sources.filter(isSource)) {
    const perSet = !source.endsWith('gemm_compare.cpp') && /\bSINTER_ISA\b/.test(readFileSync(source, 'utf8'))
    for (const set of perSet ? instructionSets : [{ name: '', flags: [] }]) {
      const object = `${output}.${objects.length}.o`
      objects.push(object)
      const isa = perSet ? [...set.flags, `-DSINTER_ISA=${set.name}`] : []
      steps.push([...common, ...defines, ...isa, '-c', source, '-o', object])
    }
  }
  steps.push([...objects, '-pthread', '-ldl', '-o', output])
  return steps
}
