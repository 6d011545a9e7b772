// Packs the package and installs it into an empty folder, as a user's npm would with install scripts blocked.

import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../child.js'

export interface Packed {
  readonly filename: string
  readonly integrity: string
  readonly files: readonly string[]
}

interface Lock {
  readonly packages: Record<string, Record<string, unknown>>
}

const npm = (args: readonly string[], cwd: string): string =>
  execFileSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** `npm pack` into a new folder. What is packed is what the last build left in dist. */
export function pack(): { folder: string; packed: Packed } {
  const folder = mkdtempSync(join(tmpdir(), 'sinter-package-'))
  const [told] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], root)) as [
    { filename: string; integrity: string; files: { path: string }[] },
  ]
  return { folder, packed: { ...told, files: told.files.map(({ path }) => path) } }
}

/** Installs the tarball with exactly the dependencies of the project's own lock file, which npm has in its cache. */
export function install(folder: string, { filename, integrity }: Packed): void {
  const own = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>
  const runtime = Object.entries(own.packages).filter(
    ([path, entry]) => path !== '' && entry['dev'] !== true && entry['devOptional'] !== true,
  )
  const dependencies = { sinter: `file:${filename}` }
  const { version, license, bin, engines } = manifest
  const sinter = { version, resolved: `file:${filename}`, integrity, license, bin, engines, dependencies: manifest['dependencies'] }
  const user = { name: 'user', version: '1.0.0', type: 'module', private: true, dependencies }
  const packages = { '': user, 'node_modules/sinter': sinter, ...Object.fromEntries(runtime) }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(user))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...user, lockfileVersion: 3, requires: true, packages }))
  npm(['ci', '--prefer-offline'], folder)
}

/** Runs a program in the folder to its end; all of `env` replaces SINTER_* and, if given, PATH. */
export function runIn(
  folder: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SINTER_')))
  return new Promise((resolve) => {
    execFile(command, args, { cwd: folder, env: { ...clean, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
  })
}
