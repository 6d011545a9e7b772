// Random numbers from Philox 4x32-10. How bits become numbers, and seeds states, is not documented: only the ranges and the laws hold.
#import "view.h"
#include <math.h>
#include <string.h>
#include <time.h>

typedef struct {
  uint32_t counter[4], key[2];
} Philox;

static void philoxBlock(Philox philox, uint32_t out[4]) {
  for (int round = 0; round < 10; round++) {
    const uint64_t one = 0xd2511f53ull * philox.counter[0], other = 0xcd9e8d57ull * philox.counter[2];
    const uint32_t next[] = {(uint32_t)(other >> 32) ^ philox.counter[1] ^ philox.key[0], (uint32_t)other,
                             (uint32_t)(one >> 32) ^ philox.counter[3] ^ philox.key[1], (uint32_t)one};
    memcpy(philox.counter, next, sizeof next);
    philox.key[0] += 0x9e3779b9u;
    philox.key[1] += 0xbb67ae85u;
  }
  memcpy(out, philox.counter, sizeof philox.counter);
}

static void advance(Philox *philox) {
  for (int word = 0; word < 4 && ++philox->counter[word] == 0; word++) {
  }
}

// A state tensor is int32[7]: 1, the counter, the key.
enum { stateWords = 7 };

static Philox philoxFrom(uint64_t counterLow, uint64_t counterHigh, uint64_t key) {
  return (Philox){.counter = {(uint32_t)counterLow, (uint32_t)(counterLow >> 32), (uint32_t)counterHigh, (uint32_t)(counterHigh >> 32)},
                  .key = {(uint32_t)key, (uint32_t)(key >> 32)}};
}

static uint64_t mixed(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

// Seeds make the counter and the key.
static Philox philoxFromSeed(uint64_t seed) {
  const uint64_t low = mixed(&seed), high = mixed(&seed);
  return philoxFrom(low, high, mixed(&seed));
}

// What a descriptor asks for, without the object.
typedef struct {
  MPSGraphRandomDistribution distribution;
  MPSGraphRandomNormalSamplingMethod method;
  MPSDataType type;
  double min, max, mean, deviation;
  int64_t minInteger, maxInteger;
} Law;

static Law lawFrom(MPSGraphRandomOpDescriptor *descriptor, SEL selector) {
  if (descriptor == nil) refuse(selector, @"the descriptor is nil");
  const Law law = {.distribution = descriptor.distribution,
                   .method = descriptor.samplingMethod,
                   .type = descriptor.dataType,
                   .min = (double)descriptor.min,
                   .max = (double)descriptor.max,
                   .mean = (double)descriptor.mean,
                   .deviation = (double)descriptor.standardDeviation,
                   .minInteger = descriptor.minInteger,
                   .maxInteger = descriptor.maxInteger};
  const bool uniform = law.distribution == MPSGraphRandomDistributionUniform;
  if (law.distribution > MPSGraphRandomDistributionTruncatedNormal) refuse(selector, @"distribution %lu", (unsigned long)law.distribution);
  if (kindOf(law.type) != KindFloat && !(uniform && law.type == MPSDataTypeInt32)) refuse(selector, @"no kernel for %@", nameOfType(law.type));
  if (law.type == MPSDataTypeInt32) {
    if (law.minInteger > law.maxInteger || law.minInteger < INT32_MIN || law.maxInteger > INT32_MAX) {
      refuse(selector, @"integers from %lld to %lld", (long long)law.minInteger, (long long)law.maxInteger);
    }
  } else if (law.distribution != MPSGraphRandomDistributionNormal && !(law.min < law.max)) {
    refuse(selector, @"numbers from %g to %g", law.min, law.max);
  }
  if (!uniform && !(law.deviation > 0)) refuse(selector, @"a standard deviation of %g", law.deviation);
  return law;
}

// Strictly between 0 and 1.
static double fraction(uint32_t bits) {
  return ((double)(bits >> 8) + 0.5) * 0x1p-24;
}

static double normalBelow(double x) {
  return 0.5 * erfc(-x * M_SQRT1_2);
}

static double normalQuantile(double probability) {
  double low = -9, high = 9;
  for (int step = 0; step < 60; step++) {
    const double middle = (low + high) / 2;
    if (normalBelow(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

// The range includes its start and not its end, after rounding too.
static double inRange(const Law *law, double value) {
  const double stored = rounded(law->type, value);
  if (stored >= law->min && stored < law->max) return stored;
  return rounded(law->type, law->min) >= law->min ? law->min : (law->min + law->max) / 2;
}

static void sample(const Law *law, const Array *out, int64_t at, uint32_t bits, uint32_t more) {
  if (law->type == MPSDataTypeInt32) {
    storeInt(out, at, law->minInteger + (int64_t)(bits % (uint64_t)(law->maxInteger - law->minInteger + 1)));
    return;
  }
  if (law->distribution == MPSGraphRandomDistributionUniform) {
    storeDouble(out, at, inRange(law, law->min + (law->max - law->min) * (double)(bits >> 8) * 0x1p-24));
  } else if (law->distribution == MPSGraphRandomDistributionNormal) {
    const double normal = law->method == MPSGraphRandomNormalSamplingBoxMuller ? sqrt(-2 * log(fraction(bits))) * cos(2 * M_PI * fraction(more))
                                                                               : normalQuantile(fraction(bits));
    storeDouble(out, at, law->mean + law->deviation * normal);
  } else {
    const double below = normalBelow((law->min - law->mean) / law->deviation), above = normalBelow((law->max - law->mean) / law->deviation);
    storeDouble(out, at, inRange(law, law->mean + law->deviation * normalQuantile(below + (above - below) * fraction(bits))));
  }
}

// Two numbers of a block for each of two elements. Leaves the state after the last block.
static void fill(const Law *law, const Array *out, Philox *philox) {
  uint32_t block[4];
  for (int64_t at = 0; at < out->count; at++) {
    if (at % 2 == 0) {
      philoxBlock(*philox, block);
      advance(philox);
    }
    sample(law, out, at, block[at % 2 * 2], block[at % 2 * 2 + 1]);
  }
}

static void storeState(const Array *out, Philox philox) {
  storeInt(out, 0, 1);
  for (int word = 0; word < 4; word++) storeInt(out, 1 + word, (int32_t)philox.counter[word]);
  for (int word = 0; word < 2; word++) storeInt(out, 5 + word, (int32_t)philox.key[word]);
}

static Philox loadState(const Array *in) {
  Philox philox;
  for (int word = 0; word < 4; word++) philox.counter[word] = (uint32_t)loadInt(in, 1 + word);
  for (int word = 0; word < 2; word++) philox.key[word] = (uint32_t)loadInt(in, 5 + word);
  return philox;
}

static MPSGraphTensor *makeState(MPSGraph *graph, SEL selector, NSString *name, Philox philox) {
  return makeNode(graph, selector, name, @[], MPSDataTypeInt32, (Shape){.rank = 1, .size = {stateWords}}, ^(const Array *in, const Array *out) {
    (void)in;
    storeState(&out[0], philox);
  });
}

// A seed is part of the graph: every run gives the same numbers.
static MPSGraphTensor *seeded(MPSGraph *graph, SEL selector, NSString *name, Shape shape, Law law, uint64_t seed) {
  return makeNode(graph, selector, name, @[], law.type, shape, ^(const Array *in, const Array *out) {
    (void)in;
    Philox philox = philoxFromSeed(seed);
    fill(&law, &out[0], &philox);
  });
}

static NSArray<MPSGraphTensor *> *continued(MPSGraph *graph, SEL selector, NSString *name, Shape shape, Law law, MPSGraphTensor *state) {
  checkOperand(graph, state, KindSigned, selector);
  const Shape given = shapeOf(state);
  if (state->_dataType != MPSDataTypeInt32 || given.rank != 1 || given.size[0] != stateWords) refuse(selector, @"a state like %@", state);
  const MPSDataType types[] = {law.type, MPSDataTypeInt32};
  const Shape shapes[] = {shape, given};
  return makeNodes(graph, selector, name, @[ state ], 2, types, shapes, ^(const Array *in, const Array *out) {
    Philox philox = loadState(&in[0]);
    fill(&law, &out[0], &philox);
    storeState(&out[1], philox);
  });
}

static uint64_t anySeed(void) {
  static uint64_t number;
  return (uint64_t)time(NULL) << 32 ^ __atomic_fetch_add(&number, 1, __ATOMIC_RELAXED);
}

static MPSGraphRandomOpDescriptor *unit(void) {
  return [MPSGraphRandomOpDescriptor descriptorWithDistribution:MPSGraphRandomDistributionUniform dataType:MPSDataTypeFloat32];
}

static Shape shapeIn(MPSGraphTensor *shapeTensor, SEL selector) {
  return shapeFrom(constantArray(shapeTensor, selector), selector);
}

@implementation MPSGraph (Random)
- (MPSGraphTensor *)randomPhiloxStateTensorWithSeed:(NSUInteger)seed name:(NSString *)name {
  return makeState(self, _cmd, name, philoxFromSeed(seed));
}

- (MPSGraphTensor *)randomPhiloxStateTensorWithCounterLow:(NSUInteger)counterLow counterHigh:(NSUInteger)counterHigh key:(NSUInteger)key name:(NSString *)name {
  return makeState(self, _cmd, name, philoxFrom(counterLow, counterHigh, key));
}

- (MPSGraphTensor *)randomTensorWithShape:(MPSShape *)shape descriptor:(MPSGraphRandomOpDescriptor *)descriptor name:(NSString *)name {
  return seeded(self, _cmd, name, shapeFrom(shape, _cmd), lawFrom(descriptor, _cmd), anySeed());
}

- (MPSGraphTensor *)randomTensorWithShapeTensor:(MPSGraphTensor *)shapeTensor descriptor:(MPSGraphRandomOpDescriptor *)descriptor name:(NSString *)name {
  return seeded(self, _cmd, name, shapeIn(shapeTensor, _cmd), lawFrom(descriptor, _cmd), anySeed());
}

- (MPSGraphTensor *)randomTensorWithShape:(MPSShape *)shape descriptor:(MPSGraphRandomOpDescriptor *)descriptor seed:(NSUInteger)seed name:(NSString *)name {
  return seeded(self, _cmd, name, shapeFrom(shape, _cmd), lawFrom(descriptor, _cmd), seed);
}

- (MPSGraphTensor *)randomTensorWithShapeTensor:(MPSGraphTensor *)shapeTensor
                                     descriptor:(MPSGraphRandomOpDescriptor *)descriptor
                                           seed:(NSUInteger)seed
                                           name:(NSString *)name {
  return seeded(self, _cmd, name, shapeIn(shapeTensor, _cmd), lawFrom(descriptor, _cmd), seed);
}

- (NSArray<MPSGraphTensor *> *)randomTensorWithShape:(MPSShape *)shape
                                          descriptor:(MPSGraphRandomOpDescriptor *)descriptor
                                         stateTensor:(MPSGraphTensor *)state
                                                name:(NSString *)name {
  return continued(self, _cmd, name, shapeFrom(shape, _cmd), lawFrom(descriptor, _cmd), state);
}

- (NSArray<MPSGraphTensor *> *)randomTensorWithShapeTensor:(MPSGraphTensor *)shapeTensor
                                                descriptor:(MPSGraphRandomOpDescriptor *)descriptor
                                               stateTensor:(MPSGraphTensor *)state
                                                      name:(NSString *)name {
  return continued(self, _cmd, name, shapeIn(shapeTensor, _cmd), lawFrom(descriptor, _cmd), state);
}

- (MPSGraphTensor *)randomUniformTensorWithShape:(MPSShape *)shape name:(NSString *)name {
  return seeded(self, _cmd, name, shapeFrom(shape, _cmd), lawFrom(unit(), _cmd), anySeed());
}

- (MPSGraphTensor *)randomUniformTensorWithShapeTensor:(MPSGraphTensor *)shapeTensor name:(NSString *)name {
  return seeded(self, _cmd, name, shapeIn(shapeTensor, _cmd), lawFrom(unit(), _cmd), anySeed());
}

- (MPSGraphTensor *)randomUniformTensorWithShape:(MPSShape *)shape seed:(NSUInteger)seed name:(NSString *)name {
  return seeded(self, _cmd, name, shapeFrom(shape, _cmd), lawFrom(unit(), _cmd), seed);
}

- (MPSGraphTensor *)randomUniformTensorWithShapeTensor:(MPSGraphTensor *)shapeTensor seed:(NSUInteger)seed name:(NSString *)name {
  return seeded(self, _cmd, name, shapeIn(shapeTensor, _cmd), lawFrom(unit(), _cmd), seed);
}

- (NSArray<MPSGraphTensor *> *)randomUniformTensorWithShape:(MPSShape *)shape stateTensor:(MPSGraphTensor *)state name:(NSString *)name {
  return continued(self, _cmd, name, shapeFrom(shape, _cmd), lawFrom(unit(), _cmd), state);
}

- (NSArray<MPSGraphTensor *> *)randomUniformTensorWithShapeTensor:(MPSGraphTensor *)shapeTensor stateTensor:(MPSGraphTensor *)state name:(NSString *)name {
  return continued(self, _cmd, name, shapeIn(shapeTensor, _cmd), lawFrom(unit(), _cmd), state);
}
@end
