// GNUstep's headers include this for _Block_copy and _Block_release; Debian has it as Block.h.
#include <Block.h>
