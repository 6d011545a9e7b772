// Foundation as far as the library uses it (macOS 15).
#ifndef DECLARED_FOUNDATION_H
#define DECLARED_FOUNDATION_H
#include <objc/objc.h>
#include <stddef.h>
#include <stdint.h>

#define NS_ENUM(type, name) enum name : type name; enum name : type
#define NS_OPTIONS(type, name) enum name : type name; enum __attribute__((flag_enum)) name : type
#define NS_ASSUME_NONNULL_BEGIN _Pragma("clang assume_nonnull begin")
#define NS_ASSUME_NONNULL_END _Pragma("clang assume_nonnull end")
#define NS_FORMAT_FUNCTION(text, first) __attribute__((format(__NSString__, text, first)))
#define NS_UNAVAILABLE __attribute__((unavailable))
#define NS_DESIGNATED_INITIALIZER __attribute__((objc_designated_initializer))
#define NS_REQUIRES_NIL_TERMINATION __attribute__((sentinel(0, 1)))

@class NSArray<ObjectType>, NSData, NSDictionary<KeyType, ObjectType>, NSError, NSInvocation, NSMethodSignature, NSMutableArray<ObjectType>, NSString, NSURL;

typedef struct _NSZone NSZone;
typedef struct _NSRange {
  NSUInteger location, length;
} NSRange;
static const NSInteger NSNotFound = 0x7fffffffffffffffL;
typedef NS_OPTIONS(NSUInteger, NSJSONWritingOptions) { NSJSONWritingPrettyPrinted = 1u };
typedef NS_ENUM(NSUInteger, NSStringEncoding) { NSUTF8StringEncoding = 4u };

NS_ASSUME_NONNULL_BEGIN

static inline NSRange NSMakeRange(NSUInteger location, NSUInteger length) {
  NSRange range = {location, length};
  return range;
}
extern Class _Nullable NSClassFromString(NSString *name);
extern SEL NSSelectorFromString(NSString *name);
extern NSString *NSStringFromClass(Class name);
extern NSUInteger NSPageSize(void);

@protocol NSObject
- (BOOL)isEqual:(nullable id)object;
@property (readonly) NSUInteger hash;
- (Class)class;
- (BOOL)isKindOfClass:(Class)aClass;
- (BOOL)respondsToSelector:(SEL)aSelector;
- (instancetype)retain;
- (oneway void)release;
- (instancetype)autorelease;
@end

@protocol NSCopying
- (id)copyWithZone:(nullable NSZone *)zone;
@end

typedef struct {
  unsigned long state;
  id __unsafe_unretained _Nullable *_Nullable itemsPtr;
  unsigned long *_Nullable mutationsPtr;
  unsigned long extra[5];
} NSFastEnumerationState;

@protocol NSFastEnumeration
- (NSUInteger)countByEnumeratingWithState:(NSFastEnumerationState *)state objects:(id __unsafe_unretained _Nullable[_Nonnull])buffer count:(NSUInteger)length;
@end

__attribute__((objc_root_class))
@interface NSObject <NSObject> {
  Class isa;
}
+ (instancetype)alloc;
+ (instancetype)new;
+ (Class)class;
+ (BOOL)instancesRespondToSelector:(SEL)aSelector;
- (instancetype)init;
- (void)dealloc;
- (id)copy;
- (NSMethodSignature *)methodSignatureForSelector:(SEL)aSelector;
- (void)setValue:(nullable id)value forKey:(NSString *)key;
@end

@interface NSArray<__covariant ObjectType> : NSObject <NSCopying, NSFastEnumeration>
@property (readonly) NSUInteger count;
- (ObjectType)objectAtIndex:(NSUInteger)index;
+ (instancetype)array;
+ (instancetype)arrayWithObject:(ObjectType)anObject;
- (NSArray<ObjectType> *)arrayByAddingObjectsFromArray:(NSArray<ObjectType> *)otherArray;
- (NSString *)componentsJoinedByString:(NSString *)separator;
- (BOOL)isEqualToArray:(NSArray<ObjectType> *)otherArray;
- (NSUInteger)indexOfObjectIdenticalTo:(ObjectType)anObject;
- (NSArray<ObjectType> *)subarrayWithRange:(NSRange)range;
@end

@interface NSMutableArray<ObjectType> : NSArray<ObjectType>
+ (instancetype)arrayWithCapacity:(NSUInteger)count;
- (instancetype)initWithCapacity:(NSUInteger)count;
- (void)addObject:(ObjectType)anObject;
- (void)removeObjectIdenticalTo:(ObjectType)anObject;
- (void)addObjectsFromArray:(NSArray<ObjectType> *)otherArray;
@end

@interface NSDictionary<__covariant KeyType, __covariant ObjectType> : NSObject <NSCopying>
@property (readonly) NSUInteger count;
+ (instancetype)dictionaryWithObjectsAndKeys:(id)firstObject, ... NS_REQUIRES_NIL_TERMINATION;
@end

@interface NSMutableDictionary<KeyType, ObjectType> : NSDictionary<KeyType, ObjectType>
+ (instancetype)dictionaryWithCapacity:(NSUInteger)count;
- (void)setObject:(ObjectType)anObject forKey:(KeyType<NSCopying>)key;
@end

@interface NSSet<__covariant ObjectType> : NSObject
@property (readonly, copy) NSArray<ObjectType> *allObjects;
@end

@interface NSMutableSet<ObjectType> : NSSet<ObjectType>
- (void)addObject:(ObjectType)object;
- (void)removeObject:(ObjectType)object;
@end

@interface NSString : NSObject <NSCopying>
@property (readonly) NSUInteger length;
@property (nullable, readonly) const char *UTF8String;
@property (readonly, copy) NSString *uppercaseString;
@property (readonly) NSInteger integerValue;
+ (instancetype)stringWithFormat:(NSString *)format, ... NS_FORMAT_FUNCTION(1, 2);
+ (nullable instancetype)stringWithUTF8String:(const char *)text;
+ (nullable instancetype)stringWithContentsOfFile:(NSString *)path encoding:(NSStringEncoding)encoding error:(NSError *_Nullable *_Nullable)error;
- (nullable instancetype)initWithBytes:(const void *)bytes length:(NSUInteger)length encoding:(NSStringEncoding)encoding;
- (BOOL)hasPrefix:(NSString *)text;
- (NSString *)substringFromIndex:(NSUInteger)from;
- (NSString *)substringToIndex:(NSUInteger)to;
- (NSString *)stringByAppendingString:(NSString *)text;
- (NSArray<NSString *> *)componentsSeparatedByString:(NSString *)separator;
- (BOOL)writeToFile:(NSString *)path atomically:(BOOL)atomically encoding:(NSStringEncoding)encoding error:(NSError *_Nullable *_Nullable)error;
@end

@interface NSMutableString : NSString
- (void)appendFormat:(NSString *)format, ... NS_FORMAT_FUNCTION(1, 2);
@end

@interface NSNumber : NSObject <NSCopying>
+ (NSNumber *)numberWithInt:(int)value;
+ (NSNumber *)numberWithUnsignedInt:(unsigned int)value;
+ (NSNumber *)numberWithLongLong:(long long)value;
+ (NSNumber *)numberWithUnsignedLongLong:(unsigned long long)value;
+ (NSNumber *)numberWithDouble:(double)value;
+ (NSNumber *)numberWithBool:(BOOL)value;
@end

@interface NSData : NSObject <NSCopying>
@property (readonly) NSUInteger length;
@property (readonly) const void *bytes;
- (instancetype)initWithBytes:(nullable const void *)bytes length:(NSUInteger)length;
@end

@interface NSURL : NSObject <NSCopying>
+ (NSURL *)fileURLWithPath:(NSString *)path;
@end

@interface NSError : NSObject <NSCopying>
@property (readonly, copy) NSString *localizedDescription;
@end

@interface NSException : NSObject <NSCopying>
@property (readonly, copy) NSString *name;
@property (nullable, readonly, copy) NSString *reason;
+ (void)raise:(NSString *)name format:(NSString *)format, ... NS_FORMAT_FUNCTION(2, 3);
@end

@interface NSMethodSignature : NSObject
@property (readonly) NSUInteger numberOfArguments;
@property (readonly) const char *methodReturnType;
- (const char *)getArgumentTypeAtIndex:(NSUInteger)index;
@end

@interface NSInvocation : NSObject
@property (readonly, retain) NSMethodSignature *methodSignature;
@property SEL selector;
+ (NSInvocation *)invocationWithMethodSignature:(NSMethodSignature *)signature;
- (void)getReturnValue:(void *)location;
- (void)setArgument:(void *)location atIndex:(NSInteger)index;
- (void)invokeWithTarget:(id)target;
@end

@interface NSThread : NSObject
@property NSUInteger stackSize;
- (void)start;
- (void)main;
@end

@interface NSFileManager : NSObject
@property (class, readonly, retain) NSFileManager *defaultManager;
- (BOOL)fileExistsAtPath:(NSString *)path;
- (BOOL)removeItemAtPath:(NSString *)path error:(NSError *_Nullable *_Nullable)error;
- (BOOL)moveItemAtPath:(NSString *)source toPath:(NSString *)target error:(NSError *_Nullable *_Nullable)error;
@end

@interface NSJSONSerialization : NSObject
+ (nullable NSData *)dataWithJSONObject:(id)object options:(NSJSONWritingOptions)options error:(NSError *_Nullable *_Nullable)error;
@end

NS_ASSUME_NONNULL_END
#endif
