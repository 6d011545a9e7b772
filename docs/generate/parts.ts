// Generated parts of hand-written pages: what lies between `<!-- generated: name -->` and `<!-- end -->`.

/** The text with its generated parts replaced. Throws when the text has other parts than those given. */
export function replaceParts(text: string, parts: Readonly<Record<string, string>>): string {
  const seen: string[] = []
  const replaced = text.replace(/(<!-- generated: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, head: string, name: string, tail: string) => {
    seen.push(name)
    const part = parts[name]
    if (part === undefined) throw new Error(`there is nothing to generate for the part '${name}'`)
    return `${head}\n${part.trim()}\n\n${tail}`
  })
  const missing = Object.keys(parts).filter((name) => !seen.includes(name))
  if (missing.length > 0) throw new Error(`the page has no place for: ${missing.join(', ')}`)
  return replaced
}

/** A table; cells may hold any text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** A fenced block. */
export const fenced = (text: string, language = ''): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
