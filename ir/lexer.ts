// Reads IR text token by token. Every token is found in bounded time, so hostile text cannot make it hang or overflow.

import { SinterError } from './error.js'

export type TokenKind = 'name' | 'word' | 'number' | 'bigint' | 'string' | 'mark' | 'end' | 'bad'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Offset in the source. */
  readonly at: number
}

const longest = 512
const longestShown = 40
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['name', /^%\w+/],
  ['word', /^-?[A-Za-z_]\w*/],
  ['bigint', /^-?\d+n/],
  ['number', /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/],
  ['mark', /^[(){}[\],:=]/],
]

export class Lexer {
  readonly source: string
  /** The next token, not yet taken. */
  token: Token

  constructor(source: string) {
    this.source = source
    this.token = this.#scan(0)
  }

  /** Takes the next token. */
  next(): Token {
    const taken = this.token
    this.token = this.#scan(taken.at + taken.text.length)
    return taken
  }

  /** Whether the next token is of this kind. */
  is(kind: TokenKind): boolean {
    return this.token.kind === kind
  }

  /** Takes the next token if it is this mark or word. */
  accept(text: string): boolean {
    if (this.token.text !== text || (this.token.kind !== 'mark' && this.token.kind !== 'word')) return false
    this.next()
    return true
  }

  /** Takes the next token, which must be this mark or word. */
  expect(text: string): Token {
    const token = this.token
    if (!this.accept(text)) this.failExpected(`'${text}'`)
    return token
  }

  /** Takes the next token, which must be of this kind. */
  expectKind(kind: TokenKind, what: string): Token {
    if (this.token.kind !== kind) this.failExpected(what)
    return this.next()
  }

  failExpected(what: string): never {
    const { kind, text, at } = this.token
    const shown = text.length > longestShown ? `${text.slice(0, longestShown)}...` : text
    const found = kind === 'end' ? 'the end of the text' : kind === 'string' ? shown : `'${shown}'`
    this.fail(`expected ${what}, found ${found}`, at)
  }

  /** Throws a `parse` error that points at an offset of the source. */
  fail(problem: string, at: number): never {
    const before = this.source.slice(0, at)
    const lineStart = before.lastIndexOf('\n') + 1
    const line = before.split('\n').length
    const rest = this.source.indexOf('\n', at)
    const text = this.source.slice(lineStart, Math.min(rest < 0 ? this.source.length : rest, lineStart + 120)).trim()
    throw new SinterError('parse', `line ${line}, column ${at - lineStart + 1}: ${problem}`, text === '' ? {} : { hint: `in: ${text}` })
  }

  #scan(from: number): Token {
    const at = this.#skipBlank(from)
    if (at >= this.source.length) return { kind: 'end', text: '', at: this.source.length }
    if (this.source[at] === '"') return this.#scanString(at)
    const window = this.source.slice(at, at + longest)
    for (const [kind, pattern] of patterns) {
      const match = pattern.exec(window)
      if (match === null) continue
      if (match[0].length === longest) this.fail(`a ${kind} of more than ${longest} characters`, at)
      return { kind, text: match[0], at }
    }
    return { kind: 'bad', text: String.fromCodePoint(this.source.codePointAt(at)!), at }
  }

  #skipBlank(from: number): number {
    const { source } = this
    let at = from
    for (;;) {
      const code = source.charCodeAt(at)
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) at++
      else if (code === 0x2f && source.charCodeAt(at + 1) === 0x2f) {
        const end = source.indexOf('\n', at)
        at = end < 0 ? source.length : end + 1
      } else return at
    }
  }

  #scanString(at: number): Token {
    const { source } = this
    let end = at + 1
    while (end < source.length && source[end] !== '"' && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1
    if (source[end] !== '"') this.fail('a string that does not end on its line', at)
    return { kind: 'string', text: source.slice(at, end + 1), at }
  }
}
