// Literals, runs and comparisons of the self-test.
#import "selftest.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static MPSDataType typeNamed(NSString *name) {
  const MPSDataType types[] = {MPSDataTypeFloat32, MPSDataTypeFloat16, MPSDataTypeBFloat16, MPSDataTypeInt8,   MPSDataTypeInt16,  MPSDataTypeInt32,
                               MPSDataTypeInt64,   MPSDataTypeUInt8,   MPSDataTypeUInt16,   MPSDataTypeUInt32, MPSDataTypeUInt64, MPSDataTypeBool};
  for (size_t at = 0; at < sizeof types / sizeof *types; at++) {
    if ([nameOfType(types[at]) isEqualToString:name]) return types[at];
  }
  fail(@"no type %@", name);
}

static Array arrayOf(Literal literal) {
  return (Array){.type = literal.type, .shape = literal.shape, .count = countOf(literal.shape), .data = [literal.bytes mutableBytes]};
}

Literal parse(NSString *text) {
  NSArray *halves = [text componentsSeparatedByString:@": "];
  NSArray *head = [[halves objectAtIndex:0] componentsSeparatedByString:@" "];
  NSArray *values = [[halves objectAtIndex:1] componentsSeparatedByString:@" "];
  Literal literal = {.type = typeNamed([head objectAtIndex:0])};
  if ([head count] > 1) {
    for (NSString *size in [[head objectAtIndex:1] componentsSeparatedByString:@"x"]) literal.shape.size[literal.shape.rank++] = [size longLongValue];
  }
  if ((int64_t)[values count] != countOf(literal.shape)) fail(@"%lu values in '%@'", (unsigned long)[values count], text);
  literal.bytes = [NSMutableData dataWithLength:[values count] * sizeOfType(literal.type)];
  const Array array = arrayOf(literal);
  int64_t at = 0;
  for (NSString *value in values) {
    const char *digits = [value UTF8String];
    char *end = NULL;
    if (kindOf(literal.type) == KindFloat) storeDouble(&array, at++, strtod(digits, &end));
    else if (kindOf(literal.type) == KindUnsigned) storeInt(&array, at++, (int64_t)strtoull(digits, &end, 0));
    else storeInt(&array, at++, strtoll(digits, &end, 0));
    if (end == digits || *end != 0) fail(@"'%@' in '%@' is no number", value, text);
  }
  return literal;
}

id<MTLDevice> device(void) {
  return [MTLCreateSystemDefaultDevice() autorelease];
}

static id<MTLCommandQueue> queue(void) {
  static id<MTLCommandQueue> made;
  if (made == nil) made = [device() newCommandQueue];
  return made;
}

MPSGraphCompilationDescriptor *compilation(void) {
  MPSGraphCompilationDescriptor *descriptor = [[[MPSGraphCompilationDescriptor alloc] init] autorelease];
  descriptor.optimizationLevel = MPSGraphOptimizationLevel0;
  descriptor.waitForCompilationCompletion = YES;
  return descriptor;
}

MPSGraphTensor *placeholder(MPSGraph *graph, NSString *text) {
  const Literal literal = parse(text);
  return [graph placeholderWithShape:arrayOfShape(literal.shape) dataType:literal.type name:nil];
}

MPSGraphExecutable *compile(MPSGraph *graph, NSArray<MPSGraphTensor *> *feeds, NSArray<MPSGraphTensor *> *targets) {
  NSMutableDictionary *types = [NSMutableDictionary dictionary];
  for (MPSGraphTensor *feed in feeds) {
    [types setObject:[[[MPSGraphShapedType alloc] initWithShape:feed.shape dataType:feed.dataType] autorelease] forKey:feed];
  }
  return [graph compileWithDevice:[MPSGraphDevice deviceWithMTLDevice:device()]
                            feeds:types
                    targetTensors:targets
                 targetOperations:nil
            compilationDescriptor:compilation()];
}

MPSGraphTensorData *dataOf(NSString *text) {
  const Literal literal = parse(text);
  return [[[MPSGraphTensorData alloc] initWithDevice:[MPSGraphDevice deviceWithMTLDevice:device()]
                                                data:literal.bytes
                                               shape:arrayOfShape(literal.shape)
                                            dataType:literal.type] autorelease];
}

static Literal literalOf(MPSGraphTensorData *data) {
  Literal literal = {.type = data.dataType, .shape = shapeFrom(data.shape, @selector(shape))};
  literal.bytes = [NSMutableData dataWithLength:(NSUInteger)countOf(literal.shape) * sizeOfType(literal.type)];
  [[data mpsndarray] readBytes:[literal.bytes mutableBytes] strideBytes:NULL];
  return literal;
}

static NSString *textOfLiteral(Literal literal) {
  NSMutableString *text = [NSMutableString stringWithFormat:@"%@ %@:", nameOfType(literal.type), [arrayOfShape(literal.shape) componentsJoinedByString:@"x"]];
  const Array array = arrayOf(literal);
  for (int64_t at = 0; at < array.count; at++) {
    if (kindOf(array.type) == KindFloat) [text appendFormat:@" %.9g", loadDouble(&array, at)];
    else if (kindOf(array.type) == KindUnsigned) [text appendFormat:@" %llu", (unsigned long long)loadInt(&array, at)];
    else [text appendFormat:@" %lld", (long long)loadInt(&array, at)];
  }
  return text;
}

NSString *textOf(MPSGraphTensorData *data) {
  return textOfLiteral(literalOf(data));
}

static NSArray<MPSGraphTensorData *> *evaluate(Build build, NSArray<NSString *> *inputs) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  MPSGraphTensor *feeds[16] = {nil};
  NSMutableArray *list = [NSMutableArray array];
  for (NSUInteger at = 0; at < [inputs count]; at++) [list addObject:feeds[at] = placeholder(graph, [inputs objectAtIndex:at])];
  id built = build(graph, feeds);
  // Results of their own, so that an operation may return what it was given.
  NSMutableArray *targets = [NSMutableArray array];
  for (MPSGraphTensor *tensor in [built isKindOfClass:[NSArray class]] ? built : @[ built ]) {
    // Arrays have a dimension at least.
    if (shapeOf(tensor).rank == 0) fail(@"a result has rank 0: reshape it");
    [targets addObject:[graph identityWithTensor:tensor name:nil]];
  }
  MPSGraphExecutable *executable = compile(graph, list, targets);
  NSMutableArray *arguments = [NSMutableArray array];
  for (MPSGraphTensor *feed in executable.feedTensors) [arguments addObject:dataOf([inputs objectAtIndex:[list indexOfObject:feed]])];
  NSArray *results = [executable runWithMTLCommandQueue:queue() inputsArray:arguments resultsArray:nil executionDescriptor:nil];
  NSMutableArray *ordered = [NSMutableArray array];
  for (MPSGraphTensor *target in targets) [ordered addObject:[results objectAtIndex:[executable.targetTensors indexOfObject:target]]];
  return ordered;
}

static double unitInLastPlace(MPSDataType type, double value) {
  const int digits = type == MPSDataTypeFloat32 ? 23 : type == MPSDataTypeFloat16 ? 10 : 7;
  const int lowest = type == MPSDataTypeFloat16 ? -14 : -126;
  const int exponent = value == 0 ? lowest : ilogb(value);
  return ldexp(1, (exponent < lowest ? lowest : exponent) - digits);
}

static bool matches(const Array *got, const Array *wanted, int64_t at, double ulps) {
  if (kindOf(got->type) != KindFloat) return loadInt(got, at) == loadInt(wanted, at);
  const double value = loadDouble(got, at), want = loadDouble(wanted, at);
  if (isnan(want)) return isnan(value);
  if (value == want) return value != 0 || ulps > 0 || signbit(value) == signbit(want);
  return isfinite(value) && isfinite(want) && fabs(value - want) <= ulps * unitInLastPlace(got->type, want);
}

void checkClose(Build build, NSArray<NSString *> *inputs, id expected, double ulps) {
  NSArray *texts = [expected isKindOfClass:[NSArray class]] ? expected : @[ expected ];
  NSArray *results = evaluate(build, inputs);
  if ([results count] != [texts count]) fail(@"%lu results where %lu are expected", (unsigned long)[results count], (unsigned long)[texts count]);
  for (NSUInteger number = 0; number < [texts count]; number++) {
    const Literal wanted = parse([texts objectAtIndex:number]), got = literalOf([results objectAtIndex:number]);
    const Array a = arrayOf(got), b = arrayOf(wanted);
    bool equal = got.type == wanted.type && sameShape(got.shape, wanted.shape);
    for (int64_t at = 0; equal && at < a.count; at++) equal = matches(&a, &b, at, ulps);
    if (!equal) fail(@"got '%@', expected '%@' for %@", textOfLiteral(got), [texts objectAtIndex:number], [inputs componentsJoinedByString:@", "]);
  }
}

void check(Build build, NSArray<NSString *> *inputs, id expected) {
  checkClose(build, inputs, expected, 0);
}

void checkRaises(void (^code)(void), NSString *part) {
  NSString *reason = nil;
  @try {
    code();
  } @catch (NSException *exception) {
    if ([[exception name] isEqualToString:@"TestFailure"]) @throw;
    reason = [exception reason];
    const bool refusal = [reason hasPrefix:@"MPSGraph would abort: "] || [[exception name] isEqualToString:NSInvalidArgumentException];
    if (!refusal) fail(@"raised '%@'", reason);
  }
  if (reason == nil) fail(@"nothing was refused; expected '%@'", part);
  if ([reason rangeOfString:part].location == NSNotFound) fail(@"refused with '%@', expected '%@'", reason, part);
}

void checkRefused(Build build, NSArray<NSString *> *inputs, NSString *part) {
  checkRaises(^{
    evaluate(build, inputs);
  }, part);
}
