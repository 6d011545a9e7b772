// shim.h: what the files of the MPSGraph library share. docs/shim.md has the contract, sinter.h the exported functions.
//
// The sources keep to what Apple's clang and clang with GNUstep have in common: manual retain and release, no subscripts, no synthesized variables, blocks
// through Block_copy and Block_release only.
#include <Block.h>
#import <Foundation/Foundation.h>
#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>
#import <MetalPerformanceShadersGraph/MetalPerformanceShadersGraph.h>

#include <objc/runtime.h>

#include "../sinter.h"

// ---- state.m: errors, locks, handles, counters ----

// Sets the calling thread's last error.
void sinter_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define FAIL(value, ...) (sinter_fail(__VA_ARGS__), (value))

// The lock of the library's own state: handles, tickets, bindings. Never held while the framework builds, compiles or runs.
void sinter_lock(void);
void sinter_unlock(void);
// Lets go of the lock until another thread calls sinter_changed, which needs the lock too.
void sinter_wait_for_change(void);
void sinter_changed(void);

// The lock under which the framework builds, compiles and encodes; taken before the other one.
void sinter_framework_lock(void);
void sinter_framework_unlock(void);

// Handles: generation << 24 | index, below 2^52. All three need the lock.
uint64_t sinter_handle_add(id object);               // retains; 0 when the table is full
id sinter_handle_find(uint64_t handle, Class kind);  // nil for a stale or invented handle or another kind of object
void sinter_handle_remove(uint64_t handle);          // releases

enum { kBuffers, kBufferBytes, kExecutables, kRuns, kDevices, kInFlight, kTensorData, kCounters };
void sinter_count(int which, int64_t change);

// Performs `work` on a thread with a stack of 64 MB and waits for it: MPSGraph's compiler recurses as deep as graphs are. `work` must not throw.
void sinter_on_large_stack(void (^work)(void));

// ---- program.m ----

typedef struct {
  uint32_t value, is_inline, data_type, rank;
  const uint32_t *sizes;
  uint64_t bytes;
} SinterRecord;

typedef struct {
  uint32_t *words;  // a copy of the whole program
  uint32_t values, strings, string_table, data, data_bytes, feeds, targets, code, code_words;
  SinterRecord *records;  // of the feeds, then of the targets
  // Facts about the word at code + i. At a call: its first result's number, then the call's own. At a block argument: its first parameter's number, the
  // word behind the argument, the call it belongs to.
  uint32_t *facts;
  uint64_t hash;
} SinterProgram;

// Checks everything that docs/shim.md asks of a program without performing it. NO with the last error set; free in either case.
BOOL sinter_program_read(SinterProgram *program, const void *bytes, uint64_t length);
void sinter_program_free(SinterProgram *program);

enum { kNull, kValue, kList, kInteger, kReal, kString, kBytes, kDescriptor, kBlock, kUnsigned, kArgumentKinds };
enum { kBlockPlain, kBlockAfter, kBlockFor, kBlockBefore, kBlockKinds };
enum { kReceiverGraph, kReceiverClass, kReceiverValue, kReceiverKinds };
enum { kResultNone, kResultObject, kResultList, kResultKinds };

// ---- perform.m, arguments.m, blocks.m ----

// A graph while its program is performed.
@interface SinterBuild : NSObject {
 @public
  const SinterProgram *program;
  MPSGraph *graph;
  NSMutableArray *data;  // NSData that constants were made of
  id *values;            // retained
  void **blocks;
  uint32_t block_count;
  uint64_t handle;  // what blocks know of their build, so that one called too late finds nothing
  char message[1024];
}
- (instancetype)initWithProgram:(const SinterProgram *)read;
// Performs the whole program; NO with `message` set.
- (BOOL)perform;
@end

// What an error message is about.
typedef struct {
  uint32_t call;
  const char *selector;
  int argument;          // -1: the call itself
  const char *property;  // of a descriptor, or NULL
} SinterPlace;

// Sets the build's message unless it has one. Always NO.
BOOL sinter_complain(SinterBuild *build, const SinterPlace *place, const char *format, ...) __attribute__((format(printf, 3, 4)));
BOOL sinter_perform_block(SinterBuild *build, uint32_t *at);
// Calls `method` with the next `count` arguments of the program.
BOOL sinter_send(SinterBuild *build, SinterPlace *place, id target, Method method, uint32_t count, uint32_t *at, NSInvocation **sent);
BOOL sinter_set_argument(SinterBuild *build, SinterPlace *place, NSInvocation *invocation, NSInteger index, const char *type, uint32_t *at);
enum { kSendObject, kSendClass, kSendNew };  // to an object, to a class, to a new object of the class
Method sinter_method(SinterBuild *build, const SinterPlace *place, Class class, SEL selector, int how);  // NULL if it may not be called
Class sinter_mps_class(SinterBuild *build, const SinterPlace *place, NSString *name);
NSString *sinter_string(const SinterProgram *program, uint32_t index);
// An Objective-C block for the block argument at `at`, or NULL; it lives as long as the build.
void *sinter_make_block(SinterBuild *build, uint32_t at);

// ---- device.m ----

enum { kMaxInFlight = 8 };

@interface SinterDevice : NSObject {
 @public
  id<MTLDevice> device;
  id<MTLCommandQueue> queue;
  MPSGraphDevice *graph_device;
  char *info;
  int32_t in_flight;
  _Atomic int32_t children;  // buffers and executables
}
@end

// A feed or target: what a tensor data object needs to know.
@interface SinterArgument : NSObject {
 @public
  MPSDataType data_type;
  NSArray<NSNumber *> *shape;
  uint64_t bytes;
  BOOL is_inline;
}
- (instancetype)initWithRecord:(const SinterRecord *)record;
- (MPSGraphTensorData *)newDataWithBuffer:(id<MTLBuffer>)buffer;
@end

enum { kCachedData = 4 };

@interface SinterBuffer : NSObject {
 @public
  SinterDevice *device;
  id<MTLBuffer> buffer;
  uint64_t bytes, mark;
  NSMutableSet *bindings;  // that use it
  SinterArgument *kinds[kCachedData];
  MPSGraphTensorData *datas[kCachedData];
  uint32_t next;
}
// The tensor data object of this buffer for a shape and data type, made once.
- (MPSGraphTensorData *)dataOfKind:(SinterArgument *)kind;
@end

// ---- executable.m, run.m, package.m ----

@interface SinterExecutable : NSObject {
 @public
  SinterDevice *device;
  MPSGraph *graph;
  NSArray *data;
  MPSGraphExecutable *executable;
  uint32_t feeds, targets;
  SinterArgument **arguments;                // feeds, then targets, as the program orders them
  uint32_t *order, inputs;                   // executable's inputs, then its results: positions in `arguments`
  NSMutableArray *bindings;
  uint32_t next, runs;
  BOOL released;
  uint64_t hash;
}
@end

// Forgets the buffers of the executable's bindings, when no run uses them. Needs the lock.
void sinter_unbind_all(SinterExecutable *executable);
// A freed buffer's bindings forget it, now or when their runs end. Needs the lock.
void sinter_unbind_buffer(SinterBuffer *buffer);

// Releases what ended runs have kept. Without the lock.
void sinter_let_go(void);

MPSGraphCompilationDescriptor *sinter_compilation(int32_t level);
// Loads instead of performing and compiling; NO with the last error set.
BOOL sinter_load(SinterExecutable *executable, int32_t level, const char *path);
// Whether a tensor of the compiled executable is what the program says; `what` names it in the error.
BOOL sinter_check_tensor(MPSGraphTensor *tensor, SinterArgument *argument, const char *what, uint32_t index);
