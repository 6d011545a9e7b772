// Operations that compute each element of the result from one element of each operand.
#ifndef EMULATED_ELEMENTWISE_H
#define EMULATED_ELEMENTWISE_H
#import "../core.h"

// A function per kind of type; NULL where there is no kernel. Integers of every width go through 64 bits and wrap when they are stored.
typedef struct {
  double (*onFloat)(double);
  int64_t (*onSigned)(int64_t);
  uint64_t (*onUnsigned)(uint64_t);
  bool keepsDenormals; // of f32 and bf16; others read and write them as zero
  bool not64;          // has no kernel for 64-bit integers
} Unary;

typedef struct {
  double (*onFloat)(double, double);
  int64_t (*onSigned)(int64_t, int64_t);
  uint64_t (*onUnsigned)(uint64_t, uint64_t); // bool too if onBool
  bool keepsDenormals;
  bool onBool;
} Binary;

// A yes-or-no question about two values; the result is bool.
typedef struct {
  bool (*onFloat)(double, double);
  bool (*onSigned)(int64_t, int64_t);
  bool (*onUnsigned)(uint64_t, uint64_t); // bool too if onBool
  bool onBool;
} Comparison;

MPSGraphTensor *unary(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, Unary operation);
// Operands of one type, broadcast to each other.
MPSGraphTensor *binary(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *a, MPSGraphTensor *b, Binary operation);
MPSGraphTensor *comparison(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *a, MPSGraphTensor *b, Comparison operation);

// A value as a condition: everything but zero is true, NaN included.
bool isTrue(const Array *array, int64_t index);
// 0 or 1 in any type.
void storeTruth(const Array *array, int64_t index, bool truth);
// A float result of arithmetic: rounded, flushed, and with the canonical NaN.
void storeComputed(const Array *array, int64_t index, double value);
// A float operand of arithmetic: flushed.
double loadComputed(const Array *array, int64_t index);

#endif
