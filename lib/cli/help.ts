// Help texts, made of the commands.

import type { Command, Option } from './command.js'

/** What `sinter --help` prints. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => usageOf(command).length))
  return `${[
    'sinter: look at, optimize and run tensor graphs',
    '',
    'Usage: sinter <command> [options]',
    '',
    ...commands.map((command) => `  ${usageOf(command).padEnd(width)}  ${command.summary}`),
    '',
    'Graphs are read as IR text or JSON; `-` stands for standard input.',
    '`sinter help <command>` lists the options, `sinter --version` prints the version.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage. SINTER_DEBUG=1..5 tells what happens inside.',
  ].join('\n')}\n`
}

/** What `sinter help <command>` prints. */
export function helpOf(command: Command): string {
  const options = Object.entries({ ...command.options, help: help })
  const heads = options.map(([name, option]) => headOf(name, option))
  const width = Math.max(...heads.map((head) => head.length))
  return `${[
    `Usage: sinter ${usageOf(command)} [options]`,
    '',
    command.summary,
    ...command.details,
    '',
    ...options.map(([, option], i) => `  ${heads[i]!.padEnd(width)}  ${option.doc}`),
  ].join('\n')}\n`
}

const help: Option = { type: 'boolean', short: 'h', doc: 'Print this text.' }

const usageOf = (command: Command): string => (command.operand === undefined ? command.name : `${command.name} ${command.operand}`)

const headOf = (name: string, option: Option): string =>
  `${option.short === undefined ? '    ' : `-${option.short}, `}--${name}${option.value === undefined ? '' : ` <${option.value}>`}`
