#!/usr/bin/env node
// `npx sinter`: finds the command, parses its options, turns failures into messages and exit codes.

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SinterError } from '../../ir/error.js'
import { type Command, type Given, type Io, UsageError } from './command.js'
import { dot } from './commands/dot.js'
import { html } from './commands/html.js'
import { info } from './commands/info.js'
import { json } from './commands/json.js'
import { lower } from './commands/lower.js'
import { opt } from './commands/opt.js'
import { run } from './commands/run.js'
import { verify } from './commands/verify.js'
import { helpOf, overview } from './help.js'
import { version } from './version.js'

/** Every command, in the order of the help text. */
export const commands: readonly Command[] = [info, run, opt, lower, html, dot, json, verify]

/** Runs a command line (without `node` and the script). Returns the exit code: 0, 1 for a failure, 2 for wrong usage. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    await dispatch(argv, io)
    return 0
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`sinter: ${error.message}\n`)
      return 2
    }
    if (error instanceof SinterError && error.code !== 'internal') {
      io.err(`sinter: ${error.message}\n`)
      return 1
    }
    io.err(`sinter: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return 1
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<void> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h') return io.out(overview(commands))
  if (name === '--version' || name === '-v') return io.out(`${version()}\n`)
  if (name === 'help') return io.out(rest[0] === undefined ? overview(commands) : helpOf(find(rest[0])))
  const command = find(name)
  const { operands, given } = parse(command, rest)
  if (given.help === true) return io.out(helpOf(command))
  const wanted = command.operand === undefined ? 0 : 1
  if (operands.length !== wanted) {
    const what = wanted === 0 ? 'takes no operand' : `takes one operand, ${command.operand}`
    throw new UsageError(`'${command.name}' ${what}, got ${operands.length}; see: sinter help ${command.name}`)
  }
  await command.run(operands[0] ?? '', given, io)
}

function find(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name)
  if (command === undefined)
    throw new UsageError(`there is no command '${name}'; commands: ${commands.map((known) => known.name).join(', ')}`)
  return command
}

function parse(command: Command, args: readonly string[]): { operands: readonly string[]; given: Given } {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { type, short }]) => [name, { type, ...(short === undefined ? {} : { short }) }]),
  )
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
    return { operands: positionals, given: values as Given }
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('\n')[0]}; see: sinter help ${command.name}`)
  }
}

const processIo: Io = {
  out: (text) => {
    process.stdout.write(text)
  },
  err: (text) => {
    process.stderr.write(text)
  },
  stdin: async () => {
    const chunks: Buffer[] = []
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString('utf8')
  },
}

// npm runs commands through a link, so paths are compared after following it.
const script = process.argv[1]
if (script !== undefined && isThisFile(script)) {
  // A reader that closes early (`| head`) is not an error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  process.exitCode = await main(process.argv.slice(2), processIo)
}

function isThisFile(path: string): boolean {
  try {
    return realpathSync(path) === fileURLToPath(import.meta.url)
  } catch {
    return false
  }
}
