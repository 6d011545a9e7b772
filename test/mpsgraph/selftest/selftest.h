// The self-test: small graphs through the whole life of an executable, without Node. README.md has the notation.
#ifndef EMULATED_SELFTEST_H
#define EMULATED_SELFTEST_H
#import "../core.h"

// TEST(name) { ... } defines a test; main runs all of them (or those whose names contain an argument) and prints a line for each.
typedef struct Test {
  const char *name;
  void (*run)(void);
  struct Test *next;
} Test;
void addTest(Test *test);
#define TEST(name)                                                                                                                                             \
  static void name(void);                                                                                                                                      \
  __attribute__((constructor)) static void add_##name(void) {                                                                                                  \
    static Test test = {#name, name, NULL};                                                                                                                    \
    addTest(&test);                                                                                                                                            \
  }                                                                                                                                                            \
  static void name(void)

// Fails the current test.
__attribute__((noreturn)) void fail(NSString *format, ...) NS_FORMAT_FUNCTION(1, 2);
#define CHECK(condition)                                                                                                                                       \
  do {                                                                                                                                                         \
    if (!(condition)) fail(@"%s:%d: %s", __FILE_NAME__, __LINE__, #condition);                                                                                 \
  } while (0)

// Text of a tensor: type, sizes joined by x, values: "f32 2x2: 1 -0 nan inf". Values may be in hexadecimal: 0x1p-3.
typedef struct {
  MPSDataType type;
  Shape shape;
  NSMutableData *bytes;
} Literal;
Literal parse(NSString *text);

// Builds the operation under test on placeholders for the inputs; returns a tensor or an array of tensors.
typedef id (^Build)(MPSGraph *g, MPSGraphTensor **in);

// Runs it; the results must be bit for bit what is expected (any NaN equals any other). `expected` is a text or an array of texts.
void check(Build build, NSArray<NSString *> *inputs, id expected);
// The same, with values that may be off by `ulps` units in the last place of the result's type.
void checkClose(Build build, NSArray<NSString *> *inputs, id expected, double ulps);
// Building, compiling or running it must be refused with a text that contains `part`.
void checkRefused(Build build, NSArray<NSString *> *inputs, NSString *part);
// As checkRefused, for any block of code.
void checkRaises(void (^code)(void), NSString *part);

// The pieces, for tests of the life of an executable.
id<MTLDevice> device(void);
MPSGraphCompilationDescriptor *compilation(void);
MPSGraphExecutable *compile(MPSGraph *graph, NSArray<MPSGraphTensor *> *feeds, NSArray<MPSGraphTensor *> *targets);
MPSGraphTensor *placeholder(MPSGraph *graph, NSString *text);
MPSGraphTensorData *dataOf(NSString *text);
NSString *textOf(MPSGraphTensorData *data);

#endif
