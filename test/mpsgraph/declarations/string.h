#include <stddef.h>
extern void *memcpy(void *target, const void *source, size_t size);
extern void *memset(void *target, int value, size_t size);
extern char *strchr(const char *text, int character);
extern char *strcpy(char *target, const char *source);
extern char *strdup(const char *text);
extern size_t strlen(const char *text);
extern int strncmp(const char *left, const char *right, size_t size);
