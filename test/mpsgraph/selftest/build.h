// Shorter ways to say what a test builds.
#ifndef EMULATED_BUILD_H
#define EMULATED_BUILD_H
#import "selftest.h"

// A Build block of one expression in the graph g and the inputs in[0], in[1], ...
#define BUILD(expression) ^id(MPSGraph * g, MPSGraphTensor * *in) { (void)g, (void)in; return expression; }

// A constant i32 tensor of rank 1.
static inline MPSGraphTensor *integers(MPSGraph *g, NSArray<NSNumber *> *values) {
  int32_t bytes[16];
  NSUInteger count = 0;
  for (NSNumber *value in values) bytes[count++] = [value intValue];
  // Held for good, for the graph does not hold it.
  NSData *data = [[NSData alloc] initWithBytes:bytes length:count * 4];
  return [g constantWithData:data shape:@[ [NSNumber numberWithUnsignedInteger:count] ] dataType:MPSDataTypeInt32];
}

#endif
