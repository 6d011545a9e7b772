// Every selector that the lowering may send to an MPSGraph, with the first macOS that has it. The catalogue check (test/mps) compares this list with the
// headers'; the lowering refuses a graph whose selectors are newer than the system.

export const minimumMacOS: Readonly<Record<string, string>> = {
  'placeholderWithShape:dataType:name:': '11.0',
  'constantWithData:shape:dataType:': '11.0',
  'constantWithScalar:shape:dataType:': '11.0',
  'coordinateAlongAxis:withShape:name:': '12.3',
  'identityWithTensor:name:': '11.0',
  'castTensor:toType:name:': '12.0',
  'reinterpretCastTensor:toType:name:': '13.2',
  'reshapeTensor:withShape:name:': '11.0',
  'transposeTensor:permutation:name:': '13.0',
  'broadcastTensor:toShape:name:': '12.0',
  'selectWithPredicateTensor:truePredicateTensor:falsePredicateTensor:name:': '11.0',
}
