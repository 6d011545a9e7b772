#include "error.h"

#include <cstdarg>
#include <cstdio>

namespace sinter {

static thread_local char message[512];

int fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return -1;
}

const char *last_error() { return message; }

}  // namespace sinter
