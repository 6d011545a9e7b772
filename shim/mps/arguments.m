// arguments.m: makes of a program's argument what the method's own type encoding asks for.
#import "shim.h"

#include <float.h>
#include <limits.h>
#include <string.h>

typedef struct {
  BOOL is_real;
  __int128 whole;
  double real;
} Number;

static Number read_number(const SinterProgram *program, uint32_t *at) {
  const uint32_t *words = program->words + *at;
  const uint64_t bits = words[1] | (uint64_t)words[2] << 32;
  Number number = {words[0] == kReal, words[0] == kUnsigned ? (__int128)bits : (__int128)(int64_t)bits, 0};
  memcpy(&number.real, &bits, sizeof bits);
  *at += 3;
  return number;
}

static BOOL set_number(SinterBuild *build, const SinterPlace *place, NSInvocation *invocation, NSInteger index, char type, Number number) {
#define INTEGER(code, name, low, high)                                                                                                       \
  case code: {                                                                                                                               \
    if (number.is_real) return sinter_complain(build, place, "is a real number, the method takes " #name);                                   \
    if (number.whole < (low) || number.whole > (high)) return sinter_complain(build, place, "is outside the range of " #name);                \
    name converted = (name)number.whole;                                                                                                     \
    [invocation setArgument:&converted atIndex:index];                                                                                       \
    return YES;                                                                                                                              \
  }
#define REAL(code, name, limit)                                                                                                              \
  case code: {                                                                                                                               \
    if (number.is_real && __builtin_fabs(number.real) > (double)(limit) && !__builtin_isinf(number.real))                                    \
      return sinter_complain(build, place, "is outside the range of " #name);                                                                \
    name converted = number.is_real ? (name)number.real : (name)number.whole;                                                                \
    if (!number.is_real && (__int128)converted != number.whole) return sinter_complain(build, place, "is an integer that no " #name " holds"); \
    [invocation setArgument:&converted atIndex:index];                                                                                       \
    return YES;                                                                                                                              \
  }
  switch (type) {
    // BOOL is one of these, and no method of MPSGraph takes a small number.
    INTEGER('B', BOOL, 0, 1)
    INTEGER('c', BOOL, 0, 1)
    INTEGER('C', BOOL, 0, 1)
    INTEGER('s', short, SHRT_MIN, SHRT_MAX)
    INTEGER('S', unsigned short, 0, USHRT_MAX)
    INTEGER('i', int, INT_MIN, INT_MAX)
    INTEGER('I', unsigned, 0, UINT_MAX)
    INTEGER('l', long, LONG_MIN, LONG_MAX)
    INTEGER('L', NSUInteger, 0, ULONG_MAX)
    INTEGER('q', int64_t, LLONG_MIN, LLONG_MAX)
    INTEGER('Q', uint64_t, 0, ULLONG_MAX)
    REAL('f', float, FLT_MAX)
    REAL('d', double, DBL_MAX)
    default: return sinter_complain(build, place, "is a number, the method takes '%c'", type);
  }
#undef INTEGER
#undef REAL
}

static id make_object(SinterBuild *build, SinterPlace *place, uint32_t *at);

static id make_list(SinterBuild *build, SinterPlace *place, uint32_t *at) {
  const SinterProgram *program = build->program;
  uint32_t count = program->words[(*at)++];
  NSMutableArray *list = [NSMutableArray arrayWithCapacity:count];
  for (; count; count--) {
    const uint32_t kind = program->words[*at];
    id element;
    if (kind == kInteger || kind == kUnsigned || kind == kReal) {
      const Number number = read_number(program, at);
      if (number.is_real) element = [NSNumber numberWithDouble:number.real];
      else element = kind == kUnsigned ? [NSNumber numberWithUnsignedLongLong:(uint64_t)number.whole] : [NSNumber numberWithLongLong:(int64_t)number.whole];
    } else {
      element = make_object(build, place, at);
    }
    if (!element) return nil;
    [list addObject:element];
  }
  return list;
}

static id make_descriptor(SinterBuild *build, const SinterPlace *place, uint32_t *at) {
  const SinterProgram *program = build->program;
  Class class = sinter_mps_class(build, place, sinter_string(program, program->words[(*at)++]));
  id object = [[[class alloc] init] autorelease];
  if (!object) {
    sinter_complain(build, place, "could not be made");
    return nil;
  }
  for (uint32_t count = program->words[(*at)++]; count; count--) {
    NSString *name = sinter_string(program, program->words[(*at)++]);
    NSString *capital = [name length] ? [[name substringToIndex:1] uppercaseString] : @"";
    NSString *setter = [NSString stringWithFormat:@"set%@%@:", capital, [name length] ? [name substringFromIndex:1] : @""];
    SinterPlace property = {place->call, place->selector, place->argument, [name UTF8String]};
    NSInvocation *sent = nil;
    Method method = sinter_method(build, &property, [object class], NSSelectorFromString(setter), kSendObject);
    if (!method || !sinter_send(build, &property, object, method, 1, at, &sent)) return nil;
  }
  return object;
}

// nil for null, and with a complaint for what cannot be made.
static id make_object(SinterBuild *build, SinterPlace *place, uint32_t *at) {
  const SinterProgram *program = build->program;
  const uint32_t *words = program->words + *at;
  *at += 1;
  switch (words[0]) {
    case kNull: return nil;
    case kValue: {
      *at += 1;
      id value = build->values[words[1]];
      if (!value) sinter_complain(build, place, "is value %u, which has not been made", words[1]);
      return value;
    }
    case kList: return make_list(build, place, at);
    case kString: *at += 1; return sinter_string(program, words[1]);
    case kBytes: {
      *at += 2;
      // Neither shared nor autoreleased: MPSGraph has been seen to read a constant's bytes long after the call.
      NSData *bytes = [[NSData alloc] initWithBytes:(const char *)(program->words + program->data) + words[1] length:words[2]];
      [build->data addObject:bytes];
      [bytes release];
      return bytes;
    }
    case kDescriptor: return make_descriptor(build, place, at);
    default: sinter_complain(build, place, "has kind %u, which is no object", words[0]); return nil;
  }
}

BOOL sinter_set_argument(SinterBuild *build, SinterPlace *place, NSInvocation *invocation, NSInteger index, const char *type, uint32_t *at) {
  const uint32_t kind = build->program->words[*at];
  while (*type && strchr("rnNoORVA", *type)) type++;
  if (kind == kInteger || kind == kUnsigned || kind == kReal) return set_number(build, place, invocation, index, *type, read_number(build->program, at));
  if (*type != '@') return sinter_complain(build, place, "is an object, the method takes '%c'", *type);
  if (kind == kBlock) {
    if (type[1] != '?') return sinter_complain(build, place, "is a block, the method takes an object");
    void *block = sinter_make_block(build, *at);
    *at = build->program->facts[*at - build->program->code + 1];
    if (!block) return sinter_complain(build, place, "is a block that could not be made");
    [invocation setArgument:&block atIndex:index];
    return YES;
  }
  if (type[1] == '?' && kind != kNull) return sinter_complain(build, place, "must be a block");
  id object = make_object(build, place, at);
  if (build->message[0]) return NO;
  [invocation setArgument:&object atIndex:index];
  return YES;
}
