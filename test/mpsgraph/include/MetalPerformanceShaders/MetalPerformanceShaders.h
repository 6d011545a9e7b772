// The part of Metal Performance Shaders that the shim uses, as the emulation provides it.
#ifndef EMULATED_MPS_H
#define EMULATED_MPS_H
#import <Foundation/Foundation.h>
#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSDataType.h>

NS_ASSUME_NONNULL_BEGIN

typedef NSArray<NSNumber *> MPSShape;

// Not emulated, only named by MPSGraphTensorData.
@class MPSImage, MPSMatrix, MPSVector;
typedef NSArray<MPSImage *> MPSImageBatch;

extern BOOL MPSSupportsMTLDevice(id<MTLDevice> _Nullable device);
extern size_t MPSSizeofMPSDataType(MPSDataType type);

// A command buffer that an encoder may commit and replace (commitAndContinue).
@interface MPSCommandBuffer : NSObject <MTLCommandBuffer> {
@public
  id<MTLCommandBuffer> _commandBuffer;
}
@property (readonly, nonatomic, retain) id<MTLCommandBuffer> commandBuffer;
@property (readonly, nonatomic, retain) id<MTLCommandBuffer> rootCommandBuffer;
+ (instancetype)commandBufferWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer;
+ (instancetype)commandBufferFromCommandQueue:(id<MTLCommandQueue>)commandQueue;
- (instancetype)initWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer;
- (void)commitAndContinue;
@end

@interface MPSNDArrayDescriptor : NSObject {
@public
  MPSDataType _dataType;
  MPSShape *_shape; // slowest dimension first
  BOOL _preferPackedRows;
}
@property (readwrite, nonatomic) MPSDataType dataType;
@property (readonly, nonatomic) NSUInteger numberOfDimensions;
@property (readwrite, nonatomic) BOOL preferPackedRows; // macOS 15.0
+ (instancetype)descriptorWithDataType:(MPSDataType)dataType shape:(MPSShape *)shape;
- (MPSShape *)getShape;
// Dimension 0 is the fastest.
- (NSUInteger)lengthOfDimension:(NSUInteger)dimensionIndex;
@end

@interface MPSNDArray : NSObject {
@public
  id<MTLBuffer> _buffer;
  NSUInteger _offset;
  MPSNDArrayDescriptor *_descriptor;
}
@property (readonly, nonatomic) MPSDataType dataType;
@property (readonly, nonatomic) size_t dataTypeSize;
@property (readonly, nonatomic) NSUInteger numberOfDimensions;
@property (readonly, nonatomic) id<MTLDevice> device;
- (instancetype)initWithDevice:(id<MTLDevice>)device descriptor:(MPSNDArrayDescriptor *)descriptor;
- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer offset:(NSUInteger)offset descriptor:(MPSNDArrayDescriptor *)descriptor; // macOS 15.0
- (NSUInteger)lengthOfDimension:(NSUInteger)dimensionIndex;
- (MPSNDArrayDescriptor *)descriptor;
- (nullable id<MTLBuffer>)userBuffer; // macOS 15.0
- (void)readBytes:(void *)buffer strideBytes:(NSInteger *_Nullable)strideBytesPerDimension;
- (void)writeBytes:(void *)buffer strideBytes:(NSInteger *_Nullable)strideBytesPerDimension;
@end

NS_ASSUME_NONNULL_END
#endif
