// The process that runs one benchmark, named on its command line, and sends the report to its parent.

import { loadBenchmark } from './catalog.js'
import { measure } from './figure.js'

const report = await measure(await loadBenchmark(process.argv[2] ?? ''))
if (process.send === undefined) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
else process.send(report, () => process.exit(0))
