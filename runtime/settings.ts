// Environment variables, read once and checked: a bad value is a clear error, not a surprise later.

import { z } from 'zod'
import { SinterError } from '../ir/error.js'

/** The variables; docs/debugging.md has a table made of the descriptions. */
export const settingsSchema = z.object({
  SINTER_THREADS: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe("Threads that share one run, the caller's included; default the machine's cores."),
  SINTER_DEBUG: z.coerce
    .number()
    .int()
    .min(0)
    .max(5)
    .default(0)
    .describe('How much to tell on standard error, from 0 (nothing) to 5 (everything).'),
  SINTER_SHIM: z.string().min(1).optional().describe('The path of a prebuilt native library to load instead of building one.'),
  SINTER_MPS_SHIM: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The path of a prebuilt MPSGraph library to load instead of the one built on a Mac; makes the device mps known elsewhere too.',
    ),
  SINTER_MPS_LEVEL: z.coerce
    .number()
    .int()
    .min(0)
    .max(1)
    .default(0)
    .describe("MPSGraph's optimization level: 0 (default) stays on the GPU, 1 may place work on the Neural Engine or the CPU."),
  SINTER_DEVICE: z
    .string()
    .min(1)
    .optional()
    .describe('The device of tensors that name none; default mps on a Mac with an Apple GPU, else cpu.'),
  SINTER_ISA: z
    .enum(['base', 'avx2', 'avx512', 'neon'])
    .optional()
    .describe('The kernel set of the CPU library; default the best that the machine has.'),
  SINTER_CACHE: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(512)
    .describe('Most compiled plans kept per device; the least recently used one goes.'),
  SINTER_GRAPH_LIMIT: z.coerce
    .number()
    .int()
    .min(16)
    .max(10_000_000)
    .default(10_000)
    .describe('Pending operations behind one tensor before the oldest are realized by themselves.'),
})

export type Settings = z.infer<typeof settingsSchema>

let current: Settings | undefined

/** The settings. Throws `environment` naming the variable that is wrong. */
export function settings(): Settings {
  if (current !== undefined) return current
  const present = Object.fromEntries(
    Object.keys(settingsSchema.shape).flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])),
  )
  const parsed = settingsSchema.safeParse(present)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    const name = String(issue.path[0])
    throw new SinterError('environment', `${name}=${process.env[name]}: ${issue.message}`, {
      hint: `set ${name} to a valid value or unset it`,
    })
  }
  current = parsed.data
  return current
}
