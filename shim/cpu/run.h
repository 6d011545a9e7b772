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

void run_gemm(const Step &step, const RunContext &run, bool *ok);
// Steps 3..9. False when scratch memory could not be had.
bool run_plain(const Step &step, const RunContext &run);

void run_scan(const PlainStep &step, const RunContext &run);
void run_arg_reduce(const PlainStep &step, const RunContext &run);
void run_take(const PlainStep &step, const RunContext &run, bool along);
void run_index_add(const PlainStep &step, const RunContext &run, bool along);
bool run_argsort(const PlainStep &step, const RunContext &run);

}  // namespace sinter
