// The recorded graph of a tensor, as something to look at.

import { graphToDot } from '../ir/dot.js'
import { explainGraph } from '../ir/explain.js'
import type { Graph } from '../ir/graph.js'
import { graphsToHtml } from '../ir/html.js'
import { graphToJson } from '../ir/json.js'
import type { Node } from '../ir/node.js'
import { runPasses } from '../ir/pass.js'
import { pipeline } from '../ir/pipeline.js'
import { printGraph } from '../ir/print.js'
import { captureNodes, planOf } from './realize.js'

/** A snapshot of a recorded graph. Its text parses back and runs: `npx sinter run file.ir`. */
export class CapturedGraph {
  readonly graph: Graph
  private readonly nodes: readonly Node[]
  private readonly device: string

  /** Internal; use `x.graph()`. */
  constructor(nodes: readonly Node[], device: string) {
    this.nodes = nodes
    this.device = device
    this.graph = captureNodes(nodes)
  }

  /** IR text. */
  toString(): string {
    return printGraph(this.graph)
  }

  /** Graphviz text. */
  toDot(): string {
    return graphToDot(this.graph)
  }

  /** JSON form of the IR (schema in ir/json.ts); `JSON.stringify(x.graph())` works. */
  toJSON(): unknown {
    return graphToJson(this.graph)
  }

  /** A self-contained page with the graph before and after optimization and the fusion groups. */
  toHTML(title = 'Sinter graph'): string {
    const plan = planOf(this.nodes, this.device)
    const stages = [
      { name: 'recorded', graph: this.graph },
      { name: 'optimized', graph: runPasses(this.graph, pipeline) },
    ]
    if (plan !== undefined) stages.push({ name: 'fused', graph: plan.graph })
    return graphsToHtml({ title, stages, groups: plan?.groups ?? explainGraph(this.graph) })
  }
}
