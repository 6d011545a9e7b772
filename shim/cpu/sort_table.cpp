// sort_table.cpp: the sorting loops of the instruction set in use.
#include "sort_table.h"

#include "isa_choice.h"

namespace sinter {

const SortTable &sort_table() { SINTER_RETURN_FOR_ISA(sort_table) }

}  // namespace sinter
