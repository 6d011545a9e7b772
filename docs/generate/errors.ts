// docs/errors.md: every error code with an example that is run to get its message.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ErrorCode } from '../../ir/error.js'
import { errorCodes } from '../../ir/error.js'
import { packageRoot } from '../../runtime/index.js'
import { fenced, table } from './parts.js'

interface Example {
  /** What the code means. */
  readonly means: string
  /** What to do about it. */
  readonly remedy: string
  /** JavaScript that ends in the error, with the exports of `sinter` and, as `ir`, those of `sinter/ir`. */
  readonly script?: string
  /** Or a command line, with its environment variables. */
  readonly command?: { readonly environment: Readonly<Record<string, string>>; readonly args: readonly string[] }
}

/** One for each code; a code without one is a type error. Run in this order in one process. */
const examples: Readonly<Record<ErrorCode, Example>> = {
  memory: {
    means:
      'A tensor or a temporary would pass the memory limit, or the system refused the memory. Nothing was changed: every tensor is as it was.',
    remedy: 'Dispose tensors, use `scope()`, work on smaller pieces, or raise the limit.',
    script: 'setMemoryLimit(1_000_000)\nzeros([1000, 1000]).add(1).realizeSync()',
  },
  shape: {
    means: 'Shapes do not fit together, or sizes are none.',
    remedy: 'The operands are listed with their types; with `SINTER_DEBUG=1` also where each was recorded.',
    script: 'tensor([[1, 2], [3, 4]]).add(tensor([1, 2, 3]))',
  },
  dtype: {
    means: 'An operation is not defined for a dtype, dtypes do not promote, or a value does not fit.',
    remedy: 'Convert with `astype`.',
    script: 'tensor([0.5, 1.5]).bitwiseAnd(1)',
  },
  attribute: {
    means:
      'An attribute of an op breaks one of its constraints, which docs/ops.md numbers (C1), (C2) ... Public functions check their arguments before; this one meets those who build IR.',
    remedy: 'Read the constraint.',
    script: "ir.builder.emit('permute', [ir.inputNode(ir.typeOf('float32', [2, 3]))], { permutation: [0, 0] })",
  },
  argument: {
    means: 'An argument of a public function is of the wrong kind or out of range.',
    remedy: 'The message says what is expected.',
    script: 'tensor([1, 2]).sum(3)',
  },
  device: {
    means: 'There is no such device, or operands are on different ones.',
    remedy: 'Move tensors with `x.to(device)`.',
    script: "tensor([1, 2]).add(tensor([3, 4], { device: 'reference' }))",
  },
  disposed: {
    means: 'A tensor, a plan or a compiled function was used after it was disposed; also what a `scope()` has freed.',
    remedy: 'Return it from the scope, `keep()` it, or dispose it later.',
    script: 'const x = tensor([1, 2])\nx.dispose()\nx.add(1).jsSync()',
  },
  trace: {
    means: 'A function given to `jit` did something that a trace cannot contain: read a value, or return a promise.',
    remedy: 'Compute with tensors only; read results outside.',
    script: 'const f = jit((x) => (x.sum().itemSync() > 0 ? x : x.neg()))\nf(tensor([1, 2]))',
  },
  gradient: {
    means: 'A derivative was asked for where there is none.',
    remedy: 'Gradients are of one floating number with respect to floating tensors.',
    script: 'grad((x) => x.mul(2))(tensor([1, 2]))',
  },
  parse: {
    means: 'Text or JSON is not what it should be. Line and column, or the path of the member, say where.',
    remedy: 'docs/ir.md has the grammar.',
    script: "ir.parseGraph('graph (%0: f32[2]) {\\n  %1: f32[3] = exp %0\\n  return %1\\n}')",
  },
  verify: {
    means: 'A graph breaks an invariant of the IR (docs/ir.md numbers them): a bug of the pass that made it.',
    remedy: 'Run the passes one by one: `npx sinter opt file.ir --passes ... --verify`.',
    script: `const x = ir.inputNode(ir.typeOf('float32', [2]))
const node = new ir.Node(ir.ops.sum, [x], { axes: [5], keepDims: false }, ir.typeOf('float32', []))
ir.verify(new ir.Graph([x], [node]))`,
  },
  mismatch: {
    means: '`realize({ verify })` found that two devices compute different values, by more than rounding explains.',
    remedy:
      'The op and its operands are saved. Sums that cancel, as here, are ill-conditioned; anything else is a defect of a device or of ours.',
    script: "return tensor([[1e8, 1, -1e8]]).matmul(ones([3, 1])).realize({ verify: 'reference', saveTo: 'mismatch' })",
  },
  file: {
    means: 'A file cannot be read or written.',
    remedy: 'The message has the path and the reason.',
    command: { environment: {}, args: ['run', 'missing.ir'] },
  },
  environment: {
    means: 'An environment variable has a value it cannot have; docs/debugging.md lists them.',
    remedy: 'Set it right or unset it.',
    command: { environment: { SINTER_THREADS: 'many' }, args: ['run', '-'] },
  },
  native: {
    means: 'The native library is missing, cannot be built or loaded, is of another version, or reports a failure.',
    remedy: 'Install a C++ compiler and reinstall, or set `SINTER_SHIM` to a library built from shim/.',
    command: { environment: { SINTER_SHIM: '/nowhere/libsinter.so' }, args: ['run', '-'] },
  },
  internal: {
    means:
      'A bug of ours, or of a pass of yours: something broke that no input should be able to break. The stack is complete, and the cause attached.',
    remedy: 'Report it with the text; a failing pass puts the graph it was given into the message.',
    script: `const failing = { name: 'mine', doc: 'Fails.', run: () => { throw new Error('oops') } }
ir.runPasses(ir.parseGraph('graph (%0: f32[2]) { return %0 }'), [failing])`,
  },
}

/** The whole page. */
export function errorsPage(): string {
  const messages = scriptMessages()
  const rows = errorCodes.map((code) => [`[\`${code}\`](#${code})`, examples[code].means])
  const sections = errorCodes.map((code) => {
    const { means, remedy, script, command } = examples[code]
    const shown = script === undefined ? fenced(commandLine(command!), 'sh') : fenced(script, 'js')
    const message = script === undefined ? commandMessage(command!) : messages[code]!
    return `## ${code}\n\n${means} ${remedy}\n\n${shown}\n\n${fenced(message)}`
  })
  return `# Errors

<!-- Generated by docs/generate.ts, which runs the examples; edit docs/generate/errors.ts. -->

Every error that the package throws on purpose is a \`SinterError\`. Its \`code\` is one of the ${errorCodes.length} below and is what programs should look at. The message starts with
one line that says what is wrong, led by the operation's name; then come the facts (types of the operands, what to do). \`op\`, \`operands\` and \`origin\` hold them as data. The
stack starts at the line of the caller, without frames of the package.

Recording checks shapes, dtypes and devices, so such errors point at the line that is wrong, not at a later \`realize()\`. With \`SINTER_DEBUG=1\`, operands also say where they were
recorded (\`operand 0: f32[2], recorded at model.ts:12:7\`), and errors of a realize where its result was. An error leaves all other tensors as they were.

${table(['code', 'meaning'], rows)}

${sections.join('\n\n')}
`
}

const commandLine = ({ environment, args }: NonNullable<Example['command']>): string =>
  [...Object.entries(environment).map(([name, value]) => `${name}=${value}`), 'npx sinter', ...args].join(' ')

/** A child process without the caller's SINTER_ variables; paths in its output are independent of where the package lies. */
function child(args: readonly string[], environment: Readonly<Record<string, string>>, input: string): { stdout: string; stderr: string } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SINTER_')))
  // Examples may write files.
  const cwd = mkdtempSync(join(tmpdir(), 'sinter-errors-'))
  const { stdout, stderr, error } = spawnSync(process.execPath, args, { env: { ...env, SINTER_DEVICE: 'cpu', ...environment }, input, cwd, encoding: 'utf8' })
  rmSync(cwd, { recursive: true })
  if (error !== undefined) throw error
  return { stdout, stderr }
}

const built = (path: string): string => join(packageRoot(), 'dist', path)

function commandMessage({ environment, args }: NonNullable<Example['command']>): string {
  const { stderr } = child([built('lib/cli/main.js'), ...args], environment, 'graph () { return }')
  if (stderr === '') throw new Error(`no error from: sinter ${args.join(' ')}`)
  return stderr
}

/** The messages of all examples that are scripts, from one process so that nothing ran before. */
function scriptMessages(): Readonly<Record<string, string>> {
  const scripts = Object.fromEntries(
    Object.entries(examples).flatMap(([code, { script }]) => (script === undefined ? [] : [[code, script]])),
  )
  const runner = `import { compileFunction } from 'node:vm'
import * as sinter from ${JSON.stringify(pathToFileURL(built('lib/index.js')).href)}
import * as ir from ${JSON.stringify(pathToFileURL(built('ir/index.js')).href)}
const messages = {}
for (const [code, script] of Object.entries(${JSON.stringify(scripts)})) {
  try {
    await compileFunction(script, [...Object.keys(sinter), 'ir'], { filename: 'example.js' })(...Object.values(sinter), ir)
    messages[code] = 'nothing was thrown'
  } catch (error) {
    messages[code] = error.code === code ? error.name + ': ' + error.message : 'another code: ' + error.code + ' ' + error.stack
  }
  sinter.setMemoryLimit(Infinity)
}
console.log(JSON.stringify(messages))`
  const { stdout, stderr } = child(['--input-type=module', '-e', runner], {}, '')
  if (stderr !== '') throw new Error(stderr)
  const messages = JSON.parse(stdout) as Record<string, string>
  for (const [code, message] of Object.entries(messages))
    if (!message.startsWith('SinterError')) throw new Error(`the example of '${code}': ${message}`)
  return messages
}
