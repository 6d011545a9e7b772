// Copying a part of a graph with other nodes in place of some.

import { type CustomGradient, customGradientOf, setCustomGradient } from './autodiff.js'
import type { Node } from './node.js'
import { withInputs } from './passes/transform.js'
import { postorder } from './walk.js'

/** What is copied, without what does not change: see `bodyOf`. */
export type Body = readonly { readonly node: Node; readonly custom: CustomGradient | undefined }[]

/** The nodes below `roots` that depend on one of `replaced`, in dependency order. Operands of replaced nodes are not looked at. */
export function bodyOf(roots: readonly Node[], replaced: { has(node: Node): boolean }): Body {
  const dependent = new Set<Node>()
  const nodes = postorder(roots, (node) => replaced.has(node)).filter((node) => {
    if (replaced.has(node) || !node.inputs.some((input) => dependent.has(input) || replaced.has(input))) return false
    dependent.add(node)
    return true
  })
  return nodes.map((node) => ({ node, custom: customGradientOf(node) }))
}

/**
 * Records the body's nodes again, on the replacements in `copies` (which receives the copies). Their types must be those of what they replace, so nothing is
 * inferred anew. `untouched` runs functions of the user that are called for a gradient, which see the original nodes.
 */
export function copyBody(body: Body, copies: Map<Node, Node>, untouched: <T>(fn: () => T) => T): void {
  for (const { node, custom } of body) {
    const inputs = node.inputs.map((input) => copies.get(input) ?? input)
    const copy = withInputs(node, inputs)
    copies.set(node, copy)
    if (custom === undefined) continue
    setCustomGradient(copy, (cotangent) => {
      const returned = untouched(() => custom(cotangent))
      const all = new Map(copies)
      const roots = returned.filter((root) => root !== undefined)
      copyBody(bodyOf(roots, all), all, untouched)
      return returned.map((root) => root && (all.get(root) ?? root))
    })
  }
}
