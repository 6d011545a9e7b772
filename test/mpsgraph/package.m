// Packages: a folder with a manifest that names a plan kept by this process. Evaluators are code, so another process cannot load one: it is told so.
#import "core.h"

static NSMutableDictionary *savedPlans(void) {
  static NSMutableDictionary *plans;
  if (plans == nil) plans = [[NSMutableDictionary alloc] init];
  return plans;
}

@interface MPSGraphExecutable (Making)
- (id)initWithPlan:(EmulatedPlan *)plan;
@end

@implementation MPSGraphExecutable (Package)
- (void)serializeToMPSGraphPackageAtURL:(NSURL *)url descriptor:(MPSGraphExecutableSerializationDescriptor *)descriptor {
  NSFileManager *files = [NSFileManager defaultManager];
  NSString *path = [url path];
  if (descriptor.append) refuse(_cmd, @"appending is not emulated");
  if ([files fileExistsAtPath:path] || ![files createDirectoryAtPath:path withIntermediateDirectories:NO attributes:nil error:NULL]) {
    refuse(_cmd, @"creating .mpsgraphpackage directory failed: %@", path);
  }
  EmulatedPlan *plan = _plan;
  NSMutableArray *kept = [NSMutableArray arrayWithObject:plan];
  // A package holds the bytes of its constants.
  for (MPSGraphOperation *operation in plan->_operations) {
    if (constantData(operation)) [kept addObject:constantData(operation)];
  }
  NSString *key = [[NSProcessInfo processInfo] globallyUniqueString];
  @synchronized([MPSGraphExecutable class]) {
    [savedPlans() setObject:kept forKey:key];
  }
  NSDictionary *manifest = @{@"emulation" : @"MPSGraph", @"plan" : key};
  if (![manifest writeToFile:[path stringByAppendingPathComponent:@"manifest.plist"] atomically:YES]) refuse(_cmd, @"writing %@ failed", path);
}

// feedTensors and targetTensors of a loaded executable are nil; inputs and results are in the order that those of the saved one had.
- (instancetype)initWithMPSGraphPackageAtURL:(NSURL *)mpsgraphPackageURL compilationDescriptor:(MPSGraphCompilationDescriptor *)compilationDescriptor {
  if (compilationDescriptor == nil) refuse(_cmd, @"the compilation descriptor is nil");
  NSString *path = [[mpsgraphPackageURL path] stringByAppendingPathComponent:@"manifest.plist"];
  NSString *key = [[NSDictionary dictionaryWithContentsOfFile:path] objectForKey:@"plan"];
  if (key == nil) refuse(_cmd, @"%@ is no package", [mpsgraphPackageURL path]);
  NSArray *kept;
  @synchronized([MPSGraphExecutable class]) {
    kept = [[[savedPlans() objectForKey:key] retain] autorelease];
  }
  if (kept == nil) [NSException raise:@"MPSGraphEmulationLimit" format:@"%@ was saved by another process; the emulation cannot load it", path];
  return [self initWithPlan:[kept objectAtIndex:0]];
}
@end
