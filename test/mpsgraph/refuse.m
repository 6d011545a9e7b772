// Where the real framework would end the process, the emulation raises.
#import "core.h"

// "selector: text", whether or not the selector ends in a colon.
static NSString *prefixed(SEL selector, NSString *text) {
  NSString *name = NSStringFromSelector(selector);
  return [NSString stringWithFormat:[name hasSuffix:@":"] ? @"%@ %@" : @"%@: %@", name, text];
}

void refuse(SEL selector, NSString *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  NSString *text = [[[NSString alloc] initWithFormat:format arguments:arguments] autorelease];
  va_end(arguments);
  [[NSException exceptionWithName:@"MPSGraphAbort"
                           reason:[@"MPSGraph would abort: " stringByAppendingString:prefixed(selector, text)]
                         userInfo:nil] raise];
  abort();
}

void invalidArgument(SEL selector, NSString *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  NSString *text = [[[NSString alloc] initWithFormat:format arguments:arguments] autorelease];
  va_end(arguments);
  [[NSException exceptionWithName:NSInvalidArgumentException
                           reason:prefixed(selector, text)
                         userInfo:nil] raise];
  abort();
}

static int64_t owner;
static int depth;

void enterFramework(SEL selector) {
  static __thread char identity;
  int64_t me = (int64_t)(intptr_t)&identity, nobody = 0;
  if (!__atomic_compare_exchange_n(&owner, &nobody, me, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED) && nobody != me) {
    refuse(selector, @"another thread is building, compiling or encoding at the same time");
  }
  depth++;
}

void leaveFramework(void) {
  if (--depth == 0) __atomic_store_n(&owner, 0, __ATOMIC_RELEASE);
}
