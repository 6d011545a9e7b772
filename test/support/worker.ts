// A worker thread that runs a module's text and reports once.

import { Worker } from 'node:worker_threads'

export interface WorkerEnd {
  readonly wrong: number
  readonly buffers: boolean
  readonly code: number
}

/** Runs the program to its end. */
export function runWorker(program: string, data: unknown, env: Readonly<Record<string, string>> = {}): Promise<WorkerEnd> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), {
      workerData: data,
      env: { ...process.env, ...env },
    })
    let told: Omit<WorkerEnd, 'code'> | undefined
    worker.on('message', (message) => {
      told = message
    })
    worker.on('error', reject)
    worker.on('exit', (code) =>
      told === undefined ? reject(new Error(`a worker ended with ${code} and no result`)) : resolve({ ...told, code }),
    )
  })
}
