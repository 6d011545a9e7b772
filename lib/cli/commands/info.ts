// sinter info: what is installed, which devices there are, how it is set.

import { deviceNames, openDevice, settings } from '../../../runtime/index.js'
import type { Command } from '../command.js'
import { version } from '../version.js'

export const info: Command = {
  name: 'info',
  summary: 'Versions, devices with their facts (native library, kernel set, threads), settings.',
  details: ['Opens every device; one that cannot be opened is listed with its error.'],
  options: { json: { type: 'boolean', doc: 'Print JSON.' } },
  run: async (_, given, io) => {
    const facts = {
      sinter: version(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      devices: Object.fromEntries(deviceNames().map((name) => [name, factsOf(name)])),
      settings: settings(),
    }
    io.out(given.json === true ? `${JSON.stringify(facts, null, 2)}\n` : textOf(facts))
  },
}

function factsOf(name: string): Readonly<Record<string, string | number>> {
  try {
    return openDevice(name).backend.facts
  } catch (error) {
    return { error: (error as Error).message }
  }
}

interface Facts {
  readonly sinter: string
  readonly node: string
  readonly platform: string
  readonly devices: Readonly<Record<string, Readonly<Record<string, string | number>>>>
  readonly settings: object
}

function textOf(facts: Facts): string {
  const lines = [`sinter    ${facts.sinter}`, `node      ${facts.node}, ${facts.platform}`]
  for (const [name, about] of Object.entries(facts.devices)) {
    lines.push(`device    ${name}`, ...pairs(about))
  }
  lines.push('settings', ...pairs(facts.settings))
  return `${lines.join('\n')}\n`
}

const pairs = (record: object): string[] => Object.entries(record).map(([key, value]) => `  ${key}: ${value}`)
