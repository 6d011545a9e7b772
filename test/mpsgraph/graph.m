// MPSGraph: the list of operations, and how one is added to it.
#import "core.h"

@implementation MPSGraph
@synthesize options = _options;

+ (instancetype)new {
  return [[self alloc] init];
}

- (instancetype)init {
  if ((self = [super init])) {
    _options = MPSGraphOptionsDefault;
    _operations = [[NSMutableArray alloc] init];
  }
  return self;
}

- (NSArray<MPSGraphTensor *> *)placeholderTensors {
  NSMutableArray *placeholders = [NSMutableArray array];
  for (MPSGraphOperation *operation in _operations) {
    MPSGraphTensor *first = [operation->_outputTensors count] > 0 ? [operation->_outputTensors objectAtIndex:0] : nil;
    if (first != nil && isInput(first)) [placeholders addObject:first];
  }
  return placeholders;
}

- (void)dealloc {
  for (MPSGraphOperation *operation in _operations) operation->_graph = nil;
  [_operations release];
  [super dealloc];
}
@end

void checkOperand(MPSGraph *graph, MPSGraphTensor *tensor, Kinds kinds, SEL selector) {
  if (tensor == nil) refuse(selector, @"a tensor is nil");
  if (![tensor isKindOfClass:[MPSGraphTensor class]]) refuse(selector, @"%@ is no tensor", tensor);
  if (tensor->_operation == nil || tensor->_operation->_graph != graph) refuse(selector, @"%@ belongs to another graph", tensor);
  if ((kindOf(tensor->_dataType) & kinds) == 0) refuse(selector, @"no kernel for %@", nameOfType(tensor->_dataType));
}

void checkSameType(MPSGraphTensor *a, MPSGraphTensor *b, SEL selector) {
  if (a->_dataType == b->_dataType) return;
  refuse(selector, @"op requires the same element type for all operands, not %@ and %@", nameOfType(a->_dataType), nameOfType(b->_dataType));
}

static MPSGraphOperation *makeOperation(MPSGraph *graph, SEL selector, NSString *name, NSArray *inputs, int count, const MPSDataType *types,
                                        const Shape *shapes) {
  MPSGraphOperation *operation = [[[MPSGraphOperation alloc] init] autorelease];
  NSMutableArray *outputs = [NSMutableArray array];
  for (int at = 0; at < count; at++) {
    if (kindOf(types[at]) == 0) refuse(selector, @"%@ is not emulated", nameOfType(types[at]));
    checkShape(shapes[at], selector);
    MPSGraphTensor *tensor = [[[MPSGraphTensor alloc] init] autorelease];
    tensor->_shape = [arrayOfShape(shapes[at]) copy];
    tensor->_dataType = types[at];
    tensor->_operation = operation;
    tensor->_index = (NSUInteger)at;
    [outputs addObject:tensor];
  }
  operation->_inputTensors = [inputs copy];
  operation->_outputTensors = [outputs copy];
  operation->_controlDependencies = [[NSArray alloc] init];
  operation->_name = [(name ? name : NSStringFromSelector(selector)) copy];
  operation->_graph = graph;
  operation->_number = graph->_created++;
  return operation;
}

static MPSGraphOperation *addOperation(MPSGraph *graph, SEL selector, NSString *name, NSArray *inputs, int count, const MPSDataType *types,
                                       const Shape *shapes, Evaluator evaluate) {
  enterFramework(selector);
  @try {
    MPSGraphOperation *operation = makeOperation(graph, selector, name, inputs, count, types, shapes);
    if (evaluate) operation->_evaluate = (void *)Block_copy(evaluate);
    [graph->_operations addObject:operation];
    return operation;
  } @finally {
    leaveFramework();
  }
}

NSArray<MPSGraphTensor *> *makeNodes(MPSGraph *graph, SEL selector, NSString *name, NSArray *inputs, int count, const MPSDataType *types, const Shape *shapes,
                                     Evaluator evaluate) {
  return addOperation(graph, selector, name, inputs, count, types, shapes, evaluate)->_outputTensors;
}

MPSGraphTensor *makeNodeKeeping(id attributes, MPSGraph *graph, SEL selector, NSString *name, NSArray *inputs, MPSDataType type, Shape shape,
                                Evaluator evaluate) {
  MPSGraphOperation *operation = addOperation(graph, selector, name, inputs, 1, &type, &shape, evaluate);
  operation->_attributes = [attributes retain];
  return [operation->_outputTensors objectAtIndex:0];
}

MPSGraphTensor *makeNode(MPSGraph *graph, SEL selector, NSString *name, NSArray *inputs, MPSDataType type, Shape shape, Evaluator evaluate) {
  return makeNodeKeeping(nil, graph, selector, name, inputs, type, shape, evaluate);
}

MPSGraphTensor *makeInput(MPSGraph *graph, SEL selector, NSString *name, MPSDataType type, Shape shape) {
  return makeNode(graph, selector, name, @[], type, shape, NULL);
}

bool isInput(MPSGraphTensor *tensor) {
  return tensor->_operation != nil && tensor->_operation->_evaluate == NULL;
}

NSData *constantData(MPSGraphOperation *operation) {
  id kept = operation->_attributes;
  if ([kept isKindOfClass:[NSArray class]] && [kept count] > 0) kept = [kept objectAtIndex:0];
  return [kept isKindOfClass:[NSData class]] ? kept : nil;
}

int constantIntegers(MPSGraphTensor *tensor, int64_t *values, int capacity, SEL selector) {
  MPSGraphOperation *operation = tensor->_operation;
  NSData *data = operation == nil ? nil : constantData(operation);
  if (data == nil) refuse(selector, @"non constant tensor of axes or sizes");
  if (kindOf(tensor->_dataType) != KindSigned) refuse(selector, @"tensor of axes or sizes of type %@", nameOfType(tensor->_dataType));
  const Shape shape = shapeOf(tensor);
  const int64_t count = countOf(shape);
  if (shape.rank > 1 || count > capacity) refuse(selector, @"tensor of axes or sizes of shape %@", textOfShape(shape));
  const Array array = {.type = tensor->_dataType, .shape = shape, .count = count, .data = (void *)[data bytes]};
  for (int64_t at = 0; at < count; at++) values[at] = loadInt(&array, at);
  return (int)count;
}
