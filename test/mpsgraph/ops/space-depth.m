// Moves blocks of spatial axes into the depth or batch axis, and back.
#import "view.h"

typedef struct {
  int count;
  int axis[maxRank];
  int64_t block[maxRank];
  int target;
  // Within the target axis the place in the block varies fastest (pixel shuffle order), or slowest.
  bool pixelShuffle;
} Blocks;

static Blocks blocksFrom(Shape shape, NSArray<NSNumber *> *axes, NSInteger target, NSArray<NSNumber *> *sizes, bool pixelShuffle, SEL selector) {
  if ([axes count] == 0 || [axes count] != [sizes count]) refuse(selector, @"%lu axes, %lu block sizes", (unsigned long)[axes count], (unsigned long)[sizes count]);
  Blocks blocks = {.count = 0, .target = axisOf(target, shape.rank, selector), .pixelShuffle = pixelShuffle};
  bool used[maxRank] = {false};
  used[blocks.target] = true;
  for (NSNumber *entry in axes) {
    const int axis = axisOf([entry integerValue], shape.rank, selector);
    const int64_t size = [[sizes objectAtIndex:(NSUInteger)blocks.count] longLongValue];
    if (used[axis]) refuse(selector, @"axis %d occurs twice", axis);
    if (size < 1) refuse(selector, @"block size %lld", (long long)size);
    used[axis] = true;
    blocks.axis[blocks.count] = axis;
    blocks.block[blocks.count++] = size;
  }
  return blocks;
}

static int64_t volumeOf(const Blocks *blocks) {
  int64_t volume = 1;
  for (int at = 0; at < blocks->count; at++) volume *= blocks->block[at];
  return volume;
}

// The index in the spacious tensor of an element of the packed one.
static int64_t spaciousIndex(const Blocks *blocks, Shape packed, const View *spacious, int64_t index) {
  int64_t position[maxRank];
  for (int axis = packed.rank - 1; axis >= 0; axis--) {
    position[axis] = index % packed.size[axis];
    index /= packed.size[axis];
  }
  const int64_t volume = volumeOf(blocks), depth = spacious->shape.size[blocks->target], at = position[blocks->target];
  int64_t place = blocks->pixelShuffle ? at % volume : at / depth;
  position[blocks->target] = blocks->pixelShuffle ? at / volume : at % depth;
  for (int spatial = blocks->count - 1; spatial >= 0; spatial--) {
    position[blocks->axis[spatial]] = position[blocks->axis[spatial]] * blocks->block[spatial] + place % blocks->block[spatial];
    place /= blocks->block[spatial];
  }
  int64_t result = 0;
  for (int axis = 0; axis < packed.rank; axis++) result += position[axis] * spacious->stride[axis];
  return result;
}

static MPSGraphTensor *pack(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSArray *axes, NSInteger target, NSArray *sizes,
                            bool pixelShuffle) {
  checkOperand(graph, tensor, KindAny, selector);
  const Shape shape = shapeOf(tensor);
  const Blocks blocks = blocksFrom(shape, axes, target, sizes, pixelShuffle, selector);
  const View spacious = viewOf(shape);
  Shape packed = shape;
  for (int at = 0; at < blocks.count; at++) {
    if (shape.size[blocks.axis[at]] % blocks.block[at]) refuse(selector, @"%@ does not divide into blocks of %lld", textOfShape(shape), (long long)blocks.block[at]);
    packed.size[blocks.axis[at]] /= blocks.block[at];
  }
  packed.size[blocks.target] *= volumeOf(&blocks);
  return makeNode(graph, selector, name, @[ tensor ], tensor->_dataType, packed, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) copyElement(&out[0], at, &in[0], spaciousIndex(&blocks, packed, &spacious, at));
  });
}

static MPSGraphTensor *unpack(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSArray *axes, NSInteger target, NSArray *sizes,
                              bool pixelShuffle) {
  checkOperand(graph, tensor, KindAny, selector);
  const Shape packed = shapeOf(tensor);
  const Blocks blocks = blocksFrom(packed, axes, target, sizes, pixelShuffle, selector);
  Shape shape = packed;
  if (packed.size[blocks.target] % volumeOf(&blocks)) refuse(selector, @"%@ does not divide into blocks of %lld", textOfShape(packed), (long long)volumeOf(&blocks));
  shape.size[blocks.target] /= volumeOf(&blocks);
  for (int at = 0; at < blocks.count; at++) shape.size[blocks.axis[at]] *= blocks.block[at];
  const View spacious = viewOf(shape);
  return makeNode(graph, selector, name, @[ tensor ], tensor->_dataType, shape, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < in[0].count; at++) copyElement(&out[0], spaciousIndex(&blocks, packed, &spacious, at), &in[0], at);
  });
}

static NSArray *pair(NSUInteger one, NSUInteger other) {
  return @[ [NSNumber numberWithInteger:(NSInteger)one], [NSNumber numberWithInteger:(NSInteger)other] ];
}

@implementation MPSGraph (SpaceDepth)
- (MPSGraphTensor *)spaceToDepth2DTensor:(MPSGraphTensor *)tensor
                               widthAxis:(NSUInteger)widthAxis
                              heightAxis:(NSUInteger)heightAxis
                               depthAxis:(NSUInteger)depthAxis
                               blockSize:(NSUInteger)blockSize
                    usePixelShuffleOrder:(BOOL)usePixelShuffleOrder
                                    name:(NSString *)name {
  return pack(self, _cmd, name, tensor, pair(heightAxis, widthAxis), (NSInteger)depthAxis, pair(blockSize, blockSize), usePixelShuffleOrder);
}

- (MPSGraphTensor *)spaceToDepth2DTensor:(MPSGraphTensor *)tensor
                         widthAxisTensor:(MPSGraphTensor *)widthAxisTensor
                        heightAxisTensor:(MPSGraphTensor *)heightAxisTensor
                         depthAxisTensor:(MPSGraphTensor *)depthAxisTensor
                               blockSize:(NSUInteger)blockSize
                    usePixelShuffleOrder:(BOOL)usePixelShuffleOrder
                                    name:(NSString *)name {
  NSArray *axes = pair((NSUInteger)constantAxis(heightAxisTensor, _cmd), (NSUInteger)constantAxis(widthAxisTensor, _cmd));
  return pack(self, _cmd, name, tensor, axes, constantAxis(depthAxisTensor, _cmd), pair(blockSize, blockSize), usePixelShuffleOrder);
}

- (MPSGraphTensor *)depthToSpace2DTensor:(MPSGraphTensor *)tensor
                               widthAxis:(NSUInteger)widthAxis
                              heightAxis:(NSUInteger)heightAxis
                               depthAxis:(NSUInteger)depthAxis
                               blockSize:(NSUInteger)blockSize
                    usePixelShuffleOrder:(BOOL)usePixelShuffleOrder
                                    name:(NSString *)name {
  return unpack(self, _cmd, name, tensor, pair(heightAxis, widthAxis), (NSInteger)depthAxis, pair(blockSize, blockSize), usePixelShuffleOrder);
}

- (MPSGraphTensor *)depthToSpace2DTensor:(MPSGraphTensor *)tensor
                         widthAxisTensor:(MPSGraphTensor *)widthAxisTensor
                        heightAxisTensor:(MPSGraphTensor *)heightAxisTensor
                         depthAxisTensor:(MPSGraphTensor *)depthAxisTensor
                               blockSize:(NSUInteger)blockSize
                    usePixelShuffleOrder:(BOOL)usePixelShuffleOrder
                                    name:(NSString *)name {
  NSArray *axes = pair((NSUInteger)constantAxis(heightAxisTensor, _cmd), (NSUInteger)constantAxis(widthAxisTensor, _cmd));
  return unpack(self, _cmd, name, tensor, axes, constantAxis(depthAxisTensor, _cmd), pair(blockSize, blockSize), usePixelShuffleOrder);
}

- (MPSGraphTensor *)spaceToBatchTensor:(MPSGraphTensor *)tensor
                           spatialAxes:(NSArray<NSNumber *> *)spatialAxes
                             batchAxis:(NSInteger)batchAxis
                       blockDimensions:(NSArray<NSNumber *> *)blockDimensions
                  usePixelShuffleOrder:(BOOL)usePixelShuffleOrder
                                  name:(NSString *)name {
  return pack(self, _cmd, name, tensor, spatialAxes, batchAxis, blockDimensions, usePixelShuffleOrder);
}

- (MPSGraphTensor *)spaceToBatchTensor:(MPSGraphTensor *)tensor
                     spatialAxesTensor:(MPSGraphTensor *)spatialAxesTensor
                       batchAxisTensor:(MPSGraphTensor *)batchAxisTensor
                 blockDimensionsTensor:(MPSGraphTensor *)blockDimensionsTensor
                  usePixelShuffleOrder:(BOOL)usePixelShuffleOrder
                                  name:(NSString *)name {
  return pack(self, _cmd, name, tensor, constantArray(spatialAxesTensor, _cmd), constantAxis(batchAxisTensor, _cmd), constantArray(blockDimensionsTensor, _cmd),
              usePixelShuffleOrder);
}

- (MPSGraphTensor *)batchToSpaceTensor:(MPSGraphTensor *)tensor
                           spatialAxes:(NSArray<NSNumber *> *)spatialAxes
                             batchAxis:(NSInteger)batchAxis
                       blockDimensions:(NSArray<NSNumber *> *)blockDimensions
                  usePixelShuffleOrder:(BOOL)usePixelShuffleOrder
                                  name:(NSString *)name {
  return unpack(self, _cmd, name, tensor, spatialAxes, batchAxis, blockDimensions, usePixelShuffleOrder);
}

- (MPSGraphTensor *)batchToSpaceTensor:(MPSGraphTensor *)tensor
                     spatialAxesTensor:(MPSGraphTensor *)spatialAxesTensor
                       batchAxisTensor:(MPSGraphTensor *)batchAxisTensor
                 blockDimensionsTensor:(MPSGraphTensor *)blockDimensionsTensor
                  usePixelShuffleOrder:(BOOL)usePixelShuffleOrder
                                  name:(NSString *)name {
  return unpack(self, _cmd, name, tensor, constantArray(spatialAxesTensor, _cmd), constantAxis(batchAxisTensor, _cmd),
                constantArray(blockDimensionsTensor, _cmd), usePixelShuffleOrder);
}
@end
