// Whether a call is one that MPSGraph's headers declare: selector, number and kinds of arguments, enum cases, results, first macOS.

import { type Call, type CallArgument, Value } from '../../runtime/backends/mps/call.js'
import { newerVersion } from '../../runtime/backends/mps/dump.js'
import { enumValue } from '../../runtime/backends/mps/enums.js'
import { minimumMacOS } from '../../runtime/backends/mps/selectors.js'
import { type Catalog, type Member, readCatalog } from '../mpsgraph/catalog.js'

/** The headers' declarations, by class and selector. */
export class Checker {
  private readonly members: ReadonlyMap<string, Member>
  private readonly catalog: Catalog

  constructor(catalog = readCatalog()) {
    this.catalog = catalog
    this.members = new Map(catalog.members.map((member) => [`${member.class} ${member.selector}`, member]))
  }

  /** The declaration of a method of MPSGraph. */
  method(selector: string): Member | undefined {
    return this.members.get(`MPSGraph ${selector}`)
  }

  /** What is wrong with a call to the graph; empty when nothing is. */
  problems(call: Call): string[] {
    const { selector, receiver, results, list } = call
    if (receiver !== 'graph') return [`${selector} is sent to something else than the graph`]
    const member = this.method(selector)
    if (member === undefined) return [`MPSGraph has no ${selector}`]
    const found: string[] = []
    const declared = minimumMacOS[selector]
    if (declared === undefined) found.push(`${selector} has no declared macOS`)
    else if (newerVersion(declared, member.macos) !== declared)
      found.push(`${selector} is declared for macOS ${declared}, but came with ${member.macos}`)
    if (call.arguments.length !== member.parameterTypes.length) {
      return [...found, `${selector} takes ${member.parameterTypes.length} arguments, not ${call.arguments.length}`]
    }
    call.arguments.forEach((argument, i) => {
      const problem = this.argumentProblem(argument, member.parameterTypes[i]!)
      if (problem !== undefined) found.push(`${selector} argument ${i} (${member.parameterTypes[i]}): ${problem}`)
    })
    const returned = /^NSArray/.test(member.returnType)
    if (returned !== list) found.push(`${selector} returns ${member.returnType}`)
    if (!list && results.length !== 1) found.push(`${selector} is taken to return ${results.length} values`)
    return found
  }

  private argumentProblem(argument: CallArgument, type: string): string | undefined {
    const bare = type.replace(/ _Nullable$/, '')
    if (argument === null) return type.endsWith('_Nullable') ? undefined : 'null is not allowed'
    if (bare === 'MPSGraphTensor *') return argument instanceof Value ? undefined : 'a tensor is wanted'
    if (bare === 'NSString *') return typeof argument === 'string' ? undefined : 'a string is wanted'
    if (bare === 'NSArray<MPSGraphTensor *> *')
      return isList(argument) && argument.every((item) => item instanceof Value) ? undefined : 'a list of tensors is wanted'
    if (bare === 'MPSShape *' || bare === 'NSArray<NSNumber *> *') {
      return isList(argument) && argument.every((item) => Number.isSafeInteger(item)) ? undefined : 'a list of integers is wanted'
    }
    if (bare === 'NSData *') return isObject(argument) && 'bytes' in argument ? undefined : 'bytes are wanted'
    if (bare === 'double' || bare === 'float') return typeof argument === 'number' ? undefined : 'a number is wanted'
    if (bare === 'BOOL') return argument === 0 || argument === 1 ? undefined : '0 or 1 is wanted'
    if (bare === 'NSUInteger' || bare === 'uint32_t') {
      return Number.isSafeInteger(argument) && (argument as number) >= 0 ? undefined : 'a non-negative integer is wanted'
    }
    if (bare === 'NSInteger') return Number.isSafeInteger(argument) ? undefined : 'an integer is wanted'
    if (/Block$/.test(bare)) return isObject(argument) && 'block' in argument ? undefined : 'a block is wanted'
    if (this.catalog.enums.some(({ enumeration }) => enumeration === bare)) return this.enumProblem(argument, bare)
    if (this.catalog.classes.some((entry) => `${entry.class} *` === bare)) return this.descriptorProblem(argument, bare.slice(0, -2))
    return 'the checker does not know this type'
  }

  private enumProblem(argument: CallArgument, enumeration: string): string | undefined {
    if (!isObject(argument) || !('enumeration' in argument) || argument.enumeration !== enumeration)
      return `a case of ${enumeration} is wanted`
    const known = this.catalog.enums.find((one) => one.enumeration === enumeration && one.case === argument.case)
    if (known === undefined) return `${enumeration} has no ${argument.case}`
    return Number(known.value) === enumValue(argument) ? undefined : `${argument.case} is ${known.value}, not ${enumValue(argument)}`
  }

  private descriptorProblem(argument: CallArgument, name: string): string | undefined {
    if (!isObject(argument) || !('descriptor' in argument) || argument.descriptor !== name) return `a ${name} is wanted`
    for (const [property, value] of Object.entries(argument.properties)) {
      const member = this.members.get(`${name} ${property}`)
      if (member?.kind !== 'instance property' || member.attributes.includes('readonly'))
        return `${name} has no writable property ${property}`
      const problem = this.argumentProblem(value, member.returnType)
      if (problem !== undefined) return `${property}: ${problem}`
    }
    return undefined
  }
}

const isList = (argument: CallArgument): argument is readonly CallArgument[] => Array.isArray(argument)

const isObject = (
  argument: CallArgument,
): argument is Exclude<CallArgument, null | number | bigint | string | Value | readonly CallArgument[]> =>
  typeof argument === 'object' && argument !== null && !(argument instanceof Value) && !Array.isArray(argument)
