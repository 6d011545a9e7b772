// perform.m: performs the calls of a program, which build one MPSGraph.
#import "shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

BOOL sinter_complain(SinterBuild *build, const SinterPlace *place, const char *format, ...) {
  if (build->message[0]) return NO;  // the first complaint is the cause of those that follow
  int length = snprintf(build->message, sizeof build->message, "call %u, %s: ", place->call, place->selector);
  char *end = build->message + sizeof build->message, *text = build->message + length;
  if (place->argument >= 0 && text < end) text += snprintf(text, (size_t)(end - text), "argument %d%s%s%s ", place->argument, place->property ? ", property " : "", place->property ? place->property : "", place->property ? ":" : "");
  if (text < end) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, (size_t)(end - text), format, arguments);
    va_end(arguments);
  }
  return NO;
}

NSString *sinter_string(const SinterProgram *program, uint32_t index) {
  const uint32_t *entry = program->words + program->string_table + 2 * index;
  return [[[NSString alloc] initWithBytes:(const char *)program->words + entry[0] length:entry[1] encoding:NSUTF8StringEncoding] autorelease];
}

static BOOL is_mps(const char *name) { return strncmp(name, "MPS", 3) == 0; }

Class sinter_mps_class(SinterBuild *build, const SinterPlace *place, NSString *name) {
  Class found = is_mps([name UTF8String]) ? NSClassFromString(name) : Nil;
  if (!found) sinter_complain(build, place, "names %s, which is no MPS class of this system", [name UTF8String]);
  return found;
}

// Whether a selector belongs to a method family (`init`, `initWithShape:`, but not `initial`).
static BOOL in_family(const char *selector, const char *family) {
  const size_t length = strlen(family);
  return strncmp(selector, family, length) == 0 && !(selector[length] >= 'a' && selector[length] <= 'z');
}

// Methods that an MPS class declares itself, except those that take part in ownership: a program can neither reach NSObject's (performSelector:) nor upset
// reference counts.
Method sinter_method(SinterBuild *build, const SinterPlace *place, Class class, SEL selector, int how) {
  static const char *const families[] = {"alloc", "new", "copy", "mutableCopy", "dealloc", "retain", "release", "autorelease"};
  Method (*const find)(Class, SEL) = how == kSendClass ? class_getClassMethod : class_getInstanceMethod;
  Method method = find(class, selector);
  if (!method) {
    sinter_complain(build, place, "%s does not respond to %s", class_getName(class), sel_getName(selector));
    return NULL;
  }
  Class owner = class;
  for (Class above = class_getSuperclass(class); above && find(above, selector) == method; above = class_getSuperclass(above)) owner = above;
  BOOL allowed = is_mps(class_getName(owner)) && (how == kSendNew || !in_family(sel_getName(selector), "init"));
  for (size_t i = 0; i < sizeof families / sizeof *families; i++) allowed = allowed && !in_family(sel_getName(selector), families[i]);
  if (!allowed) sinter_complain(build, place, "%s is no method that a program may call", sel_getName(selector));
  return allowed ? method : NULL;
}

// Whether argument `index` of a method is a block, by the encoding that the compiler wrote: result, receiver, selector and arguments, each followed by its
// offset. (A signature object may say less: GNUstep's does not know blocks.)
static BOOL takes_block(Method method, uint32_t index) {
  const char *type = method_getTypeEncoding(method);
  for (uint32_t skip = index + 3; type && skip; skip--) {
    while (*type && (*type < '0' || *type > '9')) type++;
    while (*type >= '0' && *type <= '9') type++;
  }
  return type && type[0] == '@' && type[1] == '?';
}

BOOL sinter_send(SinterBuild *build, SinterPlace *place, id target, Method method, uint32_t count, uint32_t *at, NSInvocation **sent) {
  SEL selector = method_getName(method);
  NSMethodSignature *signature = [target methodSignatureForSelector:selector];
  if (!signature) return sinter_complain(build, place, "%s has no signature", sel_getName(selector));
  if ([signature numberOfArguments] != count + 2u)
    return sinter_complain(build, place, "%s takes %u arguments, %u given", sel_getName(selector), (unsigned)[signature numberOfArguments] - 2, count);
  NSInvocation *invocation = [NSInvocation invocationWithMethodSignature:signature];
  [invocation setSelector:selector];
  for (uint32_t i = 0; i < count; i++) {
    if (!place->property) place->argument = (int)i;
    const char *type = takes_block(method, i) ? "@?" : [signature getArgumentTypeAtIndex:i + 2u];
    if (!sinter_set_argument(build, place, invocation, (NSInteger)i + 2, type, at)) return NO;
  }
  if (!place->property) place->argument = -1;
  *sent = invocation;
  [invocation invokeWithTarget:target];
  return build->message[0] == 0;  // the framework may have swallowed a block's exception
}

// The receiver that the call's second and third word name. For an initializer that is sent to a class, a new object.
static id find_target(SinterBuild *build, const SinterPlace *place, const uint32_t *words, SEL selector, BOOL *made_here, Method *method) {
  int how = kSendObject;
  id target = build->graph;
  Class class = Nil;
  if (words[1] == kReceiverValue) {
    target = build->values[words[2]];
    if (!target) sinter_complain(build, place, "value %u has not been made", words[2]);
  } else if (words[1] == kReceiverClass) {
    class = sinter_mps_class(build, place, sinter_string(build->program, words[2]));
    how = in_family(sel_getName(selector), "init") ? kSendNew : kSendClass;
    target = (id)class;
  }
  *made_here = how == kSendNew;
  *method = target ? sinter_method(build, place, class ? class : object_getClass(target), selector, how) : NULL;
  if (!*method) return nil;
  return *made_here ? [class alloc] : target;
}

static void store(SinterBuild *build, uint32_t number, id object) {
  [object retain];
  [build->values[number] release];
  build->values[number] = object;
}

static BOOL store_results(SinterBuild *build, const SinterPlace *place, uint32_t kind, uint32_t count, uint32_t first, id result) {
  if (!result) return sinter_complain(build, place, "returned nil");
  if (kind == kResultObject) {
    store(build, first, result);
    return YES;
  }
  if (![result isKindOfClass:[NSArray class]]) return sinter_complain(build, place, "returned a %s, no array", class_getName([result class]));
  if ([result count] != count) return sinter_complain(build, place, "returned %u objects, the program expects %u", (unsigned)[result count], count);
  for (uint32_t i = 0; i < count; i++) store(build, first + i, [result objectAtIndex:i]);
  return YES;
}

static BOOL perform_call(SinterBuild *build, SinterPlace *place, SEL selector, const uint32_t *facts, uint32_t *at) {
  const uint32_t *words = build->program->words + *at;  // selector, receiver kind, receiver, result kind, result count, argument count
  BOOL made_here;
  Method method;
  id target = find_target(build, place, words, selector, &made_here, &method), result = nil;
  if (!target) return NO;
  NSInvocation *sent = nil;
  *at += 6;
  const BOOL ok = sinter_send(build, place, target, method, words[5], at, &sent);
  if (made_here && !sent) [target release];
  if (!ok) return NO;
  const BOOL object = [[sent methodSignature] methodReturnType][0] == '@';
  if (object) [sent getReturnValue:&result];
  if (made_here) [result autorelease];
  if (words[3] == kResultNone) return YES;
  return object ? store_results(build, place, words[3], words[4], facts[0], result) : sinter_complain(build, place, "returns no object");
}

BOOL sinter_perform_block(SinterBuild *build, uint32_t *at) {
  const SinterProgram *program = build->program;
  for (uint32_t calls = program->words[(*at)++]; calls; calls--) {
    const uint32_t *facts = program->facts + (*at - program->code);
    NSString *name = sinter_string(program, program->words[*at]);
    SinterPlace place = {facts[1], [name UTF8String], -1, NULL};
    @try {
      if (!perform_call(build, &place, NSSelectorFromString(name), facts, at)) return NO;
    } @catch (NSException *exception) {
      return sinter_complain(build, &place, "raised %s: %s", [[exception name] UTF8String], [[exception reason] UTF8String]);
    } @catch (...) {
      return sinter_complain(build, &place, "threw something that is no NSException");
    }
  }
  return YES;
}

@implementation SinterBuild
- (instancetype)initWithProgram:(const SinterProgram *)read {
  if ((self = [super init])) {
    program = read;
    graph = [[MPSGraph alloc] init];
    [graph setOptions:MPSGraphOptionsNone];
    data = [[NSMutableArray alloc] init];
    values = calloc(read->values + 1ull, sizeof *values);
  }
  return self;
}

- (BOOL)perform {
  sinter_lock();
  handle = sinter_handle_add(self);
  sinter_unlock();
  uint32_t at = program->code;
  const BOOL ok = sinter_perform_block(self, &at);
  sinter_lock();
  sinter_handle_remove(handle);
  sinter_unlock();
  return ok;
}

- (void)dealloc {
  for (uint32_t i = 0; values && i < program->values; i++) [values[i] release];
  free(values);
  for (uint32_t i = 0; i < block_count; i++) Block_release(blocks[i]);
  free(blocks);
  [data release];
  [graph release];
  [super dealloc];
}
@end
