// Adds up test reports (vitest's JSON format) in a folder and prints one line. Arguments: the folder, then the names of the CI steps that failed.
// The exit status is 0 when no test failed or was skipped, every report has tests, and no step failed.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...steps] = process.argv.slice(2)
const total = { passed: 0, failed: 0, skipped: 0 }
const unexplained = new Set(steps)

for (const name of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  total.passed += report.numPassedTests
  total.skipped += report.numPendingTests + (report.numTodoTests ?? 0)
  // A test file that could not be loaded has no tests in it.
  const broken = (report.testResults ?? []).filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
  total.failed += report.numFailedTests + broken
  if (report.numFailedTests + broken > 0) unexplained.delete(name.replace(/\.json$/, ''))
}
// A step that failed without a failing test (lint, a compiler, a crash) counts as one failure.
total.failed += unexplained.size

for (const step of steps) console.log(`failed: ${step}`)
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exit(total.passed > 0 && total.failed === 0 && total.skipped === 0 ? 0 : 1)
