// error.h: the calling thread's last error.
#pragma once

namespace sinter {

// Formats the calling thread's last error and returns -1.
__attribute__((format(printf, 1, 2))) int fail(const char *format, ...);

const char *last_error();

}  // namespace sinter
