// run.h: runs a program once.
#pragma once
#include <cstdint>

#include "program.h"
#include "tiles.h"

namespace sinter {

// A buffer behind a handle.
struct Buffer {
  char *memory;
  uint64_t bytes;
};

// Performs the steps. `buffers`: the addresses of the program's buffers. Returns 0, or -1 with the thread's last error set.
int run_program(const Program &program, char *const *buffers);

// Performs the steps of a program, or of one that lies in a step of another, in a run that is under way.
int run_steps(const Program &program, RunContext &run);

void run_gemm(const Step &step, const RunContext &run, bool *ok);

}  // namespace sinter
