// kernel_lstm.cpp: an LSTM over a sequence, and its gradient. The projection of the inputs, and that of the gates' cotangents to weights and inputs, are
// ordinary matrix products outside of it.
#include "kernel.h"
#include "kernels.h"
#include "recurrent.h"

namespace sinter {

namespace {

struct Sequence {
  int32_t dtype, reverse;
  int64_t steps, batch, hidden;

  bool empty() const { return batch == 0 || hidden == 0; }
  int64_t element() const { return kDtypeSizes[dtype]; }
  // The step that is computed i-th.
  int64_t at(int64_t i) const { return reverse ? steps - 1 - i : i; }
  // Where the row's values of `parts` each lie in step t.
  int64_t offset(int64_t t, int64_t row, int64_t parts) const { return (t * batch + row) * parts * hidden * element(); }
  // About 60 multiply-adds in a nanosecond.
  double step_work() const { return double(batch) * double(hidden) * (double(hidden) * 4 / 60 + 1); }
};

// The sizes of tensors: everything, one step of it.
struct Counts {
  int64_t every, once, gates, weight;
};

Counts read_sequence(Reader &reader, Sequence *s) {
  s->dtype = reader.ranged("dtype", kFloat32, kFloat64);
  s->reverse = reader.ranged("reverse", 0, 1);
  s->steps = reader.size("steps");
  s->batch = reader.size("batch");
  s->hidden = reader.size("hidden");
  if (s->steps == 0) reader.reject("steps is 0; it must be at least 1");
  return {count_of(reader, {s->steps, s->batch, s->hidden}), count_of(reader, {s->batch, s->hidden}), count_of(reader, {s->steps, s->batch, s->hidden, 4}),
          count_of(reader, {s->hidden, s->hidden, 4})};
}

struct Lstm {
  Sequence sequence;
  int32_t gates, weight, init_state, init_cell, output, cells, state;
};

void parse_lstm(Reader &reader, const Program &program, Lstm *step) {
  const Counts counts = read_sequence(reader, &step->sequence);
  const int64_t element = step->sequence.element();
  step->gates = read_buffer(reader, program, "gates", counts.gates, element, false);
  step->weight = read_buffer(reader, program, "recurrent weight", counts.weight, element, false);
  step->init_state = read_buffer(reader, program, "initial state", counts.once, element, false);
  step->init_cell = read_buffer(reader, program, "initial cell", counts.once, element, false);
  step->output = read_buffer(reader, program, "output", counts.every, element, true);
  step->cells = read_buffer(reader, program, "cells", counts.every, element, true);
  step->state = read_optional_buffer(reader, program, "state", counts.gates, element, true);
}

struct Forward {
  const Lstm &step;
  const RunContext &context;
  const RecurrentKernels &kernels;

  const char *operand(int64_t i) const {
    const Sequence &s = step.sequence;
    return i == 0 ? context.buffers[step.init_state] : context.buffers[step.output] + s.offset(s.at(i - 1), 0, 1);
  }

  void finish(int64_t i, const RecurrentTile &tile) const {
    const Sequence &s = step.sequence;
    const int64_t t = s.at(i), element = s.element(), column = tile.column * element;
    char *const *buffers = context.buffers;
    for (int64_t r = 0; r < tile.rows; r++) {
      const int64_t row = tile.row + r, once = s.offset(t, row, 1) + column, four = s.offset(t, row, 4) + column;
      LstmRow out = {};
      out.n = tile.width;
      out.gate = s.hidden;
      out.sums_gate = tile.rows * tile.columns;
      out.sums = tile.sums + r * tile.columns * element;
      out.gates = buffers[step.gates] + four;
      out.cell_before = i == 0 ? buffers[step.init_cell] + s.offset(0, row, 1) + column : buffers[step.cells] + s.offset(s.at(i - 1), row, 1) + column;
      out.cell = buffers[step.cells] + once;
      out.output = buffers[step.output] + once;
      out.state = step.state < 0 ? nullptr : buffers[step.state] + four;
      kernels.lstm(out);
    }
  }
};

bool run_lstm(const Lstm &step, const RunContext &context) {
  const Sequence &s = step.sequence;
  if (s.empty()) return true;
  const RecurrentProduct product = {&float_kernels(s.dtype), s.batch, s.hidden, s.hidden, 4, context.buffers[step.weight], 1, s.hidden, s.hidden * s.hidden};
  const Forward body = {step, context, kernels().recurrent[s.dtype == kFloat64]};
  return RecurrentRun<Forward>(product, body).run(context, s.steps, s.step_work());
}

struct LstmGradient {
  Sequence sequence;
  int32_t weight, init_cell, cells, output_gradient, state, cell_gradient, gates, init_state_gradient, init_cell_gradient;
};

void parse_lstm_gradient(Reader &reader, const Program &program, LstmGradient *step) {
  const Counts counts = read_sequence(reader, &step->sequence);
  const int64_t element = step->sequence.element();
  step->weight = read_buffer(reader, program, "recurrent weight", counts.weight, element, false);
  step->init_cell = read_buffer(reader, program, "initial cell", counts.once, element, false);
  step->cells = read_buffer(reader, program, "cells", counts.every, element, false);
  step->output_gradient = read_buffer(reader, program, "output gradient", counts.every, element, false);
  step->state = read_buffer(reader, program, "state", counts.gates, element, false);
  step->cell_gradient = read_optional_buffer(reader, program, "cell gradient", counts.every, element, false);
  step->gates = read_buffer(reader, program, "gates", counts.gates, element, true);
  step->init_state_gradient = read_buffer(reader, program, "initial state's gradient", counts.once, element, true);
  step->init_cell_gradient = read_buffer(reader, program, "initial cell's gradient", counts.once, element, true);
}

// From the step computed last to the one computed first, and then the initial state.
struct Backward {
  const LstmGradient &step;
  const RunContext &context;
  const RecurrentKernels &kernels;

  int64_t back(int64_t i) const { return step.sequence.at(step.sequence.steps - 1 - i); }

  const char *operand(int64_t i) const { return i == 0 ? nullptr : context.buffers[step.gates] + step.sequence.offset(back(i - 1), 0, 4); }

  void finish(int64_t i, const RecurrentTile &tile) const {
    const Sequence &s = step.sequence;
    const int64_t element = s.element(), column = tile.column * element;
    char *const *buffers = context.buffers;
    for (int64_t r = 0; r < tile.rows; r++) {
      const int64_t row = tile.row + r, alone = s.offset(0, row, 1) + column;
      const char *sums = tile.sums ? tile.sums + r * tile.columns * element : nullptr;
      if (i == s.steps) {
        memcpy(buffers[step.init_state_gradient] + alone, sums, size_t(tile.width * element));
        continue;
      }
      const int64_t t = back(i), once = s.offset(t, row, 1) + column, four = s.offset(t, row, 4) + column;
      LstmGradientRow out = {};
      out.n = tile.width;
      out.gate = s.hidden;
      out.sums = sums;
      out.output = buffers[step.output_gradient] + once;
      out.cell = step.cell_gradient < 0 ? nullptr : buffers[step.cell_gradient] + once;
      out.state = buffers[step.state] + four;
      out.cell_now = buffers[step.cells] + once;
      out.cell_before = i + 1 == s.steps ? buffers[step.init_cell] + alone : buffers[step.cells] + s.offset(back(i + 1), row, 1) + column;
      out.carry = buffers[step.init_cell_gradient] + alone;
      out.gates = buffers[step.gates] + four;
      kernels.lstm_gradient(out);
    }
  }
};

bool run_lstm_gradient(const LstmGradient &step, const RunContext &context) {
  const Sequence &s = step.sequence;
  if (s.empty()) return true;
  const RecurrentProduct product = {&float_kernels(s.dtype), s.batch, 4 * s.hidden, s.hidden, 1, context.buffers[step.weight], s.hidden, 1, 0};
  const Backward body = {step, context, kernels().recurrent[s.dtype == kFloat64]};
  return RecurrentRun<Backward>(product, body).run(context, s.steps + 1, s.step_work());
}

}  // namespace

SINTER_KERNEL(lstm, Lstm, parse_lstm, run_lstm);
SINTER_KERNEL(lstm_gradient, LstmGradient, parse_lstm_gradient, run_lstm_gradient);

}  // namespace sinter
