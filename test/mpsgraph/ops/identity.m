// identity copies bits, whatever they are.
#import "../core.h"
#include <string.h>

@implementation MPSGraph (Identity)
- (MPSGraphTensor *)identityWithTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return makeNode(self, _cmd, name, @[ tensor ], tensor->_dataType, shapeOf(tensor), ^(const Array *in, const Array *out) {
    memcpy(out[0].data, in[0].data, (size_t)in[0].count * sizeOfType(in[0].type));
  });
}
@end
