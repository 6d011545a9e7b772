// Evaluates operations in order.
#import "core.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

NSArray<MPSGraphOperation *> *neededOperations(NSArray *operations, NSArray *targets, NSArray *extra) {
  NSMutableSet *wanted = [NSMutableSet setWithArray:extra ? extra : @[]];
  for (MPSGraphTensor *target in targets) {
    if (target->_operation) [wanted addObject:target->_operation];
  }
  NSMutableArray *needed = [NSMutableArray array];
  for (MPSGraphOperation *operation in [operations reverseObjectEnumerator]) {
    if (![wanted containsObject:operation]) continue;
    [needed insertObject:operation atIndex:0];
    for (MPSGraphTensor *input in operation->_inputTensors) [wanted addObject:input->_operation];
    [wanted addObjectsFromArray:operation->_controlDependencies];
  }
  return needed;
}

@implementation EmulatedPlan
- (id)initWithOperations:(NSArray *)operations inputs:(NSArray *)inputs outputs:(NSArray *)outputs selector:(SEL)selector {
  if (!(self = [super init])) return nil;
  _slots = NSCreateMapTable(NSNonOwnedPointerMapKeyCallBacks, NSIntegerMapValueCallBacks, 64);
  _inputs = [inputs copy];
  _outputs = [outputs copy];
  NSInteger next = 1; // 0 says that there is none
  for (MPSGraphTensor *input in inputs) NSMapInsert(_slots, input, (void *)next++);
  NSMutableArray *kept = [NSMutableArray array];
  for (MPSGraphOperation *operation in operations) {
    MPSGraphTensor *first = [operation->_outputTensors count] > 0 ? [operation->_outputTensors objectAtIndex:0] : nil;
    [kept addObject:operation];
    if (first != nil && isInput(first)) {
      if (NSMapGet(_slots, first) == NULL) refuse(selector, @"%@ '%@' is not fed", first, operation->_name);
      continue;
    }
    for (MPSGraphTensor *input in operation->_inputTensors) [self slotOf:input user:operation->_name selector:selector];
    for (MPSGraphTensor *output in operation->_outputTensors) NSMapInsert(_slots, output, (void *)next++);
  }
  for (MPSGraphTensor *output in outputs) [self slotOf:output user:@"the results" selector:selector];
  _operations = [kept copy];
  return self;
}

- (NSInteger)slotOf:(MPSGraphTensor *)tensor user:(NSString *)user selector:(SEL)selector {
  const NSInteger slot = (NSInteger)NSMapGet(_slots, tensor);
  if (slot == 0) refuse(selector, @"%@, used by %@, was made in a block of control flow that does not enclose its use", tensor, user);
  return slot;
}

- (void)dealloc {
  if (_slots) NSFreeMapTable(_slots);
  [_operations release];
  [_inputs release];
  [_outputs release];
  [super dealloc];
}

static Array arrayFor(MPSGraphTensor *tensor) {
  Array array = {.type = tensor->_dataType, .shape = shapeOf(tensor)};
  array.count = countOf(array.shape);
  return array;
}

/**
 * For tests of what happens when the framework computes something wrong: MPSGRAPH_EMULATION_BREAK names operations (as the caller did) whose first element
 * comes out with the sign changed; after "abort:", operations that end the process; after "hang:", operations that never end.
 */
static void damage(const char *wanted, MPSGraphOperation *operation, const Array *result) {
  const bool aborts = strncmp(wanted, "abort:", 6) == 0, hangs = strncmp(wanted, "hang:", 5) == 0;
  if (strcmp(aborts ? wanted + 6 : hangs ? wanted + 5 : wanted, [operation->_name UTF8String]) != 0) return;
  if (aborts) abort();
  while (hangs) pause();
  ((unsigned char *)result->data)[sizeOfType(result->type) - 1] ^= 0x80;
}

- (void)evaluate:(const Array *)inputs into:(const Array *)outputs {
  const char *broken = getenv("MPSGRAPH_EMULATION_BREAK");
  const NSUInteger slots = NSCountMapTable(_slots) + 1;
  Array *values = calloc(slots, sizeof(Array));
  bool *owned = calloc(slots, sizeof(bool));
  NSUInteger *uses = calloc(slots, sizeof(NSUInteger)); // still to come: values are freed after the last
  Array *in = NULL, *out = NULL;
  @try {
    for (NSUInteger at = 0; at < [_inputs count]; at++) values[at + 1] = inputs[at];
    for (MPSGraphTensor *output in _outputs) uses[(NSInteger)NSMapGet(_slots, output)]++;
    for (MPSGraphOperation *operation in _operations) {
      for (MPSGraphTensor *input in operation->_inputTensors) uses[(NSInteger)NSMapGet(_slots, input)]++;
    }
    for (MPSGraphOperation *operation in _operations) {
      if (operation->_evaluate == NULL) continue;
      // The real framework reads a constant's bytes without retaining the NSData.
      if ([operation->_attributes isKindOfClass:[NSData class]] && [operation->_attributes retainCount] == 1) {
        refuse(@selector(constantWithData:shape:dataType:), @"the data of '%@' was released before the run", operation->_name);
      }
      const NSUInteger inCount = [operation->_inputTensors count], outCount = [operation->_outputTensors count];
      in = calloc(inCount + 1, sizeof(Array));
      out = calloc(outCount + 1, sizeof(Array));
      for (NSUInteger at = 0; at < inCount; at++) in[at] = values[(NSInteger)NSMapGet(_slots, [operation->_inputTensors objectAtIndex:at])];
      for (NSUInteger at = 0; at < outCount; at++) {
        MPSGraphTensor *tensor = [operation->_outputTensors objectAtIndex:at];
        const NSInteger slot = (NSInteger)NSMapGet(_slots, tensor);
        values[slot] = arrayFor(tensor);
        const size_t bytes = (size_t)values[slot].count * sizeOfType(values[slot].type);
        values[slot].data = malloc(bytes);
        owned[slot] = true;
        memset(values[slot].data, 0xa5, bytes); // what no evaluator writes shows
        out[at] = values[slot];
      }
      ((Evaluator)operation->_evaluate)(in, out);
      if (broken != NULL) damage(broken, operation, &out[0]);
      free(in);
      free(out);
      in = out = NULL;
      for (MPSGraphTensor *input in operation->_inputTensors) {
        const NSInteger slot = (NSInteger)NSMapGet(_slots, input);
        if (--uses[slot] == 0 && owned[slot]) {
          free(values[slot].data);
          owned[slot] = false;
        }
      }
    }
    for (NSUInteger at = 0; at < [_outputs count]; at++) {
      const Array value = values[(NSInteger)NSMapGet(_slots, [_outputs objectAtIndex:at])];
      memcpy(outputs[at].data, value.data, (size_t)value.count * sizeOfType(value.type));
    }
  } @finally {
    for (NSUInteger slot = 0; slot < slots; slot++) {
      if (owned[slot]) free(values[slot].data);
    }
    free(values);
    free(owned);
    free(uses);
    free(in);
    free(out);
  }
}
@end
