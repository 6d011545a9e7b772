// test_mutations.cpp: damaged programs get an error or run within their buffers. Guard bytes around every view catch stray writes; the sanitizer
// build catches stray reads.
#include "builder.h"

namespace test {

using namespace sinter;

namespace {

constexpr int kArguments = 4;
constexpr int64_t kBytes = 4096;

void map_program(Builder &b) {
  b.buffer(0, 0, 2048);
  b.buffer(1, 1, 2000);
  b.buffer(2, 1, 1024);
  b.buffer(3, 0, 16);
  b.buffer(4, 3, 8);
  TilesSpec s;
  s.rank = 2;
  s.rows = 4;
  s.columns = 16;
  s.dims[0] = 13;
  s.dims[1] = 20;
  s.nanoseconds = 100;
  const int x = s.reg(kFloat32), i = s.reg(kInt32), c = s.reg(kFloat32, 2), h = s.reg(kFloat32), k = s.reg(kInt32, 2);
  s.load(0, kFloat32, x, 20, 1);
  s.load(0, kUint8, i, -1, 13, 0, 12);
  s.load(0, kFloat16, h, 20, 1, 0, 3);
  s.load(3, kFloat32, c, 0, 0);
  s.load(4, kInt32, k, 0, 0);
  s.op(kOp_add, kFloat32, x, x, c);
  s.op(kOp_max, kFloat32, h, h, x);
  s.op(kOp_add, kInt32, i, i, k);
  s.op(kOp_lt, kFloat32, i, x, h);
  s.op(kOp_select, kFloat32, x, i, x, h);
  s.op(kOp_pow, kFloat32, x, x, h);
  s.store(1, kFloat32, x, 20, 1);
  s.store(2, kInt8, i, 20, 1);
  b.tiles(s);
  const float constants[4] = {1, 2, 3, 4};
  b.finish(constants, 4);
}

void rows_program(Builder &b) {
  b.buffer(0, 0, 2048);
  b.buffer(1, 1, 2048);
  b.buffer(1, 2, 256);
  TilesSpec s;
  s.mode = 1;
  s.rank = 2;
  s.rows = 3;
  s.columns = 21;
  s.dims[0] = 17;
  s.dims[1] = 21;
  const int x = s.reg(kFloat32), m = s.reg(kFloat32, 1), t = s.reg(kFloat32);
  s.load(0, kFloat32, x, 21, 1);
  s.op(kOp_row_max, kFloat32, m, x);
  s.op(kOp_expand, kFloat32, t, m);
  s.op(kOp_sub, kFloat32, x, x, t);
  s.op(kOp_exp, kFloat32, x, x);
  s.op(kOp_row_sum, kFloat32, m, x);
  s.store(1, kFloat32, x, 21, 1);
  s.store(2, kFloat32, m, 1, 0);
  b.tiles(s);
  b.finish();
}

void reduce_program(Builder &b) {
  b.buffer(0, 0, 4000);
  b.buffer(1, 1, 400);
  TilesSpec s;
  s.mode = 2;
  s.rank = 3;
  s.rows = 5;
  s.columns = 10;
  s.reduced = 3;
  s.dims[0] = 4;
  s.dims[1] = 20;
  s.dims[2] = 12;
  const int x = s.reg(kFloat32);
  s.load(0, kFloat32, x, 240, 12, 1);
  s.op(kOp_square, kFloat32, x, x);
  s.store(1, kFloat32, x, 0, 0, 1, 0, 1);
  s.store(1, kFloat32, x, 0, 0, 2, 20, 3);
  b.tiles(s);
  b.finish();
}

void gemm_program(Builder &b) {
  b.buffer(0, 0, 1200);
  b.buffer(0, 1, 1200);
  b.buffer(1, 2, 1200);
  TilesSpec s;
  s.rank = 2;
  s.dims[0] = 10;
  s.dims[1] = 30;
  const int x = s.reg(kFloat32), v = s.reg(kFloat32);
  s.load(2, kFloat32, x, 30, 1);
  s.load(0, kFloat32, v, 0, 1);
  s.op(kOp_muladd, kFloat32, x, x, v, v);
  s.store(2, kFloat32, x, 30, 1);
  b.gemm(kFloat32, 10, 30, 10, 0, 10, 1, 1, 1, 10, 2, &s);
  b.finish();
}

void plain_program(Builder &b) {
  b.buffer(0, 0, 960);
  b.buffer(0, 1, 960);
  b.buffer(1, 2, 960);
  b.buffer(1, 3, 960);
  b.begin_steps();
  const int64_t scan[] = {kFloat32, 0, 0, 0, 3, 10, 8, 0, 2}, arg[] = {kFloat32, 0, 3, 10, 8, 0, 3}, take[] = {4, kInt32, 3, 10, 4, 10, 0, 1, 2},
                along[] = {4, kInt32, 3, 10, 8, 10, 0, 1, 2}, add[] = {kFloat32, kInt32, 0, 3, 10, 8, 10, 0, 1, 0, 2}, sort[] = {kFloat32, 1, 24, 10, 0, 2},
                top[] = {kFloat32, 1, 24, 10, 3, 0, 2, 3};
  b.kernel("scan", scan, "wwwwqqqww");
  b.kernel("arg_reduce", arg, "wwqqqww");
  b.kernel("take", take, "wwqqqqwww");
  b.kernel("take_along", along, "wwqqqqwww");
  b.kernel("scatter_slices", add, "wwwqqqqwwww");
  b.kernel("scatter_along", add, "wwwqqqqwwww");
  b.kernel("argsort", sort, "wwqqww");
  b.kernel("sort", sort, "wwqqww");
  b.kernel("top_k", top, "wwqqqwww");
  int64_t half;
  const double threshold = 0.5;
  memcpy(&half, &threshold, sizeof half);
  // Every score of the buffers is the same: the order of boxes is that of their numbers.
  const int64_t corners[] = {kFloat32, 0, 1, 1, half, half, 2, 7, 1, 0, 1, 0, 2}, centers[] = {kFloat64, 1, 1, 0, half, 0, 1, 9, 3, 0, 1, -1, 3};
  const int64_t sparse[] = {kFloat32, kInt32, 30, 8, 7, 9, 0, 1, 1, 0, 2};
  b.kernel("sparse_matmul", sparse, "wwqqqqwwwww");
  b.kernel("suppress", corners, "wwwwqqqqqwwww");
  b.kernel("suppress", centers, "wwwwqqqqqwwww");
  const int64_t lines[] = {0, kFloat32, 1, half, 3, 10, 4, 0, 2, 2, 5, 0, 0, 2, 1}, matrix[] = {0, kFloat32, 0, half, 12, 10, 1, 0, 2, 2, 5, 1, 0, 3, 1},
                pairs[] = {1, kFloat32, 0, half, 3, 10, 4, 0, 1, 5, 0, 0, 2, 1}, chirped[] = {2, kFloat64, 0, half, 2, 7, 5, 16, 2, 4, 4, 0, 0, 2, 1};
  b.kernel("fourier", lines, "wwwqqqqqwwwwwww");
  b.kernel("fourier", matrix, "wwwqqqqqwwwwwww");
  b.kernel("fourier", pairs, "wwwqqqqqwwwwww");
  b.kernel("fourier", chirped, "wwwqqqqqwwwwwww");
  b.finish();
}

// A carried value of 3 elements, slices of 12 bytes, a value for every turn; 4 turns whose values are stacked.
void loop_program(Builder &b) {
  Builder body;
  for (int i = 0; i < 3; i++) body.buffer(0, i, 12);
  body.buffer(1, 3, 12);
  body.buffer(1, 4, 12);
  TilesSpec s;
  s.rank = 1;
  s.rows = 1;
  s.columns = 3;
  s.dims[0] = 3;
  const int c = s.reg(kFloat32), x = s.reg(kFloat32), w = s.reg(kFloat32);
  s.load(0, kFloat32, c, 1);
  s.load(1, kFloat32, x, 1);
  s.load(2, kFloat32, w, 1);
  s.op(kOp_mul, kFloat32, c, c, w);
  s.op(kOp_add, kFloat32, c, c, x);
  s.store(3, kFloat32, c, 1);
  s.store(4, kFloat32, c, 1);
  body.tiles(s);
  body.finish();
  b.buffer(0, 0, 64);
  b.buffer(0, 1, 64);
  b.buffer(1, 2, 64);
  b.buffer(1, 3, 64);
  for (int i = 0; i < 4; i++) b.buffer(2, i, 12);
  b.begin_steps();
  int64_t words[512] = {4, 0, 0, 1, 1, 1, 1, 12, 0, 2, 4, 12, 1, 5, 12, 0, 12, 3, 6, 0, 7};
  char layout[513] = "qwwwwwwqwwwqwwqwqwwqw";
  int64_t count = int64_t(strlen(layout));
  for (int64_t i = 0; i < body.words.size(); i++, count++) {
    words[count] = body.words[i];
    layout[count] = 'w';
  }
  b.kernel("loop", words, layout);
  b.finish();
}

void attention_program(Builder &b) {
  b.buffer(0, 0, 160);
  b.buffer(0, 1, 640);
  b.buffer(0, 2, 100);
  b.buffer(1, 3, 120);
  b.begin_steps();
  int64_t scale;
  const double half = 0.5;
  memcpy(&scale, &half, sizeof scale);
  const char layout[] = "wwwwqqqqqqqqqqqqwwwww";
  // Two batches of five queries, a mask for both; one batch of queries with shared keys, few at a time.
  const int64_t masked[] = {kFloat32, kBool, 0, 1, scale, 5, 20, 4, 3, 20, 1, 2, 20, 80, 60, 0, 0, 1, 1, 2, 3};
  const int64_t few[] = {kFloat32, -1, 1, 1, scale, 2, 20, 4, 3, 0, 0, 5, 8, 0, 0, 0, 0, 1, 1, -1, 3};
  const int64_t halves[] = {kFloat16, kFloat16, 1, 1, scale, 6, 20, 4, 3, 0, 1, 2, 24, 80, 0, 20, 0, 1, 1, 2, 3};
  b.kernel("attention", masked, layout);
  b.kernel("attention", few, layout);
  b.kernel("attention", halves, layout);
  b.finish();
}

// Many rows in reverse, few rows with their gradient.
void recurrent_program(Builder &b) {
  b.buffer(0, 0, 960);
  b.buffer(0, 1, 960);
  b.buffer(1, 2, 960);
  b.buffer(1, 3, 960);
  b.begin_steps();
  const int64_t many[] = {kFloat32, 1, 2, 7, 2, 0, 1, 1, 0, 2, 3, -1}, few[] = {kFloat64, 0, 2, 2, 3, 0, 1, 1, 0, 2, 3, 2};
  const int64_t many_back[] = {kFloat32, 0, 2, 7, 2, 1, 0, 1, 0, 1, 1, 2, 3, 3}, few_back[] = {kFloat64, 1, 2, 2, 3, 1, 0, 1, 0, 1, -1, 2, 3, 3};
  b.kernel("lstm", many, "wwqqqwwwwwww");
  b.kernel("lstm", few, "wwqqqwwwwwww");
  b.kernel("lstm_gradient", many_back, "wwqqqwwwwwwwww");
  b.kernel("lstm_gradient", few_back, "wwqqqwwwwwwwww");
  b.finish();
}

// The three modes, with channels in vectors and with places in vectors.
void convolution_program(Builder &b) {
  b.buffer(0, 0, 960);
  b.buffer(0, 1, 960);
  b.buffer(1, 2, 960);
  b.begin_steps();
  const char *layout = "wwqqqqqqqqqqqqqqqqqqqqqqwww";
  for (int mode = 0; mode < 3; mode++) {
    const int64_t dense[] = {kFloat32, mode, 2, 1, 2, 3, 1, 5, 4, 1, 2, 2, 1, 3, 4, 1, 2, 1, 1, 1, 1, 0, 0, 1, 0, 1, 2};
    const int64_t apart[] = {kFloat32, mode, 1, 8, 1, 2, 1, 3, 4, 1, 2, 2, 1, 2, 3, 1, 2, 1, 1, 1, 2, 0, 1, 1, 0, 1, 2};
    const int64_t halves[] = {kFloat16, mode, 1, 2, 2, 2, 2, 3, 2, 1, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 2};
    b.kernel("convolution", dense, layout);
    b.kernel("convolution", apart, layout);
    b.kernel("convolution", halves, layout);
  }
  b.finish();
}

// Only programs whose work is small are run: the validator bounds memory, the clock of a test run bounds patience.
bool small_enough(const Array<int32_t> &original, const Array<int32_t> &mutant, int64_t changed) {
  return changed < 0 || mutant[changed] == original[changed] || (mutant[changed] > -100000 && mutant[changed] < 100000);
}

struct Arena {
  uint64_t arguments[kArguments], arena;
};

void try_program(const Array<int32_t> &words, const Arena &arena, bool run, int *accepted) {
  const uint64_t plan = sinter_plan_create(words.data(), uint64_t(words.size()));
  if (!plan) {
    CHECK(strncmp(sinter_last_error(), "program", 7) == 0 && strlen(sinter_last_error()) > 16, "error \"%s\"", sinter_last_error());
    return;
  }
  ++*accepted;
  if (run) sinter_run(plan, arena.arguments, words[5] >= 0 && words[5] <= kArguments ? uint64_t(words[5]) : 0, arena.arena, sinter_ticket());
  CHECK(sinter_plan_release(plan) == 0, "release");
}

}  // namespace

void test_mutations(int count) {
  Arena arena;
  unsigned char guard[kBytes];
  memset(guard, 0x3f, sizeof guard);
  for (uint64_t &argument : arena.arguments) argument = make_buffer(guard, kBytes);
  arena.arena = make_buffer(guard, kBytes);
  static const int32_t tempting[] = {0, 1, -1, 2, 3, 7, 8, 16, 64, 100, 255, 256, 1024, 4096, 65536, INT32_MAX, INT32_MIN, -2, 12, 13};
  Random random(41);
  int accepted = 0, unchanged = 0;
  void (*const programs[])(Builder &) = {map_program, rows_program, reduce_program, gemm_program, plain_program, convolution_program, attention_program, recurrent_program, loop_program};
  for (void (*make)(Builder &) : programs) {
    Builder b;
    make(b);
    try_program(b.words, arena, true, &unchanged);
    CHECK(unchanged == 1, "the original is refused: %s", sinter_last_error());
    unchanged = 0;
    for (int64_t words = 1; words < b.words.size(); words++) {  // every truncation, with and without a matching word count
      Array<int32_t> mutant;
      mutant.resize(words);
      for (int64_t i = 0; i < words; i++) mutant[i] = b.words[i];
      try_program(mutant, arena, false, &accepted);
      if (words > 2) mutant[2] = int32_t(words);
      try_program(mutant, arena, false, &accepted);
    }
    for (int i = 0; i < count; i++) {
      Array<int32_t> mutant;
      mutant.resize(b.words.size());
      for (int64_t w = 0; w < mutant.size(); w++) mutant[w] = b.words[w];
      const int changes = 1 + int(random.below(3));
      bool run = true;
      for (int c = 0; c < changes; c++) {
        const int64_t at = random.below(mutant.size());
        const int64_t way = random.below(5);
        mutant[at] = way == 0   ? tempting[random.below(sizeof tempting / sizeof *tempting)]
                     : way == 1 ? int32_t(uint32_t(mutant[at]) + uint32_t(random.below(5)) - 2)
                     : way == 2 ? mutant[at] ^ int32_t(1u << random.below(32))
                     : way == 3 ? mutant[random.below(mutant.size())]
                                : int32_t(random.next());
        run = run && small_enough(b.words, mutant, at);
      }
      try_program(mutant, arena, run, &accepted);
    }
  }
  CHECK(accepted > count / 20, "only %d mutants are valid: the test says little", accepted);
  printf("  %d of %d mutants were valid programs\n", accepted, count * 9);
  for (uint64_t argument : arena.arguments) sinter_buffer_free(argument);
  sinter_buffer_free(arena.arena);
}

}  // namespace test
