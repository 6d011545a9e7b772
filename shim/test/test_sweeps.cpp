// test_sweeps.cpp: row reductions joined with the instructions before them, of every kind, against plain loops.
#include "../cpu/isa.h"
#include "../cpu/program.h"
#include "builder.h"

namespace test {

using namespace sinter;

namespace {

constexpr float kUntouched = -77;

// What one case computes: u = second(first(a, b), c), and its row reduction. kNone leaves an instruction out.
struct Case {
  int first, second, reduction;
  bool swapped;                  // the operands of commutative instructions
  bool store_first, store_second;
  int b_kind, c_kind;            // RegisterKind
  int block_rows;
  int64_t rows, columns;
};

bool is_binary(int code) { return code != kNone && kInstructionFacts[code].operands == 2; }

float apply(int code, float a, float b) {
  switch (code) {
    case kOp_add: return a + b;
    case kOp_sub: return a - b;
    case kOp_mul: return a * b;
    case kOp_exp: return float(exp(double(a)));
    case kOp_square: return a * a;
    case kOp_abs: return fabsf(a);
    case kOp_neg: return -a;
    default: return a;
  }
}

bool near(float got, double want, double scale) { return fabs(got - want) <= 3e-7 * scale; }

void run_case(const Case &t) {
  const int64_t pad = 3, stride = t.columns + pad, n = t.rows * t.columns;
  Array<float> a, b, c, row_b, row_c, u, v, r;
  for (Array<float> *each : {&a, &b, &c}) each->resize(n);
  for (Array<float> *each : {&row_b, &row_c, &r}) each->resize(t.rows);
  for (Array<float> *each : {&u, &v}) each->resize(t.rows * stride);
  Random random(uint64_t(t.columns * 31 + t.rows));
  for (Array<float> *each : {&a, &b, &c, &row_b, &row_c}) {
    for (float &value : *each) value = float(random.uniform() * 4 - 2);
  }
  for (Array<float> *each : {&u, &v}) {
    for (float &value : *each) value = kUntouched;
  }
  const Array<float> *inputs[] = {&a, &b, &c, &row_b, &row_c}, *outputs[] = {&u, &v, &r};
  Builder builder;
  uint64_t arguments[8];
  int buffers[8], count = 0;
  for (const Array<float> *input : inputs) {
    buffers[count] = builder.buffer(0, count, input->size() * 4);
    arguments[count++] = make_buffer(input->data(), uint64_t(input->size()) * 4);
  }
  for (const Array<float> *output : outputs) {
    buffers[count] = builder.buffer(1, count, output->size() * 4);
    arguments[count++] = make_buffer(output->data(), uint64_t(output->size()) * 4);
  }
  TilesSpec s;
  s.mode = 1;
  s.rank = 2;
  s.rows = t.block_rows;
  s.columns = int(t.columns);
  s.dims[0] = t.rows;
  s.dims[1] = t.columns;
  const int ra = s.reg(kFloat32);
  s.load(buffers[0], kFloat32, ra, t.columns, 1);
  // The other operand: a tile, a splat (the first row's value), or a row value, spread over a tile where blocks have several rows.
  const auto operand = [&](int kind, int tile, int row) {
    const int reg = s.reg(kFloat32, kind);
    if (kind == kTile) s.load(buffers[tile], kFloat32, reg, t.columns, 1);
    if (kind == kSplatKind) s.load(buffers[row], kFloat32, reg, 0, 0);
    if (kind == kRow) s.load(buffers[row], kFloat32, reg, 1, 0);
    if (kind != kRow || t.block_rows == 1) return reg;
    const int spread = s.reg(kFloat32);
    s.op(kOp_expand, kFloat32, spread, reg);
    return spread;
  };
  const int rb = is_binary(t.first) ? operand(t.b_kind, 1, 3) : kNone, rc = is_binary(t.second) ? operand(t.c_kind, 2, 4) : kNone;
  const auto emit = [&](int code, int x, int y) {
    const int to = s.reg(kFloat32);
    const bool swapped = t.swapped && y != kNone && code != kOp_sub;
    s.op(code, kFloat32, to, swapped ? y : x, swapped ? x : y);
    return to;
  };
  const int rt = t.first == kNone ? ra : emit(t.first, ra, rb);
  const int ru = t.second == kNone ? rt : emit(t.second, rt, rc);
  const int rr = s.reg(kFloat32, 1);
  s.op(t.reduction, kFloat32, rr, ru);
  const bool store_first = t.store_first && t.first != kNone && t.second != kNone;
  if (store_first) s.store(buffers[5], kFloat32, rt, stride, 1);
  if (t.store_second) s.store(buffers[6], kFloat32, ru, stride, 1);
  s.store(buffers[7], kFloat32, rr, 1, 99);
  builder.tiles(s);
  builder.finish();
  run_once(builder, arguments, count);
  for (int i = 0; i < 3; i++) CHECK(sinter_buffer_read(arguments[5 + i], 0, const_cast<float *>(outputs[i]->data()), uint64_t(outputs[i]->size()) * 4) == 0, "%s", sinter_last_error());
  int wrong = 0;
  for (int64_t i = 0; i < t.rows; i++) {
    double total = 0, size = 1e-30, top = -INFINITY, bottom = INFINITY;
    for (int64_t j = 0; j < stride; j++) {
      float first = kUntouched, second = kUntouched;
      if (j < t.columns) {
        const auto other = [&](int kind, const Array<float> &tile, const Array<float> &row) { return kind == kTile ? tile[i * t.columns + j] : row[kind == kRow ? i : 0]; };
        first = apply(t.first, a[i * t.columns + j], other(t.b_kind, b, row_b));
        second = apply(t.second, first, other(t.c_kind, c, row_c));
        total += second;
        size += fabs(second);
        top = fmax(top, double(second));
        bottom = fmin(bottom, double(second));
      }
      const float got_first = u[i * stride + j], got_second = v[i * stride + j];
      wrong += got_first != (store_first ? first : kUntouched);
      const float want_second = t.store_second ? second : kUntouched;
      wrong += t.second == kOp_exp && j < t.columns ? !near(got_second, want_second, fabs(want_second)) : got_second != want_second;
    }
    const double want = t.reduction == kOp_row_sum ? total : t.reduction == kOp_row_max ? top : bottom;
    wrong += !near(r[i], want, t.reduction == kOp_row_sum ? size : fabs(want));
  }
  CHECK(wrong == 0, "%s of %s(%s), kinds %d %d, swapped %d, stored %d %d, R %d, %lld x %lld: %d wrong", kInstructionFacts[t.reduction].name,
        t.second == kNone ? "-" : kInstructionFacts[t.second].name, t.first == kNone ? "-" : kInstructionFacts[t.first].name, t.b_kind, t.c_kind, t.swapped,
        t.store_first, t.store_second, t.block_rows, (long long)t.rows, (long long)t.columns, wrong);
  for (uint64_t handle : arguments) sinter_buffer_free(handle);
}

}  // namespace

void test_sweeps() {
  const int64_t widths[] = {1, 5, 16, 37, 64, 128, 133, 144, 256, 1000, 1024};
  for (Isa isa : {Isa::base, Isa::avx2, Isa::avx512, Isa::neon}) {
    if (!isa_available(isa)) continue;
    set_isa(isa_name(isa));
    int turn = 0;
    for (int first : {kNone, int(kOp_add), int(kOp_sub), int(kOp_mul)}) {
      for (int second : {kNone, int(kOp_exp), int(kOp_square), int(kOp_abs), int(kOp_neg), int(kOp_add), int(kOp_sub), int(kOp_mul)}) {
        for (int reduction : {int(kOp_row_sum), int(kOp_row_max), int(kOp_row_min)}) {
          // Every combination of what is stored and how operands are held, at widths in turn.
          for (int mix = 0; mix < 72; mix++) {
            const bool single = mix / 36 == 0;
            run_case({first, second, reduction, turn % 3 == 1, bool(mix & 1), bool(mix & 2), mix / 4 % 3, mix / 12 % 3, single ? 1 : 4, single ? 3 : 9,
                      widths[turn % 11]});
            turn++;
          }
        }
      }
    }
    // More values than are summed in float32, with and without rest.
    for (int64_t columns : {4096, 9001}) run_case({kOp_sub, kOp_square, kOp_row_sum, false, true, false, kRow, kTile, 1, 3, columns});
  }
}

}  // namespace test
