#include <objc/objc.h>
#pragma clang assume_nonnull begin
typedef struct objc_method *Method;
extern Class _Nullable object_getClass(id _Nullable object);
extern const char *class_getName(Class _Nullable name);
extern Class _Nullable class_getSuperclass(Class _Nullable name);
extern Method _Nullable class_getInstanceMethod(Class _Nullable name, SEL selector);
extern Method _Nullable class_getClassMethod(Class _Nullable name, SEL selector);
extern SEL method_getName(Method _Nonnull method);
extern const char *_Nullable method_getTypeEncoding(Method _Nonnull method);
extern const char *sel_getName(SEL selector);
extern SEL sel_registerName(const char *name);
#pragma clang assume_nonnull end
