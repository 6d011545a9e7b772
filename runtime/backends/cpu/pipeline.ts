// The passes that a graph goes through before the CPU backend fuses and lowers it.

import type { Pass } from '../../../ir/pass.js'
import { decompose } from '../../../ir/passes/decompose.js'
import { pipeline } from '../../../ir/pipeline.js'
import { kernelLowerings } from './kernels/index.js'

/** What has a decomposition and no kernel here is written out before anything else, so that the passes see all of it. */
const writeOut = decompose((node) => node.op.decompose !== undefined && !Object.hasOwn(kernelLowerings, node.op.name))

export const cpuPipeline: readonly Pass[] = [writeOut, ...pipeline]
