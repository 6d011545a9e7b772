// Builds the MPSGraph library on macOS, with the clang of Xcode or its command line tools. build.mjs calls it; on other systems there is nothing to build
// (test/mpsgraph/build.mjs builds it there on an emulated framework, for tests).
import { join, relative } from 'node:path'
import { compileAll, findCompiler, install, inTemporaryFolder, isFresh, link, readSources, report, shim, stampOf } from './toolchain.mjs'

const flags = ['-O2', '-g', '-fPIC', '-fvisibility=hidden', '-fno-objc-arc', '-fblocks', '-fobjc-exceptions', '-Wall', '-Wextra']
const minimum = '-mmacosx-version-min=15.0'
const frameworks = ['Foundation', 'Metal', 'MetalPerformanceShaders', 'MetalPerformanceShadersGraph'].flatMap((name) => [
  '-framework',
  name,
])

/**
 * Builds the library if it is missing or out of date.
 * @param {{ force?: boolean, quiet?: boolean }} [options]
 * @returns {Promise<string>} the path of the library
 */
export async function buildMps(options = {}) {
  const started = Date.now()
  const folder = join(shim, 'build')
  const library = join(folder, 'libsinter_mps.dylib')
  const compiler = findCompiler(['clang'], 'Objective-C', 'Install the command line tools: xcode-select --install')
  const sources = readSources(['mps'], /\.(m|h)$/)
  const stamp = stampOf([compiler, flags, minimum, frameworks], sources)
  if (isFresh(library, `${library}.stamp`, stamp) && !options.force) return library
  await inTemporaryFolder(folder, async (temporary) => {
    const jobs = sources
      .filter(({ path }) => path.endsWith('.m'))
      .map(({ path }) => ({
        source: path,
        object: join(temporary, `${relative(join(shim, 'mps'), path)}.o`),
        flags: [...flags, minimum],
      }))
    if (!options.quiet) process.stderr.write(`sinter: building the MPSGraph library with ${compiler.version.split('\n')[0]}\n`)
    await compileAll(compiler.command, jobs)
    const objects = jobs.map((job) => job.object)
    await link(compiler.command, ['-dynamiclib', minimum, ...objects, ...frameworks, '-o', join(temporary, 'library')])
    install(temporary, library, `${library}.stamp`, stamp)
    if (!options.quiet) report(library, started)
  })
  return library
}
