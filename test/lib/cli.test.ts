// The command line: every command on small graphs, bad usage and bad files, and the installed program itself in a child process.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { graphFromJson } from '../../ir/json.js'
import { parseGraph } from '../../ir/parse.js'
import { printGraph } from '../../ir/print.js'
import { commands, main } from '../../lib/cli/main.js'
import { compiledPath, ensureBuilt, runChild } from '../child.js'

const graph = `graph (%0: f32[2,2], %1: f32[]) {
  %2: f32[2,2] = matmul %0, %0
  %3: f32[2,2] = add %2, %1
  %4: f32[2,2] = relu %3
  return %4
}
`
// By hand: [[1,2],[3,4]] squared is [[7,10],[15,22]].
const inputs = '[[[1, 2], [3, 4]], -8]'
const expected = [
  [0, 2],
  [7, 14],
]

const folder = mkdtempSync(join(tmpdir(), 'sinter-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function sinter(args: readonly string[], stdin = '') {
  let out = ''
  let err = ''
  const code = await main(args, {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    stdin: async () => stdin,
  })
  return { code, out, err }
}

const path = file('small.ir', graph)
const data = file('data.json', inputs)

describe('help', () => {
  test('without arguments, and for each command with its options', async () => {
    const overview = await sinter([])
    expect(overview).toMatchObject({ code: 0, err: '' })
    expect((await sinter(['--help'])).out).toBe(overview.out)
    for (const command of commands) {
      expect(overview.out).toContain(command.summary)
      const { code, out } = await sinter(['help', command.name])
      expect(code).toBe(0)
      for (const [name, option] of Object.entries(command.options)) {
        expect(out).toContain(`--${name}`)
        expect(out).toContain(option.doc)
      }
      expect((await sinter([command.name, '--help'])).out).toBe(out)
    }
  })

  test('version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect((await sinter(['--version'])).out).toBe(`${version}\n`)
  })
})

describe('complex inputs', () => {
  const product = file(
    'complex.ir',
    'graph (%0: c64[2]) {\n  %1: f32[2] = real %0\n  %2: f32[2] = imag %0\n  %3: c64[2] = complex %2, %1\n  return %3\n}\n',
  )

  test('are numbers or { re, im } in JSON, or random', async () => {
    const given = await sinter(['run', product, '--inputs', file('complex.json', '[[{ "re": 1, "im": "NaN" }, 3]]')])
    expect(given.out).toContain('[NaN+1i, 0+3i]')
    expect((await sinter(['run', product, '--random', '1'])).out).toMatch(/complex64 \[2\].*\n\[-?[\d.]+[+-][\d.]+i, /)
    const wrong = await sinter(['run', product, '--inputs', file('wrong.json', '[[{ "re": [1], "im": 2 }, 3]]')])
    expect(wrong.err).toMatch(/nests lists deeper/)
  })
})

describe('wrong usage ends with 2 and says what is right', () => {
  test.each([
    [['frob'], /there is no command 'frob'; commands: info, run/],
    [['help', 'frob'], /there is no command 'frob'/],
    [['run'], /'run' takes one operand, <file.ir>, got 0; see: sinter help run/],
    [['run', 'a', 'b'], /got 2/],
    [['info', 'x'], /'info' takes no operand/],
    [['run', path, '--frob'], /Unknown option '--frob'.*sinter help run/],
    [['run', path, '--inputs'], /--inputs/],
    [['run', path], /the graph has inputs \(f32\[2,2\], f32\[\]\); give their values with --inputs data.json or --random seed/],
    [['run', path, '--inputs', data, '--random', '1'], /not both/],
    [['opt', path, '--passes', 'cse,frob'], /there is no pass 'frob'; passes: canonicalize/],
  ])('%j', async (args, message) => {
    const { code, out, err } = await sinter(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(message)
  })
})

describe('bad files and values end with 1 and say why', () => {
  const bad = (name: string, text: string) => file(name, text)
  test.each<[string, readonly string[], RegExp]>([
    ['no such file', ['verify', join(folder, 'none.ir')], /none.ir cannot be read: there is no such file/],
    ['a folder', ['verify', folder], /cannot be read: it is a folder/],
    ['not a graph', ['verify', bad('x.ir', 'hello')], /line 1, column 1: expected 'graph', found 'hello'/],
    [
      'a wrong type',
      ['dot', bad('t.ir', graph.replace('%3: f32[2,2]', '%3: f32[2,3]'))],
      /line 3, column 7: %3 is stated as f32\[2,3\], but add gives f32\[2,2\]/,
    ],
    ['half JSON', ['verify', bad('h.json', '{"version": 1,')], /h.json is not JSON/],
    ['other JSON', ['verify', bad('o.json', '{"version": 2}')], /graph JSON: /],
    [
      'no such device',
      ['run', path, '--random', '1', '--device', 'abacus'],
      /there is no device 'abacus'\n {2}devices here: cpu, reference/,
    ],
    ['a bad seed', ['run', path, '--random', 'x'], /a seed is a non-negative integer, got 'x'/],
    ['too few values', ['run', path, '--inputs', bad('few.json', '[1]')], /the graph has 2 inputs, the file has 1 values/],
    ['no list', ['run', path, '--inputs', bad('no.json', '1')], /a JSON list with one member per input/],
    ['another shape', ['run', path, '--inputs', bad('shape.json', '[[1, 2], 3]')], /input 0 is f32\[2,2\], the file has shape \[2\]/],
    ['deeper lists', ['run', path, '--inputs', bad('deep.json', '[[[[1]]], 3]')], /input 0 is f32\[2,2\], the file nests lists deeper/],
    ['ragged lists', ['run', path, '--inputs', bad('rag.json', '[[[1, 2], [3]], 3]')], /ragged data/],
    ['a word', ['run', path, '--inputs', bad('word.json', '[[[1, 2], [3, "four"]], 3]')], /input 0 holds "four", which is not a number/],
    ['an unwritable place', ['html', path, '-o', join(folder, 'none', 'x.html')], /cannot be written: there is no such file or folder/],
    ['more memory than there is', ['run', bad('big.ir', 'graph (%0: f32[1000000000000]) { return %0 }'), '--random', '1'], /./],
  ])('%s', async (_, args, message) => {
    const { code, out, err } = await sinter(args)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(message)
    expect(err).not.toMatch(/\n {4}at /)
  })
})

describe('run', () => {
  test.each(['cpu', 'reference'])('prints outputs, on %s', async (device) => {
    const { code, out, err } = await sinter(['run', path, '--inputs', data, '--device', device])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toBe(`output 0: Tensor float32 [2,2] ${device} realized\n[[0, 2],\n [7, 14]]\n`)
  })

  test('as JSON, from standard input', async () => {
    const { out } = await sinter(['run', '-', '-i', data, '--json'], graph)
    const { outputs, kernels } = JSON.parse(out)
    expect(outputs).toEqual([{ dtype: 'float32', shape: [2, 2], values: expected }])
    expect(kernels).toBe(1)
  })

  test('JSON values reach every dtype and come back', async () => {
    const types = ['f32', 'f64', 'f16', 'bf16', 'i8', 'i16', 'i32', 'u8', 'u16', 'u32', 'i64', 'u64', 'bool']
    const names = types.map((_, i) => `%${i}`)
    const text = `graph (${types.map((type, i) => `%${i}: ${type}[3]`).join(', ')}) { return ${names.join(', ')} }`
    const floats = ['NaN', '-Infinity', 1.5]
    const small = [0, 1, 100]
    const values = [
      floats,
      floats,
      floats,
      floats,
      small,
      small,
      small,
      small,
      small,
      small,
      ['-9007199254740993', '0', '7'],
      ['18446744073709551615', '0', '7'],
      [true, false, true],
    ]
    const { out, err } = await sinter(['run', file('all.ir', text), '-i', file('all.json', JSON.stringify(values)), '--json'])
    expect(err).toBe('')
    expect(JSON.parse(out).outputs.map((output: { values: unknown }) => output.values)).toEqual(values)
  })

  test('random values: the same for the same seed, in range, for every dtype', async () => {
    const text = 'graph (%0: f32[100], %1: i8[100], %2: u64[100], %3: bool[100], %4: bf16[100]) { return %0, %1, %2, %3, %4 }'
    const random = file('random.ir', text)
    const values = async (seed: string) => JSON.parse((await sinter(['run', random, '-r', seed, '--json'])).out).outputs
    const first = await values('1')
    expect(await values('1')).toEqual(first)
    expect(await values('2')).not.toEqual(first)
    const [f32, i8, u64, bool, bf16] = first.map((output: { values: (number | boolean | string)[] }) => output.values)
    for (const x of [...f32, ...bf16]) expect(Math.abs(x)).toBeLessThanOrEqual(2)
    for (const x of i8) expect(x).toBeGreaterThanOrEqual(-8)
    for (const x of u64) expect(BigInt(x)).toBeLessThan(16n)
    expect(new Set(bool)).toEqual(new Set([true, false]))
  })

  test('graphs that are fused already, with several results, run as well', async () => {
    const fused = `graph (%0: f32[4]) {
  %1: (f32[4], f32[]) = fused %0 {kind="rows"} (%0: f32[4]) {
    %1: f32[4] = neg %0
    %2: f32[] = sum %1 {axes=[0], keepDims=false}
    return %1, %2
  }
  %2: f32[4] = result %1 {index=0}
  %3: f32[] = result %1 {index=1}
  return %2, %3
}`
    const { out } = await sinter(['run', '-', '-i', file('four.json', '[[1, 2, 3, 4]]'), '--json'], fused)
    expect(JSON.parse(out).outputs.map((output: { values: unknown }) => output.values)).toEqual([[-1, -2, -3, -4], -10])
  })

  test('no inputs, no outputs', async () => {
    expect(await sinter(['run', '-'], 'graph () { return }')).toEqual({ code: 0, out: 'no outputs\n', err: '' })
  })
})

describe('opt', () => {
  const wasteful = `graph (%0: f32[2]) {
  %1: f32[2] = neg %0
  %2: f32[2] = neg %1
  %3: f32[2] = exp %2
  %4: f32[2] = exp %2
  %5: f32[2] = add %3, %4
  return %5
}
`
  test('all passes by default; its output is input again', async () => {
    const { out } = await sinter(['opt', '-', '--verify'], wasteful)
    expect(out).toBe('graph (%0: f32[2]) {\n  %1: f32[2] = exp %0\n  %2: f32[2] = add %1, %1\n  return %2\n}\n')
    expect(printGraph(parseGraph(out))).toBe(out)
  })

  test('chosen passes only, none for an empty list', async () => {
    expect((await sinter(['opt', '-', '--passes', ''], wasteful)).out).toBe(wasteful)
    expect((await sinter(['opt', '-', '--passes', 'cse'], wasteful)).out).toMatch(/neg %0\n.*neg %1\n.*exp %2\n.*add %3, %3/)
  })

  test('--fuse makes regions, --stats tells what happened on standard error', async () => {
    const { out, err } = await sinter(['opt', '-', '--fuse', '--stats'], wasteful)
    expect(out).toMatch(/= fused %0 \{kind="map"\}/)
    expect(err).toMatch(/^canonicalize: 6 -> 4 nodes, [\d.]+ ms\n {2}neg\(neg\(x\)\) -> x/)
    expect(err).toMatch(/fuse: 3 -> 2 nodes/)
    expect(err).toMatch(/#0 %1 map: exp add/)
  })
})

describe('lower', () => {
  test('prints each call with its first macOS, and what was recognised', async () => {
    const { code, out } = await sinter(['lower', path])
    expect(code).toBe(0)
    expect(out).toMatch(/^3 recorded ops -> \d+ MPSGraph calls, macOS \d+\.\d or later$/m)
    expect(out).toMatch(/%\d+: f32\[2,2\] = \[graph placeholderWithShape:@\[2, 2\] dataType:MPSDataTypeFloat32 name:nil\] +\/\/ 11\.0/)
    expect(out).toMatch(/matrixMultiplicationWithPrimaryTensor:%\d+ secondaryTensor:%\d+ name:"matmul"\]/)
    const softmax = await sinter(
      ['lower', '-'],
      'graph(%a: f32[2,3]) { %m = max %a {axes=[1], keepDims=true} %d = sub %a, %m %e = exp %d %s = sum %e {axes=[1], keepDims=true} %0 = div %e, %s return %0 }',
    )
    expect(softmax.out).toContain('softMaxWithTensor')
    expect(softmax.out).toContain('recognised softmax')
  })

  test('JSON has the same calls as data', async () => {
    const { code, out } = await sinter(['lower', path, '--json'])
    expect(code).toBe(0)
    const dump = JSON.parse(out) as {
      recorded: number
      calls: number
      reasons: string[]
      stages: { device: string; calls: { selector: string; macOS: string; results: { type: string }[] }[]; targets: string[] }[]
    }
    expect(dump).toMatchObject({ recorded: 3, reasons: [] })
    expect(dump.stages.map(({ device }) => device)).toEqual(['mps'])
    const [{ calls, targets }] = dump.stages as [(typeof dump.stages)[0]]
    expect(calls.length).toBe(dump.calls)
    expect(calls.map(({ selector }) => selector)).toContain('matrixMultiplicationWithPrimaryTensor:secondaryTensor:name:')
    expect(calls.at(-1)!.results[0]!.type).toBe('f32[2,2]')
    expect(targets).toHaveLength(1)
  })

  test('what the CPU computes is shown with the reason; other devices have no calls', async () => {
    const mixed = 'graph(%a: f64[3]) { %0 = cast %a {dtype="float32"} %1 = exp %0 return %1 }'
    const { out } = await sinter(['lower', '-'], mixed)
    expect(out).toContain('cast has a float64 operand or result, which the GPU does not compute with')
    expect(out).toContain('exponentWithTensor')
    const other = await sinter(['lower', '--device', 'cpu', path])
    expect(other).toMatchObject({ code: 1, out: '' })
    expect(other.err).toContain("graphs are not lowered to calls for 'cpu'")
    const refused = await sinter(['lower', '-'], 'graph(%a: f64[3]) { %0 = exp %a return %0 }')
    expect(refused.err).toContain('the GPU has no float64')
  })
})

describe('other forms', () => {
  test('json, and every command reads it back', async () => {
    const { out } = await sinter(['json', path])
    expect(printGraph(graphFromJson(JSON.parse(out)))).toBe(graph)
    expect((await sinter(['opt', '-', '--passes', ''], out)).out).toBe(graph)
  })

  test('dot', async () => {
    const { out } = await sinter(['dot', path])
    expect(out).toMatch(/^digraph sinter \{/)
    expect(out).toContain('matmul')
  })

  test('html goes to the file named, or to standard output', async () => {
    const target = join(folder, 'page.html')
    const { code, err } = await sinter(['html', path, '-o', target, '--title', 'A <title>'])
    expect({ code, err }).toEqual({ code: 0, err: `wrote ${target}\n` })
    const page = readFileSync(target, 'utf8')
    expect(page).toContain('A &lt;title&gt;')
    expect(page).toContain('fused')
    expect((await sinter(['html', path, '-o', '-'])).out).toMatch(/^<!doctype html>[\s\S]*<title>small<\/title>/)
  })

  test('verify prints sizes', async () => {
    expect((await sinter(['verify', path])).out).toMatch(/^valid: 2 inputs, 3 nodes, 1 outputs; 3 kernels/)
  })

  test('info lists devices and settings, also as JSON', async () => {
    const { out } = await sinter(['info'])
    expect(out).toMatch(/device {4}cpu\n {2}library: .*libsinter.*\n {2}isa: \w+/)
    const facts = JSON.parse((await sinter(['info', '--json'])).out)
    expect(facts.devices.cpu.threads).toBeGreaterThan(0)
    expect(facts.node).toBe(process.version)
    expect(facts.settings.SINTER_CACHE).toBe(512)
  })
})

describe('the program', () => {
  const program = compiledPath('lib/cli/main.js')
  beforeAll(ensureBuilt)

  test('runs from the shell with standard input, output and exit codes', async () => {
    expect(await runChild([program, 'opt', '-', '--passes', ''], { stdin: graph })).toEqual({ code: 0, stdout: graph, stderr: '' })
    expect(await runChild([program, 'frob'])).toMatchObject({ code: 2, stdout: '' })
    expect(await runChild([program, 'verify', '-'], { stdin: 'graph' })).toMatchObject({ code: 1, stdout: '' })
  })

  test('a bad environment variable is one clear message', async () => {
    const { code, stderr } = await runChild([program, 'run', path, '-r', '1'], { env: { SINTER_DEBUG: '9' } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^sinter: SINTER_DEBUG=9: .*\n {2}set SINTER_DEBUG to a valid value or unset it\n$/)
  })

  test('info works where a device cannot be opened', async () => {
    const { code, stdout } = await runChild([program, 'info'], { env: { SINTER_SHIM: '/nowhere/lib.so' } })
    expect(code).toBe(0)
    expect(stdout).toMatch(/device {4}cpu\n {2}error: there is no library at \/nowhere\/lib.so/)
  })
})
