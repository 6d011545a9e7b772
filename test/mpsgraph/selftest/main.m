// Runs tests and prints "ok NAME" or "FAIL NAME: why" for each.
#import "selftest.h"
#include <stdio.h>
#include <string.h>

static Test *first;

void addTest(Test *test) {
  test->next = first;
  first = test;
}

void fail(NSString *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  NSString *text = [[[NSString alloc] initWithFormat:format arguments:arguments] autorelease];
  va_end(arguments);
  [[NSException exceptionWithName:@"TestFailure" reason:text userInfo:nil] raise];
  abort();
}

static bool selected(const char *name, int argc, char **argv) {
  for (int at = 1; at < argc; at++) {
    if (strstr(name, argv[at]) != NULL) return true;
  }
  return argc == 1;
}

static const char *oneLine(NSString *text) {
  return [[[text componentsSeparatedByString:@"\n"] componentsJoinedByString:@" "] UTF8String];
}

int main(int argc, char **argv) {
  int failed = 0, passed = 0;
  for (Test *test = first; test; test = test->next) {
    if (!selected(test->name, argc, argv)) continue;
    @autoreleasepool {
      @try {
        test->run();
        printf("ok %s\n", test->name);
        passed++;
      } @catch (NSException *exception) {
        printf("FAIL %s: %s\n", test->name, oneLine([exception reason]));
        failed++;
      }
    }
    fflush(stdout);
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
