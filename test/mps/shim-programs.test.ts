// What the MPSGraph library refuses: damaged programs, and programs whose calls cannot be performed. Every refusal says where and why, and leaves nothing behind.

import { describe, expect, it } from 'vitest'
import { device, missing, native, useEmulated } from './support/emulated.js'
import {
  type Argument,
  asBytes,
  assemble,
  binary,
  block,
  bytes,
  call,
  descriptor,
  feed,
  float32,
  identity,
  integer,
  list,
  nil,
  type Parts,
  placeholder,
  real,
  target,
  text,
  unsigned,
  value,
  valuesMade,
} from './support/words.js'

useEmulated()

/** x + y */
const sum: Parts = {
  calls: [placeholder(2, 3), placeholder(2, 3), binary('addition', 0, 1)],
  values: 3,
  feeds: [feed(0, [2, 3]), feed(1, [2, 3])],
  targets: [target(2, [2, 3])],
}

/** A placeholder and its identity, with calls between that make `made` more values. */
const between = (calls: readonly Argument[], made = 0): Parts => ({
  calls: [placeholder(2), ...calls, identity(0)],
  values: 2 + made,
  feeds: [feed(0, [2])],
  targets: [target(1 + made, [2])],
})

const refusal = (program: Uint8Array): string => {
  expect(Number(native.call['sinter_mps_compile']!(device, program, program.length, 0))).toBe(0)
  return native.error()
}

describe.skipIf(missing !== undefined)('programs whose words are wrong', () => {
  const header: readonly (readonly [string, number, (words: Uint32Array) => number, RegExp])[] = [
    ['magic', 0, () => 1, /word 0: magic 0x1, version 1/],
    ['version', 1, () => 2, /version 2: not a program of version 1/],
    ['total bytes', 2, (words) => words[2]! + 4, /word 2: \d+ bytes, \d+ given/],
    ['too few values', 3, () => 2, /more values are made than the 2/],
    ['too many values', 3, () => 4, /word 3: 4 values, the calls make 3/],
    ['absurdly many values', 3, () => 2 ** 32 - 1, /word 3: 4294967295 values, at most/],
    ['more strings than bytes', 4, () => 2 ** 31, /word 5: a section of 17179869184 bytes/],
    ['fewer strings than are used', 4, () => 1, /string 1, must be below 1/],
    ['unaligned strings', 5, (words) => words[5]! + 2, /word 5: a section/],
    ['data before the header’s end', 6, () => 52, /word 6: a section of 8 bytes at 52/],
    ['data longer than the program', 7, () => 1 << 20, /word 6: a section of 1048576 bytes/],
    ['more feeds than bytes', 8, () => 2 ** 30, /word 9: a section of/],
    ['feeds behind the end', 9, (words) => words[2]! + 4, /word 9: a section of/],
    ['no targets', 10, () => 0, /word 10: no targets/],
    ['targets behind the end', 11, () => 2 ** 32 - 4, /word 11: a section of/],
    ['code before the header’s end', 12, () => 0, /word 12: a section of/],
    ['code cut short', 13, (words) => words[13]! - 1, /the section ends here, more was expected|do not fit/],
    ['code too long', 13, (words) => words[13]! + 1, /1 words behind the code's end/],
    ['string behind the end', -1, () => 1 << 20, /string 0 is not inside the program/],
  ]
  for (const [name, at, change, message] of header) {
    it(`header: ${name}`, () => {
      const words = assemble(sum)
      const position = at >= 0 ? at : words[5]! / 4
      words[position] = change(words)
      expect(refusal(asBytes(words))).toMatch(message)
    })
  }

  it.each([
    ['NUL', [0x61, 0]],
    ['a lone continuation', [0x80, 0x61]],
    ['a form that is too long', [0xc0, 0xaf]],
    ['half a character', [0x61, 0xc3]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ])('strings: %s', (_name, piece) => {
    const words = assemble(sum)
    const [offset, length] = [words[words[5]! / 4]!, words[words[5]! / 4 + 1]!]
    asBytes(words).set(piece, offset + length - piece.length)
    expect(refusal(asBytes(words))).toMatch(/string 0 is not UTF-8 text without NUL/)
  })

  it('lengths that are no program’s', () => {
    expect(refusal(new Uint8Array(0))).toMatch(/program of 0 bytes/)
    expect(refusal(new Uint8Array(55))).toMatch(/program of 55 bytes/)
    expect(refusal(asBytes(assemble(sum)).slice(0, -1))).toMatch(/multiple of 4/)
    expect(refusal(asBytes(assemble(sum)).slice(0, -4))).toMatch(/bytes, \d+ given/)
  })

  const deep = (depth: number): Argument => (depth === 0 ? integer(1) : list(deep(depth - 1)))
  const code: readonly (readonly [string, Parts, RegExp])[] = [
    ['receiver kind', between([call('x', [], { receiver: [3, 0] })], 1), /receiver kind 3, must be below 3/],
    ['graph receiver', between([call('x', [], { receiver: [0, 1] })], 1), /receiver 1, must be below 1/],
    ['class receiver', between([call('x', [], { receiver: [1, 99] })], 1), /receiver 99, must be below/],
    ['value receiver', between([call('x', [], { receiver: [2, 1] })], 1), /value 1, must be below 1/],
    ['result kind', between([call('x', [], { result: [3, 1] })], 1), /result kind 3, must be below 3/],
    ['one result too many', between([call('x', [], { result: [1, 2] })], 2), /result kind 1 with 2 results/],
    ['a result of nothing', between([call('x', [], { result: [0, 1] })], 1), /result kind 0 with 1 results/],
    ['list of 2^32 - 1 results', between([call('x', [], { result: [2, 2 ** 32 - 1] })], 1), /more values are made/],
    ['argument kind', between([call('x', [[10]])], 1), /argument kind 10, must be below 10/],
    ['a value not made yet', between([call('x', [value(1)])], 1), /value 1, must be below 1/],
    ['own result as argument', between([call('x', [value(1)])], 1), /value 1, must be below 1/],
    ['string out of range', between([call('x', [[5, 77]])], 1), /string 77, must be below/],
    ['list longer than the code', between([call('x', [[2, 1000, 0]])], 1), /1000 list elements do not fit/],
    ['null inside a list', between([call('x', [list(nil)])], 1), /null inside a list/],
    ['a number cut off', { ...between([]), calls: [call('x', [[3, 1]])] }, /ends here/],
    ['bytes outside the data', between([call('x', [bytes(4, 5)])], 1), /5 bytes at 4 are not in the data section of 8 bytes/],
    ['bytes that wrap around', between([call('x', [bytes(8, 2 ** 32 - 4)])], 1), /are not in the data section/],
    ['more properties than words', between([call('x', [[7, 0, 1000]])], 1), /1000 properties do not fit/],
    ['a block in a list', between([call('x', [list(block(0, 0, [], []))])], 1), /a block inside a list/],
    ['a block as a property', between([call('x', [descriptor('MPSx', { p: block(0, 0, [], []) })])], 1), /a block inside a list/],
    ['block kind', between([call('x', [block(4, 0, [], [])])], 1), /block kind 4, must be below 4/],
    ['parameters of an if block', between([call('x', [block(0, 1, [], [])])], 2), /a block of kind 0 with 1 parameters/],
    ['a for block without index', between([call('x', [block(2, 0, [], [])])], 1), /a block of kind 2 with 0 parameters/],
    ['a condition without predicate', between([call('x', [block(3, 1, [], [])])], 2), /a block of kind 3 without a predicate/],
    ['a value of an ended block', between([call('x', [block(1, 1, [], [1])]), identity(1)], 3), /value 1 belongs to another block/],
    ['a value of a sister block', between([call('x', [block(1, 1, [], [1]), block(1, 1, [identity(1)], [3])])], 4), /value 1 belongs to/],
    ['33 lists in each other', between([call('x', [deep(33)])], 1), /nesting is deeper than 32/],
    ['a feed that is no value', { ...sum, feeds: [feed(0, [2, 3]), feed(3, [2, 3])] }, /value 3, must be below 3/],
    ['a feed of a block’s', { ...between([call('x', [block(1, 1, [], [1])])], 2), feeds: [feed(1, [2])] }, /value 1 belongs to/],
    ['a feed twice', { ...sum, feeds: [feed(0, [2, 3]), feed(0, [2, 3])] }, /value 0 is a feed or target already/],
    ['a target that is a feed', { ...sum, targets: [target(0, [2, 3])] }, /value 0 is a feed or target already/],
    ['a target twice', { ...sum, targets: [target(2, [2, 3]), target(2, [2, 3])] }, /value 2 is a feed or target already/],
    ['flags', { ...sum, feeds: [[0, 2, float32, 0], feed(1, [2, 3])] }, /flags 2, must be below 2/],
    ['data type', { ...sum, feeds: [[0, 0, 0x10000021, 0], feed(1, [2, 3])] }, /data type 0x10000021/],
    ['rank', { ...sum, targets: [target(2, new Array<number>(17).fill(1))] }, /rank 17, must be below 17/],
    ['size 0', { ...sum, targets: [target(2, [2, 0])] }, /size 0; sizes and their product are 1 to/],
    ['size above 2^31 - 1', { ...sum, targets: [target(2, [2 ** 31])] }, /size 2147483648; sizes and their product/],
    ['too many elements', { ...sum, targets: [target(2, [65536, 32768])] }, /size 32768; sizes and their product/],
    ['an inline feed of 24 bytes', { ...sum, feeds: [feed(0, [2, 3], true), feed(1, [2, 3])] }, /an inline feed of 24 bytes, at most 8/],
  ]
  for (const [name, parts, message] of code) {
    it(name, () => {
      const before = native.counters()
      expect(refusal(asBytes(assemble(parts)))).toMatch(message)
      expect(native.counters()).toEqual(before)
    })
  }

  it('nothing but a device and a level that exist', () => {
    const program = asBytes(assemble(sum))
    expect(Number(native.call['sinter_mps_compile']!(device + 1, program, program.length, 0))).toBe(0)
    expect(native.error()).toMatch(/is no device/)
    expect(Number(native.call['sinter_mps_compile']!(device, program, program.length, 2))).toBe(0)
    expect(native.error()).toMatch(/optimization level 2/)
  })
})

describe.skipIf(missing !== undefined)('calls that cannot be performed', () => {
  const toClass = (selector: string, name: string, args: readonly Argument[] = []): Argument =>
    call(selector, args, { receiver: [1, name] })
  const toValue = (selector: string, args: readonly Argument[] = []): Argument => call(selector, args, { receiver: [2, 0] })
  const constant = (scalar: Argument, type: Argument): Argument => call('constantWithScalar:dataType:', [scalar, type])
  const described = (properties: Readonly<Record<string, Argument>>): Argument =>
    call('identityWithTensor:name:', [descriptor('MPSGraphConvolution2DOpDescriptor', properties), nil])
  const shapeless = toClass('initWithShape:dataType:', 'MPSGraphShapedType', [nil, integer(float32)])

  const cases: readonly (readonly [string, Argument | readonly Argument[], RegExp])[] = [
    ['an unknown selector', call('addition:', [value(0)]), /^call 1, addition:: MPSGraph does not respond to addition:$/],
    ['an empty selector', call('', []), /^call 1, : /],
    ['no MPS class', toClass('launch', 'NSTask'), /^call 1, launch: names NSTask, which is no MPS class of this system$/],
    ['an unknown class', toClass('x', 'MPSNothing'), /names MPSNothing, which is no MPS class/],
    ['NSObject’s methods', toValue('performSelector:', [text('release')]), /performSelector: is no method that a program may call/],
    [
      'NSObject’s class methods',
      toClass('instancesRespondToSelector:', 'MPSGraphTensor', [text('x')]),
      /is no method that a program may call/,
    ],
    ['release', toValue('release'), /release is no method that a program may call/],
    ['dealloc', toValue('dealloc'), /dealloc is no method that a program may call/],
    ['init of what is made', toValue('init'), /init is no method that a program may call/],
    ['copies', toValue('copyWithZone:', [nil]), /copyWithZone: is no method that a program may call/],
    ['alloc', toClass('alloc', 'MPSGraphShapedType'), /alloc is no method that a program may call/],
    ['new', toClass('new', 'MPSGraph'), /new is no method that a program may call/],
    ['too few arguments', call('identityWithTensor:name:', [value(0)]), /identityWithTensor:name: takes 2 arguments, 1 given/],
    ['too many arguments', call('identityWithTensor:name:', [value(0), nil, nil]), /takes 2 arguments, 3 given/],
    ['a number for an object', call('identityWithTensor:name:', [integer(0), nil]), /argument 0 is a number, the method takes '@'/],
    [
      'a block for an object',
      call('identityWithTensor:name:', [value(0), block(0, 0, [], [])]),
      /argument 1 is a block, the method takes an object/,
    ],
    ['an object for a number', constant(real(1), text('x')), /argument 1 is an object, the method takes 'I'/],
    ['null for a number', constant(nil, integer(float32)), /argument 0 is an object, the method takes 'd'/],
    ['a negative enum', constant(real(1), integer(-1)), /argument 1 is outside the range of unsigned/],
    ['an enum of 33 bits', constant(real(1), integer(2n ** 32n)), /argument 1 is outside the range of unsigned/],
    ['a real enum', constant(real(1), real(float32)), /argument 1 is a real number, the method takes unsigned/],
    ['an integer that is no double', constant(integer(2n ** 53n + 1n), integer(float32)), /argument 0 is an integer that no double holds/],
    ['an unsigned number that is no double', constant(unsigned(2n ** 64n - 1n), integer(float32)), /an integer that no double holds/],
    ['a property that is negative', described({ strideInX: integer(-1) }), /argument 0, property strideInX: is outside the range of/],
    ['a property with a fraction', described({ strideInX: real(1.5) }), /argument 0, property strideInX: is a real number/],
    ['an unknown property', described({ stride: integer(1) }), /argument 0, property stride: .* does not respond to setStride:/],
    ['a property without name', described({ '': integer(1) }), /does not respond to set:/],
    [
      'a descriptor of no MPS class',
      call('identityWithTensor:name:', [descriptor('NSLock', {}), nil]),
      /argument 0 names NSLock, which is no MPS class/,
    ],
    ['an object of a method that returns none', call('setOptions:', [integer(0)]), /setOptions:: returns no object/],
    ['nil', [shapeless, call('shape', [], { receiver: [2, 1] })], /^call 2, shape: returned nil$/],
    [
      'a list of what is none',
      call('identityWithTensor:name:', [value(0), nil], { result: [2, 1] }),
      /returned a MPSGraphTensor, no array/,
    ],
    ['a list of another length', call('placeholderTensors', [], { result: [2, 3] }), /returned 1 objects, the program expects 3/],
    ['an exception', [placeholder(3), binary('addition', 0, 1)], /^call 2, addition.*:: raised .*MPSGraph would abort: /],
    ['a call on what is no tensor', call('identityWithTensor:name:', [text('x'), nil]), /^call 1, identityWithTensor:name:: raised /],
  ]
  for (const [name, wrong, message] of cases) {
    it(name, () => {
      const calls = (Array.isArray(wrong[0]) ? wrong : [wrong]) as readonly Argument[]
      const before = native.counters()
      expect(refusal(asBytes(assemble(between(calls, valuesMade(calls)))))).toMatch(message)
      expect(native.counters()).toEqual(before)
    })
  }
})

describe.skipIf(missing !== undefined)('graphs that are not what the program says', () => {
  const operation = call('operation', [], { receiver: [2, 0] })
  const cases: readonly (readonly [string, Parts, RegExp])[] = [
    ['a feed that is no placeholder', { ...sum, calls: [placeholder(2, 3), identity(0), identity(1)] }, /feed 1 is no placeholder/],
    ['a placeholder that is not fed', { ...sum, feeds: [feed(0, [2, 3])] }, /the graph has 2 placeholders, the program 1 feeds/],
    ['a feed of another shape', { ...sum, feeds: [feed(0, [3, 2]), feed(1, [2, 3])] }, /feed 0 .* shape \(2,3\) .* says \(3,2\)/],
    ['a feed of another type', { ...sum, feeds: [[0, 0, 0x10000010, 2, 2, 3], feed(1, [2, 3])] }, /feed 0 .*0x10000020, .*0x10000010/],
    ['a target of another shape', { ...sum, targets: [target(2, [6])] }, /target 0 .* shape \(2,3\) .* says \(6\)/],
    ['a target of another type', { ...sum, targets: [[2, 0x10000010, 2, 2, 3]] }, /target 0 .*0x10000020, .*0x10000010/],
    ['a target that is no tensor', { ...between([operation], 1), targets: [target(1, [2])] }, /target 0 is no tensor/],
  ]
  for (const [name, parts, message] of cases) {
    it(name, () => {
      const before = native.counters()
      expect(refusal(asBytes(assemble(parts)))).toMatch(message)
      expect(native.counters()).toEqual(before)
    })
  }
})
