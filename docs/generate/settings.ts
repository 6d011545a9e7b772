// The table of environment variables, and the help texts of the command line.

import { helpOf, overview } from '../../lib/cli/help.js'
import { commands } from '../../lib/cli/main.js'
import { settingsSchema } from '../../runtime/index.js'
import { fenced, table } from './parts.js'

/** SINTER_* as runtime/settings.ts checks them. */
export function settingsTable(): string {
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const { description, def } = schema as unknown as { description: string; def: { type: string; defaultValue?: unknown } }
    return [`\`${name}\``, def.type === 'default' ? String(def.defaultValue) : 'unset', description]
  })
  return table(['variable', 'default', 'meaning'], rows)
}

/** Help of `npx sinter`, all of it. */
export function commandHelp(): string {
  return [overview(commands), ...commands.map(helpOf)].map((text) => fenced(text)).join('\n\n')
}
