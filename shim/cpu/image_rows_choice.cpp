// image_rows_choice.cpp: the loops over rows of images for the instruction set in use.
#include "image_rows.h"
#include "isa_choice.h"

namespace sinter {

const ImageRows &image_rows() { SINTER_RETURN_FOR_ISA(image_rows) }

}  // namespace sinter
