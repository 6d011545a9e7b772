// run.cpp: the steps of a program in order.
#include "run.h"

#include <time.h>

#include "error.h"
#include "fpstate.h"
#include "gemm.h"
#include "kernel.h"
#include "memory.h"
#include "pool.h"

namespace sinter {

namespace {

int64_t now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t(t.tv_sec) * 1000000000 + t.tv_nsec;
}

// Workers spin for a while after a step; waking them from sleep costs more.
constexpr int64_t kWorthSpinning = 4000, kWorthWaking = 16000, kSpinWindow = 40000;
int64_t last_parallel = 0;  // runs are one at a time

}  // namespace

int threads_for(const RunContext &run, int64_t nanoseconds) {
  if (run.threads <= 1 || nanoseconds < kWorthSpinning) return 1;
  const int64_t time = now();
  const bool warm = time - last_parallel < kSpinWindow;
  if (!warm && nanoseconds < kWorthWaking) return 1;
  const int64_t finished = nanoseconds / run.threads;  // about when the step ends
  last_parallel = time + finished;
  // More threads than slices of a few microseconds would only wait for each other.
  const int64_t useful = nanoseconds / 2000;
  return useful < run.threads ? int(useful) : run.threads;
}

namespace {

struct GemmRun {
  const Step *step;
  const RunContext *run;
};

// Distributes a batch number over the batch dimensions.
void place_batch(const GemmStep &gemm, int64_t batch, int64_t *index) {
  for (int i = gemm.rank - 1; i >= 0; i--) {
    index[i] = batch % gemm.dims[i];
    batch /= gemm.dims[i];
  }
}

char *matrix_address(const GemmStep &gemm, const GemmStep::Matrix &matrix, const int64_t *index, int bytes, char *const *buffers) {
  int64_t at = matrix.offset;
  for (int i = 0; i < gemm.rank; i++) at += index[i] * matrix.batch[i];
  return buffers[matrix.buffer] + at * bytes;
}

void make_problem(void *context, int64_t batch, Gemm *out) {
  const GemmRun &run = *static_cast<const GemmRun *>(context);
  const GemmStep &gemm = *run.step->gemm;
  char *const *buffers = run.run->buffers;
  int64_t index[kMaxRank];
  place_batch(gemm, batch, index);
  const int bytes = kDtypeSizes[gemm.dtype], result_bytes = gemm.dtype == kFloat16 || gemm.dtype == kBfloat16 ? 4 : bytes;
  *out = {gemm.m, gemm.n, gemm.k, matrix_address(gemm, gemm.a, index, bytes, buffers), gemm.a.row, gemm.a.column,
          matrix_address(gemm, gemm.b, index, bytes, buffers), gemm.b.row, gemm.b.column,
          matrix_address(gemm, gemm.c, index, result_bytes, buffers), gemm.c.row};
}

// Runs the epilogue's tile program over a finished block, in tiles of at most the program's block size.
void run_epilogue(void *context, int64_t batch, int64_t row, int64_t rows, int64_t column, int64_t columns, int worker) {
  const GemmRun &run = *static_cast<const GemmRun *>(context);
  const TilePlan &plan = *run.step->tiles;
  const GemmStep &gemm = *run.step->gemm;
  Frame frame(plan, run.run->buffers, run.run->scratch + worker * run.run->scratch_step);
  frame.start();
  int64_t index[kMaxRank];
  place_batch(gemm, batch, index);
  const int64_t tile_columns = columns < plan.block_values ? columns : plan.block_values;
  int64_t tile_rows = plan.block_values / (tile_columns ? tile_columns : 1);
  if (tile_columns >= 512 && !plan.pitched) tile_rows = 1;  // whole rows are used where they lie
  for (int64_t j = 0; j < columns; j += tile_columns) {
    for (int64_t i = 0; i < rows; i += tile_rows) {
      index[gemm.rank] = row + i;
      index[gemm.rank + 1] = column + j;
      frame.block(index, rows - i < tile_rows ? rows - i : tile_rows, columns - j < tile_columns ? columns - j : tile_columns);
    }
  }
}

}  // namespace

void run_gemm(const Step &step, const RunContext &run, bool *ok) {
  const GemmStep &gemm = *step.gemm;
  GemmRun context = {&step, &run};
  *ok = true;
  if (gemm.batches == 0 || gemm.m == 0 || gemm.n == 0) return;
  GemmBatch job = {};
  job.dtype = gemm.dtype;
  job.batches = gemm.batches;
  job.make = make_problem;
  job.make_context = &context;
  job.epilogue = step.tiles ? run_epilogue : nullptr;
  job.epilogue_context = &context;
  job.threads = threads_for(run, gemm.nanoseconds);
  *ok = gemm_batch(job);
}

int run_program(const Program &program, char *const *buffers) {
  RunContext run = {};
  run.program = &program;
  run.buffers = buffers;
  run.threads = pool_threads();
  run.scratch_step = program.tile_scratch;
  run.scratch = run_scratch(kScratchTiles, uint64_t(run.scratch_step) * uint64_t(run.threads));
  if (!run.scratch) return fail("sinter_run: out of memory for scratch");
  const FloatState state;
  return run_steps(program, run);
}

int run_steps(const Program &program, RunContext &run) {
  for (const Step &step : program.steps) {
    bool ok = true;
    if (step.kind == kTiles) {
      if (step.tiles->mode == kReduce) {
        run.partials = run_scratch(kScratchPartials, uint64_t(partial_bytes(*step.tiles, run.threads)));
        ok = run.partials != nullptr;
      }
      if (ok) run_tiles(*step.tiles, run);
    } else if (step.kind == kGemm) {
      run_gemm(step, run, &ok);
    } else {
      ok = step.kernel->run(step.parameters, run);
    }
    if (!ok) return fail("sinter_run: out of memory for scratch in step %lld", (long long)(&step - program.steps.begin()));
  }
  return 0;
}

}  // namespace sinter
