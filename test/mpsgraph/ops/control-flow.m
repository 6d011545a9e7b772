// Branches, loops, control dependencies.
#import "../core.h"
#include <stdlib.h>

static int64_t bytesOf(const Array *array) {
  return array->count * (int64_t)sizeOfType(array->type);
}


static void freeArrays(Array *arrays, int count) {
  for (int at = 0; at < count; at++) free(arrays[at].data);
  free(arrays);
}

// A plan, how many values it takes from outside its block, and where they are among the operation's operands.
typedef struct {
  EmulatedPlan *plan; // the operation keeps it
  int captured, at;
} Body;

// Evaluates a body on its parameters and captured operands.
static void perform(Body body, const Array *parameters, int count, const Array *operands, const Array *results) {
  Array *inputs = malloc((size_t)(count + body.captured + 1) * sizeof *inputs);
  for (int at = 0; at < count; at++) inputs[at] = parameters[at];
  for (int at = 0; at < body.captured; at++) inputs[count + at] = operands[body.at + at];
  @try {
    [body.plan evaluate:inputs into:results];
  } @finally {
    free(inputs);
  }
}

static Body bodyOf(Region *region, NSMutableArray *operands) {
  const Body body = {.plan = region->_plan, .captured = (int)[region->_captured count], .at = (int)[operands count]};
  [operands addObjectsFromArray:region->_captured];
  return body;
}

static void checkSameTypes(NSArray<MPSGraphTensor *> *wanted, NSArray<MPSGraphTensor *> *got, NSString *what, SEL selector) {
  if ([wanted count] != [got count]) refuse(selector, @"region type mismatch: %@ has %lu results, not %lu", what, (unsigned long)[got count], (unsigned long)[wanted count]);
  for (NSUInteger at = 0; at < [wanted count]; at++) {
    MPSGraphTensor *one = [wanted objectAtIndex:at], *other = [got objectAtIndex:at];
    if (one->_dataType != other->_dataType || !sameShape(shapeOf(one), shapeOf(other))) {
      refuse(selector, @"region type mismatch: result %lu of %@ is %@, not %@", (unsigned long)at, what, other, one);
    }
  }
}

static void checkScalar(MPSGraph *graph, MPSGraphTensor *tensor, Kinds kinds, NSString *what, SEL selector) {
  checkOperand(graph, tensor, kinds, selector);
  if (countOf(shapeOf(tensor)) != 1 || shapeOf(tensor).rank > 1) refuse(selector, @"%@ of shape %@ is no scalar", what, textOfShape(shapeOf(tensor)));
}

// An operation whose results are like `like`; the regions live as long as it does.
static NSArray<MPSGraphTensor *> *makeResults(MPSGraph *graph, SEL selector, NSString *name, NSArray *operands, NSArray<MPSGraphTensor *> *like, NSArray *regions,
                                              Evaluator evaluate) {
  const int count = (int)[like count];
  if (count == 0) refuse(selector, @"no results");
  MPSDataType *types = malloc((size_t)count * sizeof *types);
  Shape *shapes = malloc((size_t)count * sizeof *shapes);
  @try {
    for (int at = 0; at < count; at++) {
      MPSGraphTensor *tensor = [like objectAtIndex:(NSUInteger)at];
      types[at] = tensor->_dataType;
      shapes[at] = shapeOf(tensor);
    }
    NSArray<MPSGraphTensor *> *results = makeNodes(graph, selector, name, operands, count, types, shapes, evaluate);
    MPSGraphTensor *first = [results objectAtIndex:0];
    first->_operation->_attributes = [regions retain];
    return results;
  } @finally {
    free(types);
    free(shapes);
  }
}

// Loops promote values of rank 0 to shape [1].
static NSArray<MPSGraphTensor *> *promoted(MPSGraph *graph, NSArray<MPSGraphTensor *> *tensors, SEL selector) {
  NSMutableArray *result = [NSMutableArray array];
  for (MPSGraphTensor *tensor in tensors) {
    checkOperand(graph, tensor, KindAny, selector);
    [result addObject:shapeOf(tensor).rank == 0 ? [graph reshapeTensor:tensor withShape:@[ @1 ] name:nil] : tensor];
  }
  return result;
}

static MPSGraphTensor *forIndex(MPSGraph *graph) {
  return [graph constantWithScalar:0 dataType:MPSDataTypeInt32];
}

// start, stop and step are operands 0, 1 and 2, or stop alone is operand 0.
static NSArray<MPSGraphTensor *> *forLoop(MPSGraph *graph, SEL selector, NSString *name, NSArray<MPSGraphTensor *> *bounds, NSArray<MPSGraphTensor *> *initial,
                                          MPSGraphForLoopBodyBlock body) {
  if (body == nil) refuse(selector, @"the body is nil");
  for (MPSGraphTensor *bound in bounds) {
    checkScalar(graph, bound, KindSigned, @"a bound", selector);
    if (bound->_dataType != MPSDataTypeInt32) refuse(selector, @"a bound of type %@", nameOfType(bound->_dataType));
  }
  NSArray *carried = promoted(graph, initial, selector);
  NSArray *parameters = [@[ forIndex(graph) ] arrayByAddingObjectsFromArray:carried];
  __block NSArray *returned = nil;
  Region *region = recordRegion(graph, parameters, selector, ^(NSArray<MPSGraphTensor *> *tensors) {
    returned = promoted(graph, body([tensors objectAtIndex:0], [tensors subarrayWithRange:NSMakeRange(1, [tensors count] - 1)]), selector);
    return returned;
  });
  checkSameTypes(carried, returned, @"the body", selector);
  const int first = (int)[bounds count], count = (int)[carried count];
  NSMutableArray *operands = [NSMutableArray arrayWithArray:bounds];
  [operands addObjectsFromArray:carried];
  const Body loop = bodyOf(region, operands);
  return makeResults(graph, selector, name, operands, carried, @[ region ], ^(const Array *in, const Array *out) {
    const int64_t start = first == 3 ? loadInt(&in[0], 0) : 0, stop = loadInt(&in[first == 3 ? 1 : 0], 0), step = first == 3 ? loadInt(&in[2], 0) : 1;
    if (step < 1) refuse(selector, @"step %lld must be positive", (long long)step);
    int32_t index = 0;
    Array *values = calloc((size_t)count + 1, sizeof *values);
    values[0] = (Array){.type = MPSDataTypeInt32, .shape = {.rank = 1, .size = {1}}, .count = 1, .data = &index};
    for (int at = 0; at < count; at++) {
      values[at + 1] = out[at];
      values[at + 1].data = malloc((size_t)bytesOf(&out[at]));
      for (int64_t element = 0; element < out[at].count; element++) copyElement(&out[at], element, &in[first + at], element);
    }
    @try {
      for (int64_t now = start; now < stop; now += step) {
        index = (int32_t)now;
        for (int at = 0; at < count; at++) {
          for (int64_t element = 0; element < out[at].count; element++) copyElement(&values[at + 1], element, &out[at], element);
        }
        perform(loop, values, count + 1, in, out);
      }
    } @finally {
      values[0].data = NULL;
      freeArrays(values, count + 1);
    }
  });
}

@implementation MPSGraph (ControlFlow)
- (NSArray<MPSGraphTensor *> *)controlDependencyWithOperations:(NSArray<MPSGraphOperation *> *)operations
                                                dependentBlock:(MPSGraphControlFlowDependencyBlock)dependentBlock
                                                          name:(NSString *)name {
  (void)name;
  if (dependentBlock == nil) refuse(_cmd, @"the block is nil");
  for (MPSGraphOperation *operation in operations) {
    if (operation->_graph != self) refuse(_cmd, @"operation '%@' belongs to another graph", operation->_name);
  }
  const NSUInteger before = [_operations count];
  NSArray *results = dependentBlock();
  if (results == nil) refuse(_cmd, @"a block returned nil");
  for (MPSGraphTensor *result in results) checkOperand(self, result, KindAny, _cmd);
  for (NSUInteger at = before; at < [_operations count]; at++) {
    MPSGraphOperation *operation = [_operations objectAtIndex:at];
    NSArray *all = [operation->_controlDependencies arrayByAddingObjectsFromArray:operations];
    [operation->_controlDependencies release];
    operation->_controlDependencies = [all retain];
  }
  return results;
}

- (NSArray<MPSGraphTensor *> *)ifWithPredicateTensor:(MPSGraphTensor *)predicateTensor
                                           thenBlock:(MPSGraphIfThenElseBlock)thenBlock
                                           elseBlock:(MPSGraphIfThenElseBlock)elseBlock
                                                name:(NSString *)name {
  checkScalar(self, predicateTensor, KindBool, @"the predicate", _cmd);
  // The declaration allows nil, the compiler aborts on it.
  if (thenBlock == nil || elseBlock == nil) refuse(_cmd, @"if without else");
  __block NSArray *first = nil, *second = nil;
  Region *whenTrue = recordRegion(self, @[], _cmd, ^(NSArray<MPSGraphTensor *> *parameters) {
    (void)parameters;
    return first = thenBlock();
  });
  Region *whenFalse = recordRegion(self, @[], _cmd, ^(NSArray<MPSGraphTensor *> *parameters) {
    (void)parameters;
    return second = elseBlock();
  });
  checkSameTypes(first, second, @"the else block", _cmd);
  NSMutableArray *operands = [NSMutableArray arrayWithObject:predicateTensor];
  const Body one = bodyOf(whenTrue, operands), other = bodyOf(whenFalse, operands);
  return makeResults(self, _cmd, name, operands, first, @[ whenTrue, whenFalse ], ^(const Array *in, const Array *out) {
    perform(loadInt(&in[0], 0) ? one : other, NULL, 0, in, out);
  });
}

// `before` computes the predicate and the values that `after` takes, or the loop returns when it is false; `after` computes those that `before` takes next.
- (NSArray<MPSGraphTensor *> *)whileWithInitialInputs:(NSArray<MPSGraphTensor *> *)initialInputs
                                               before:(MPSGraphWhileBeforeBlock)before
                                                after:(MPSGraphWhileAfterBlock)after
                                                 name:(NSString *)name {
  if (before == nil || after == nil) refuse(_cmd, @"a block is nil");
  NSArray *initial = promoted(self, initialInputs, _cmd);
  __block NSArray *passed = nil, *next = nil;
  Region *test = recordRegion(self, initial, _cmd, ^(NSArray<MPSGraphTensor *> *parameters) {
    NSMutableArray *results = [NSMutableArray array];
    MPSGraphTensor *predicate = before(parameters, results);
    checkScalar(self, predicate, KindBool, @"the predicate", _cmd);
    passed = promoted(self, results, _cmd);
    return [@[ predicate ] arrayByAddingObjectsFromArray:passed];
  });
  Region *step = recordRegion(self, passed, _cmd, ^(NSArray<MPSGraphTensor *> *parameters) { return next = promoted(self, after(parameters), _cmd); });
  checkSameTypes(initial, next, @"the after block", _cmd);
  const int inputs = (int)[initial count], results = (int)[passed count];
  NSMutableArray *operands = [NSMutableArray arrayWithArray:initial];
  const Body condition = bodyOf(test, operands), loop = bodyOf(step, operands);
  return makeResults(self, _cmd, name, operands, passed, @[ test, step ], ^(const Array *in, const Array *out) {
    bool predicate = false;
    Array *values = calloc((size_t)inputs + 1, sizeof *values), *tested = calloc((size_t)results + 1, sizeof *tested);
    tested[0] = (Array){.type = MPSDataTypeBool, .shape = {.rank = 1, .size = {1}}, .count = 1, .data = &predicate};
    for (int at = 0; at < results; at++) tested[at + 1] = out[at];
    for (int at = 0; at < inputs; at++) {
      values[at] = in[at];
      values[at].data = malloc((size_t)bytesOf(&in[at]));
      for (int64_t element = 0; element < in[at].count; element++) copyElement(&values[at], element, &in[at], element);
    }
    @try {
      for (;;) {
        perform(condition, values, inputs, in, tested);
        if (!predicate) break;
        perform(loop, out, results, in, values);
      }
    } @finally {
      free(tested);
      freeArrays(values, inputs);
    }
  });
}

- (NSArray<MPSGraphTensor *> *)forLoopWithLowerBound:(MPSGraphTensor *)lowerBound
                                          upperBound:(MPSGraphTensor *)upperBound
                                                step:(MPSGraphTensor *)step
                                initialBodyArguments:(NSArray<MPSGraphTensor *> *)initialBodyArguments
                                                body:(MPSGraphForLoopBodyBlock)body
                                                name:(NSString *)name {
  if (lowerBound == nil || upperBound == nil || step == nil) refuse(_cmd, @"a bound is nil");
  return forLoop(self, _cmd, name, @[ lowerBound, upperBound, step ], initialBodyArguments, body);
}

- (NSArray<MPSGraphTensor *> *)forLoopWithNumberOfIterations:(MPSGraphTensor *)numberOfIterations
                                        initialBodyArguments:(NSArray<MPSGraphTensor *> *)initialBodyArguments
                                                        body:(MPSGraphForLoopBodyBlock)body
                                                        name:(NSString *)name {
  if (numberOfIterations == nil) refuse(_cmd, @"a bound is nil");
  return forLoop(self, _cmd, name, @[ numberOfIterations ], initialBodyArguments, body);
}
@end
