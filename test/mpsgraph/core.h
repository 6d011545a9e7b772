// What the emulation's files share: shapes, typed arrays, refusals, and how an operation is made. README.md explains how to add a method.
#ifndef EMULATED_CORE_H
#define EMULATED_CORE_H
#include <stdbool.h>
#include <stdint.h>

#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>
#import <objc/blocks_runtime.h>

// ---- Refusals (refuse.m) ----

// Raises an NSException whose text starts with "MPSGraph would abort: " and the selector. For everything on which the real framework ends the process.
__attribute__((noreturn)) void refuse(SEL selector, NSString *format, ...) NS_FORMAT_FUNCTION(2, 3);

// Raises NSInvalidArgumentException, as the real framework does in the few cases that can be caught.
__attribute__((noreturn)) void invalidArgument(SEL selector, NSString *format, ...) NS_FORMAT_FUNCTION(2, 3);

// Two threads inside the framework's build, compile or encode at once crash it now and then; here they always raise. Calls nest on one thread.
void enterFramework(SEL selector);
void leaveFramework(void);

// ---- Element types (dtype.m) ----

typedef NS_OPTIONS(unsigned, Kinds) {
  KindFloat = 1u, // f32, f16, bf16
  KindSigned = 2u,
  KindUnsigned = 4u,
  KindBool = 8u,
  KindComplex = 16u, // two f32, re and im: in no group, since most methods have no kernel for it
  KindInteger = KindSigned | KindUnsigned,
  KindNumber = KindFloat | KindInteger,
  KindAny = KindNumber | KindBool,
};

Kinds kindOf(MPSDataType type); // 0 for types that are not emulated (complex of f16, sub-byte)
size_t sizeOfType(MPSDataType type);
NSString *nameOfType(MPSDataType type); // "f32", "i64", "bool"

// ---- Shapes (shape.m) ----

enum { maxRank = 16 };

typedef struct {
  int rank;
  int64_t size[maxRank];
} Shape;

// Refuses nil, rank above 16, sizes below 1 or above INT_MAX, more than INT_MAX elements.
Shape shapeFrom(MPSShape *shape, SEL selector);
void checkShape(Shape shape, SEL selector);
Shape shapeOf(MPSGraphTensor *tensor);
MPSShape *arrayOfShape(Shape shape);
NSString *textOfShape(Shape shape); // "[2, 3]"
int64_t countOf(Shape shape);
bool sameShape(Shape a, Shape b);
// The axis counted from the front; refuses one out of range.
int axisOf(NSInteger axis, int rank, SEL selector);
// Sorted axes from the front, each once; nil means all axes (or none, see allIfNil).
typedef struct {
  int count;
  int axis[maxRank];
  bool has[maxRank];
} Axes;
Axes axesFrom(NSArray<NSNumber *> *axes, bool allIfNil, int rank, SEL selector);
// Right-aligned, sizes equal or 1; refuses anything else.
Shape broadcastShapes(Shape a, Shape b, SEL selector);

// Maps the linear index of a result to that of an operand broadcast to it.
typedef struct {
  int rank;
  bool dense;
  int64_t size[maxRank], stride[maxRank];
} Broadcast;
Broadcast broadcastTo(Shape operand, Shape result);
int64_t broadcastIndex(const Broadcast *broadcast, int64_t index);

// Row-major strides in elements.
void stridesOf(Shape shape, int64_t strides[maxRank]);

// ---- Arrays (array.m) ----

// Dense row-major values of one tensor while a graph is evaluated.
typedef struct {
  MPSDataType type;
  Shape shape;
  int64_t count;
  void *data;
} Array;

double loadDouble(const Array *array, int64_t index); // exact but for 64-bit integers
int64_t loadInt(const Array *array, int64_t index); // signed, unsigned (as its bits when 64 wide) and bool
// f32 rounds once; f16 and bf16 round to f32 first, as hardware that computes in f32 does; nearest, ties to even. For float types only.
void storeDouble(const Array *array, int64_t index, double value);
// Keeps the low bits: integers of any width; bool takes value as it is.
void storeInt(const Array *array, int64_t index, int64_t value);
// The bits of one element, whatever its type.
void copyElement(const Array *to, int64_t toIndex, const Array *from, int64_t fromIndex);

// GPU arithmetic reads and writes denormal f32 (and bf16) as zero of the same sign; other types and values are returned as they are.
double flushed(MPSDataType type, double value);
// value rounded to what `type` can hold (f32, f16, bf16).
double rounded(MPSDataType type, double value);

float floatFromHalf(uint16_t bits);
uint16_t halfFromFloat(float value);

// ---- Operations (graph.m) ----

// Computes out[...] from in[...]; both are in the order given to makeNodes. A block may capture numbers, structs and C pointers, never objects: blocks do
// not retain them on this runtime. May raise with refuse().
typedef void (^Evaluator)(const Array *in, const Array *out);

// Refuses nil, a tensor of another graph, and one of a kind that is not in `kinds`.
void checkOperand(MPSGraph *graph, MPSGraphTensor *tensor, Kinds kinds, SEL selector);
// Refuses different element types: the framework promotes nothing.
void checkSameType(MPSGraphTensor *a, MPSGraphTensor *b, SEL selector);

// An operation with one result. Operands were checked with checkOperand.
MPSGraphTensor *makeNode(MPSGraph *graph, SEL selector, NSString *name, NSArray *inputs, MPSDataType type, Shape shape, Evaluator evaluate);
// With several.
NSArray<MPSGraphTensor *> *makeNodes(MPSGraph *graph, SEL selector, NSString *name, NSArray *inputs, int count, const MPSDataType *types, const Shape *shapes,
                                     Evaluator evaluate);
// As makeNode; `attributes` is kept as long as the operation.
MPSGraphTensor *makeNodeKeeping(id attributes, MPSGraph *graph, SEL selector, NSString *name, NSArray *inputs, MPSDataType type, Shape shape,
                                Evaluator evaluate);

// A tensor that an evaluation binds from outside: a placeholder, or a parameter of a block.
MPSGraphTensor *makeInput(MPSGraph *graph, SEL selector, NSString *name, MPSDataType type, Shape shape);
bool isInput(MPSGraphTensor *tensor);

// The data of a constant, nil for anything else.
NSData *constantData(MPSGraphOperation *operation);

// The values of a constant operand (an axis tensor, a shape tensor): the framework aborts on such operands when they are computed or fed.
// Integers of rank 0 or 1; writes at most `capacity` and returns their number.
int constantIntegers(MPSGraphTensor *tensor, int64_t *values, int capacity, SEL selector);

// ---- Plans (plan.m): operations in order, with inputs bound and outputs read by position ----

@interface EmulatedPlan : NSObject {
@public
  NSArray<MPSGraphOperation *> *_operations;
  NSArray<MPSGraphTensor *> *_inputs, *_outputs;
  NSMapTable *_slots;
}
// Refuses operations that use a tensor made by neither an input nor an earlier operation.
- (id)initWithOperations:(NSArray *)operations inputs:(NSArray *)inputs outputs:(NSArray *)outputs selector:(SEL)selector;
// Arrays in the order of the inputs and outputs; those of outputs are written.
- (void)evaluate:(const Array *)inputs into:(const Array *)outputs;
@end

// The operations among `operations` (in order of creation) that `targets` and `extra` need.
NSArray<MPSGraphOperation *> *neededOperations(NSArray *operations, NSArray *targets, NSArray *extra);

// ---- Blocks of control flow (region.m) ----

// What a block argument built: a plan whose inputs are the block's parameters, then the outer tensors that it uses.
@interface Region : NSObject {
@public
  EmulatedPlan *_plan;
  NSArray<MPSGraphTensor *> *_captured;
}
@end

// Calls `body` with fresh parameter tensors like `like` and records the operations that it makes; `body` returns the results.
typedef NSArray<MPSGraphTensor *> * (^RegionBody)(NSArray<MPSGraphTensor *> *parameters);
Region *recordRegion(MPSGraph *graph, NSArray<MPSGraphTensor *> *like, SEL selector, RegionBody body);

#endif
