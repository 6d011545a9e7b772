// Runs the operation suite in this process and writes what came of it. Arguments: the report's path, then `every k-th test` as a number.

import { writeFileSync } from 'node:fs'
import { registered } from './vitest.js'

const [reportPath, every] = [process.argv[2]!, Number(process.argv[3] ?? 1)]
const files = ['ops', 'shapes', 'values']
let passed = 0
const failures: string[] = []

for (const file of files) {
  const start = performance.now()
  const [before, failedBefore] = [passed, failures.length]
  registered.length = 0
  await import(new URL(`../native/${file}.test.js`, import.meta.url).href)
  for (const [i, { name, run }] of registered.entries()) {
    if (i % every !== 0) continue
    try {
      await run()
      passed++
    } catch (error) {
      failures.push(`${file} > ${name}`)
      console.log(`FAIL ${file} > ${name}\n${(error as Error).message}`)
    }
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.log(
    `${file}: ${passed - before} passed, ${failures.length - failedBefore} failed of ${registered.length} tests, ${seconds} s (${process.arch})`,
  )
}
writeFileSync(
  reportPath,
  JSON.stringify({ numPassedTests: passed, numFailedTests: failures.length, numPendingTests: 0, numTodoTests: 0, failures }),
)
process.exit(failures.length === 0 && passed > 0 ? 0 : 1)
