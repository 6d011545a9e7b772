// What a command of `npx sinter` is: one file in commands/, listed in main.ts. Help and the documentation are made of this.

/** Where a command reads and writes; tests pass their own. */
export interface Io {
  out(text: string): void
  err(text: string): void
  /** All of standard input. */
  stdin(): Promise<string>
}

export interface Option {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** The word for the value in help, for strings. */
  readonly value?: string
  readonly doc: string
}

/** Given options by name: strings and true. */
export type Given = Readonly<Record<string, string | boolean | undefined>>

export interface Command {
  readonly name: string
  /** The operand in the usage line, such as `<file.ir>`; undefined when the command takes none. */
  readonly operand?: string
  /** One sentence. */
  readonly summary: string
  /** Further lines for `sinter help <command>`. */
  readonly details: readonly string[]
  readonly options: Readonly<Record<string, Option>>
  run(operand: string, given: Given, io: Io): Promise<void>
}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The option's text; undefined when it was not given. */
export function textOption(given: Given, name: string): string | undefined {
  const value = given[name]
  return typeof value === 'string' ? value : undefined
}
