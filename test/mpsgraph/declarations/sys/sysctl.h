#include <stddef.h>
extern int sysctlbyname(const char *name, void *value, size_t *size, void *new_value, size_t new_size);
