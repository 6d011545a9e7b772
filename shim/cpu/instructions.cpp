#include "instructions.h"

namespace sinter {

const InstructionFacts kInstructionFacts[kInstructions] = {
#define SINTER_X(name, operands, classes, result) {#name, operands, classes, result},
    SINTER_INSTRUCTIONS(SINTER_X)
#undef SINTER_X
};

const char *instruction_names() {
  return 1 + (""
#define SINTER_X(name, operands, classes, result) "," #name
              SINTER_INSTRUCTIONS(SINTER_X)
#undef SINTER_X
             );
}

}  // namespace sinter
