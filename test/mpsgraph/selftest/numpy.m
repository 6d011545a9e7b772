// Compares with what NumPy computes: numpy.txt, made by make_numpy.py.
#import "selftest.h"

static MPSGraphTensor *sendMessage(MPSGraph *graph, NSString *method, NSString *axis, MPSGraphTensor **in, NSUInteger count, MPSDataType type) {
  const SEL selector = NSSelectorFromString(method);
  if (![graph respondsToSelector:selector]) fail(@"no method %@", method);
  const IMP call = [graph methodForSelector:selector];
  if ([method hasPrefix:@"castTensor:"]) return ((id(*)(id, SEL, id, MPSDataType, id))call)(graph, selector, in[0], type, nil);
  if (![axis isEqualToString:@"-"]) return ((id(*)(id, SEL, id, NSInteger, id))call)(graph, selector, in[0], [axis integerValue], nil);
  if (count == 1) return ((id(*)(id, SEL, id, id))call)(graph, selector, in[0], nil);
  return ((id(*)(id, SEL, id, id, id))call)(graph, selector, in[0], in[1], nil);
}

static void compare(NSString *path) {
  NSString *text = [NSString stringWithContentsOfFile:path encoding:NSUTF8StringEncoding error:NULL];
  if (text == nil) fail(@"cannot read %@", path);
  NSMutableArray *failures = [NSMutableArray array];
  NSUInteger lines = 0;
  for (NSString *line in [text componentsSeparatedByString:@"\n"]) {
    if ([line length] == 0) continue;
    @autoreleasepool {
      NSArray *cells = [line componentsSeparatedByString:@"\t"];
      NSString *method = [cells objectAtIndex:0], *axis = [cells objectAtIndex:1], *expected = [cells objectAtIndex:4];
      NSArray *operands = [[cells objectAtIndex:3] componentsSeparatedByString:@"; "];
      const NSUInteger count = [operands count];
      const MPSDataType type = parse(expected).type;
      lines++;
      @try {
        checkClose(^id(MPSGraph *g, MPSGraphTensor **in) { return sendMessage(g, method, axis, in, count, type); }, operands, expected, [[cells objectAtIndex:2] doubleValue]);
      } @catch (NSException *exception) {
        [failures addObject:[NSString stringWithFormat:@"%@: %@", method, [exception reason]]];
      }
    }
  }
  CHECK(lines > 500);
  if ([failures count] == 0) return;
  const NSRange some = NSMakeRange(0, MIN((NSUInteger)10, [failures count]));
  fail(@"%lu of %lu: %@", (unsigned long)[failures count], (unsigned long)lines, [[failures subarrayWithRange:some] componentsJoinedByString:@" | "]);
}

TEST(valuesOfNumPy) {
  compare([[[NSString stringWithUTF8String:__FILE__] stringByDeletingLastPathComponent] stringByAppendingPathComponent:@"numpy.txt"]);
}
