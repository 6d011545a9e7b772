// kernel_fourier.cpp: Fourier transforms of lines. Several lines are transformed at once, element by element beside each other. Lengths are products of small
// factors; others are convolutions of such a length with a chirp (Bluestein, "A linear filtering approach to the computation of the discrete Fourier
// transform", 1970). An even number of real values is transformed as half as many complex ones. The tables of roots come with the program.
#include <algorithm>
#include <utility>

#include "kernels.h"
#include "matrices.h"

namespace sinter {

namespace {

enum { kComplex, kFromReal, kToReal };

constexpr int kMostFactors = 48;
constexpr int kLargestRadix = 31;
constexpr int64_t kLines = 8;            // lines transformed at once
constexpr int64_t kGroupValues = 65536;  // at most about so many values at once

struct Fourier {
  int32_t mode, dtype, inverse;
  double scale;
  int64_t outer, length, inner;
  int64_t inside;  // the length of the complex transforms of lines
  int64_t size;    // that of the passes: `inside`, or of the convolution
  bool chirped, halved;
  int32_t factor_count, factors[kMostFactors];
  int32_t source[2], target[2], tables;
};

int64_t stored_length(const Fourier &step, bool target) {
  const bool half = step.mode == (target ? kFromReal : kToReal);
  return half ? step.length / 2 + 1 : step.length;
}

int64_t table_values(const Fourier &step) {
  return 2 * (step.size + (step.chirped ? step.inside + step.size : 0) + (step.halved ? step.inside + 1 : 0));
}

void parse_fourier(Reader &reader, const Program &program, Fourier *step) {
  step->mode = reader.ranged("mode", kComplex, kToReal);
  step->dtype = read_matrix_dtype(reader);
  step->inverse = reader.ranged("inverse", 0, 1);
  step->scale = reader.real("scale");
  step->outer = reader.size("outer");
  step->length = reader.size("length");
  step->inner = reader.size("inner");
  const int64_t convolution = reader.size("convolution");
  step->factor_count = reader.ranged("factors", 0, kMostFactors);
  if (step->length < 1) reader.reject("the length of lines is %lld; it must be at least 1", static_cast<long long>(step->length));
  if (step->length > int64_t(1) << 31 || convolution > int64_t(1) << 33) reader.reject("lines are too long");
  if (!reader.ok()) return;
  step->halved = step->mode != kComplex && step->length % 2 == 0;
  step->inside = step->halved ? step->length / 2 : step->length;
  step->chirped = convolution > 0;
  step->size = step->chirped ? convolution : step->inside;
  if (step->chirped && convolution < 2 * step->inside - 1) reader.reject("a convolution of %lld is too short", static_cast<long long>(convolution));
  int64_t product = 1;
  for (int i = 0; i < step->factor_count; i++) {
    step->factors[i] = reader.ranged("factor", 2, kLargestRadix);
    if (!reader.ok() || product > step->size) break;
    product *= step->factors[i];
  }
  if (product != step->size) reader.reject("the product of the factors is not the length %lld", static_cast<long long>(step->size));
  const int64_t bytes = kDtypeSizes[step->dtype];
  for (int i = 0; i < 2; i++) {
    const bool reads = i == 0 || step->mode != kFromReal, writes = i == 0 || step->mode != kToReal;
    const int64_t from = count_of(reader, {step->outer, stored_length(*step, false), step->inner});
    const int64_t to = count_of(reader, {step->outer, stored_length(*step, true), step->inner});
    if (reads) step->source[i] = read_buffer(reader, program, "source", from, bytes, false);
    if (writes) step->target[i] = read_buffer(reader, program, "target", to, bytes, true);
  }
  step->tables = read_buffer(reader, program, "tables", table_values(*step), bytes, false);
}

// Planes of real and imaginary parts: element i of line j at i * lines + j.
template <class T>
struct Planes {
  T *re, *im;
};

template <class T>
class Group {
 public:
  // `plane`: the values of one of the four planes in scratch.
  Group(const Fourier &step, const RunContext &run, T *scratch, int64_t plane)
      : step_(step), run_(run), a_{scratch, scratch + plane}, b_{scratch + 2 * plane, scratch + 3 * plane} {
    const T *at = reinterpret_cast<const T *>(run.buffers[step.tables]);
    const auto next = [&at](int64_t count) {
      const Planes<const T> planes = {at, at + count};
      at += 2 * count;
      return planes;
    };
    roots_ = next(step.size);
    if (step.chirped) {
      chirp_ = next(step.inside);
      filter_ = next(step.size);
    }
    if (step.halved) split_ = next(step.inside + 1);
  }

  // Lines first .. first + count - 1.
  void transform(int64_t first, int64_t count) {
    first_ = first;
    lines_ = count;
    const int64_t n = step_.length, h = step_.inside;
    // An inverse transform is one of swapped parts, with swapped parts as its result.
    const bool swap = step_.mode == kToReal || (step_.mode == kComplex && step_.inverse);
    const T scale = T(step_.scale);
    if (step_.mode == kComplex) {
      gather(0, 0, 1, n, swap ? a_.im : a_.re);
      gather(1, 0, 1, n, swap ? a_.re : a_.im);
    } else if (step_.mode == kFromReal) {
      gather(0, 0, step_.halved ? 2 : 1, h, a_.re);
      if (step_.halved) gather(0, 1, 2, h, a_.im);
      else clear(a_.im, h);
    } else {
      gather_hermitian(b_, {a_.im, a_.re});
    }
    Planes<T> x = step_.chirped ? convolved() : passes(a_, b_);
    if (step_.mode == kComplex) {
      scatter(swap ? x.im : x.re, 0, 0, 1, n, scale);
      scatter(swap ? x.re : x.im, 1, 0, 1, n, scale);
    } else if (step_.mode == kFromReal) {
      if (step_.halved) x = split(x, x.re == a_.re ? b_ : a_);
      else clear(x.im, 1);
      scatter(x.re, 0, 0, 1, n / 2 + 1, scale);
      scatter(x.im, 1, 0, 1, n / 2 + 1, scale);
    } else {
      scatter(x.im, 0, 0, step_.halved ? 2 : 1, h, scale);
      if (step_.halved) scatter(x.re, 0, 1, 2, h, scale);
    }
  }

 private:
  // The position of a line's element 0 in a buffer whose lines have `length` elements.
  int64_t base(int64_t line, int64_t length) const { return line / step_.inner * length * step_.inner + line % step_.inner; }
  // Whether the group's lines are neighbours in memory.
  bool beside() const { return first_ % step_.inner + lines_ <= step_.inner; }

  // Elements start, start + stride, ... of each line.
  void gather(int part, int64_t start, int64_t stride, int64_t count, T *plane) const {
    const T *source = reinterpret_cast<const T *>(run_.buffers[step_.source[part]]);
    const int64_t length = stored_length(step_, false), lines = lines_, by = stride * step_.inner;
    if (beside()) {
      const T *at = source + base(first_, length) + start * step_.inner;
      for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < lines; j++) plane[i * lines + j] = at[i * by + j];
      return;
    }
    for (int64_t from = 0; from < count; from += kBlock) {
      const int64_t to = from + kBlock < count ? from + kBlock : count;
      for (int64_t j = 0; j < lines; j++) {
        const T *at = source + base(first_ + j, length) + start * step_.inner;
        for (int64_t i = from; i < to; i++) plane[i * lines + j] = at[i * by];
      }
    }
  }

  void scatter(const T *plane, int part, int64_t start, int64_t stride, int64_t count, T scale) const {
    T *target = reinterpret_cast<T *>(run_.buffers[step_.target[part]]);
    const int64_t length = stored_length(step_, true), lines = lines_, by = stride * step_.inner;
    if (beside()) {
      T *at = target + base(first_, length) + start * step_.inner;
      for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < lines; j++) at[i * by + j] = plane[i * lines + j] * scale;
      return;
    }
    for (int64_t from = 0; from < count; from += kBlock) {
      const int64_t to = from + kBlock < count ? from + kBlock : count;
      for (int64_t j = 0; j < lines; j++) {
        T *at = target + base(first_ + j, length) + start * step_.inner;
        for (int64_t i = from; i < to; i++) at[i * by] = plane[i * lines + j] * scale;
      }
    }
  }

  void clear(T *plane, int64_t count) const { memset(plane, 0, size_t(count * lines_) * sizeof(T)); }

  // The passes over x with y as the other place; says where the result lies.
  Planes<T> passes(Planes<T> x, Planes<T> y) const {
    int64_t groups = step_.size, step = 1;
    for (int i = 0; i < step_.factor_count; i++) {
      const int64_t radix = step_.factors[i];
      groups /= radix;
      kernels().fourier[step_.dtype]({x.re, x.im, y.re, y.im, roots_.re, roots_.im, radix, groups, step * lines_, step, step_.size});
      step *= radix;
      std::swap(x, y);
    }
    return x;
  }

  // x *= w for `count` elements, one factor for each.
  void multiply(Planes<T> x, Planes<const T> w, int64_t count) const {
    const int64_t lines = lines_;
    for (int64_t i = 0; i < count; i++) {
      const T wr = w.re[i], wi = w.im[i];
      T *re = x.re + i * lines, *im = x.im + i * lines;
      for (int64_t j = 0; j < lines; j++) {
        const T real = re[j] * wr - im[j] * wi;
        im[j] = re[j] * wi + im[j] * wr;
        re[j] = real;
      }
    }
  }

  Planes<T> convolved() const {
    const int64_t n = step_.inside, tail = step_.size - n;
    multiply(a_, chirp_, n);
    clear(a_.re + n * lines_, tail);
    clear(a_.im + n * lines_, tail);
    const Planes<T> there = passes(a_, b_);
    multiply(there, filter_, step_.size);
    const Planes<T> other = there.re == a_.re ? b_ : a_;
    const Planes<T> back = passes({there.im, there.re}, {other.im, other.re});
    const Planes<T> x = {back.im, back.re};
    multiply(x, chirp_, n);
    return x;
  }

  // The n / 2 + 1 elements of the transform of n real values, from the transform of pairs of them.
  Planes<T> split(Planes<T> z, Planes<T> x) const {
    const int64_t h = step_.inside, lines = lines_;
    for (int64_t k = 0; k <= h; k++) {
      const T *ar = z.re + (k == h ? 0 : k) * lines, *ai = z.im + (k == h ? 0 : k) * lines;
      const T *br = z.re + (k == 0 ? 0 : h - k) * lines, *bi = z.im + (k == 0 ? 0 : h - k) * lines;
      const T wr = split_.re[k] * T(0.5), wi = split_.im[k] * T(0.5);
      T *re = x.re + k * lines, *im = x.im + k * lines;
      for (int64_t j = 0; j < lines; j++) {
        // The difference, divided by i.
        const T dr = ai[j] + bi[j], di = br[j] - ar[j];
        re[j] = (ar[j] + br[j]) * T(0.5) + (dr * wr - di * wi);
        im[j] = (ai[j] - bi[j]) * T(0.5) + (dr * wi + di * wr);
      }
    }
    return x;
  }

  // What the transform to real values starts from; `given` is a place for the operand.
  void gather_hermitian(Planes<T> given, Planes<T> z) const {
    const int64_t n = step_.length, h = step_.inside, lines = lines_, count = n / 2 + 1;
    gather(0, 0, 1, count, given.re);
    gather(1, 0, 1, count, given.im);
    clear(given.im, 1);
    if (!step_.halved) {
      for (int64_t k = 0; k < n; k++) {
        const bool mirrored = 2 * k > n;
        const int64_t at = (mirrored ? n - k : k) * lines;
        for (int64_t j = 0; j < lines; j++) {
          z.re[k * lines + j] = given.re[at + j];
          z.im[k * lines + j] = mirrored ? -given.im[at + j] : given.im[at + j];
        }
      }
      return;
    }
    clear(given.im + h * lines, 1);
    for (int64_t k = 0; k < h; k++) {
      const T *ar = given.re + k * lines, *ai = given.im + k * lines, *br = given.re + (h - k) * lines, *bi = given.im + (h - k) * lines;
      const T wr = split_.re[k], wi = -split_.im[k];
      for (int64_t j = 0; j < lines; j++) {
        // The difference times the conjugate root, times i.
        const T dr = ar[j] - br[j], di = ai[j] + bi[j];
        z.re[k * lines + j] = ar[j] + br[j] - (dr * wi + di * wr);
        z.im[k * lines + j] = ai[j] - bi[j] + (dr * wr - di * wi);
      }
    }
  }

  static constexpr int64_t kBlock = 64;
  const Fourier &step_;
  const RunContext &run_;
  Planes<T> a_, b_;
  Planes<const T> roots_ = {}, chirp_ = {}, filter_ = {}, split_ = {};
  int64_t first_ = 0, lines_ = 0;
};

template <class T>
bool transform(const Fourier &step, const RunContext &run) {
  const int64_t total = step.outer * step.inner;
  if (total == 0) return true;
  // Planes also hold what a halved transform starts from or ends in: one element more.
  const int64_t room = step.size + 1, most = std::max(int64_t(1), std::min({kLines, total, kGroupValues / room}));
  const int64_t groups = (total + most - 1) / most;
  const double passes = (step.factor_count + 2) * (step.chirped ? 2 : 1) * (sizeof(T) == 4 ? 0.2 : 0.4);
  const double nanoseconds = std::min(double(step.size) * double(total) * passes, 1e15);
  return each_matrix(run, groups, int64_t(nanoseconds), (4 * room * most * int64_t(sizeof(T)) + 7) / 8, [&](double *scratch, int64_t index) {
    const int64_t first = index * most;
    Group<T>(step, run, reinterpret_cast<T *>(scratch), room * most).transform(first, std::min(most, total - first));
  });
}

bool run_fourier(const Fourier &step, const RunContext &run) {
  return step.dtype == kFloat32 ? transform<float>(step, run) : transform<double>(step, run);
}

}  // namespace

SINTER_KERNEL(fourier, Fourier, parse_fourier, run_fourier);

}  // namespace sinter
