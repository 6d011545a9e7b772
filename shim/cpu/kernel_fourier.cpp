// kernel_fourier.cpp: Fourier transforms of lines. A long line is a matrix whose columns and then rows are transformed, so that neighbours fill vectors (Bailey,
// "FFTs in external or hierarchical memory", 1990); of others several are transformed at once, element by element beside each other. Lengths are products of
// small factors; others are convolutions of such a length with a chirp (Bluestein, "A linear filtering approach to the computation of the discrete Fourier
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
  int32_t split;    // factors of the number of rows of the matrix that a line is; 0: it is none
  int64_t rows;     // their product
  int32_t source, target, tables;
};

// Numbers that an element is stored as.
int stored_parts(const Fourier &step, bool target) { return step.mode == (target ? kToReal : kFromReal) ? 1 : 2; }

int64_t stored_length(const Fourier &step, bool target) {
  const bool half = step.mode == (target ? kFromReal : kToReal);
  return half ? step.length / 2 + 1 : step.length;
}

int64_t table_values(const Fourier &step) {
  return 2 * (step.size + (step.split ? step.size : 0) + (step.chirped ? step.inside + step.size : 0) + (step.halved ? step.inside + 1 : 0));
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
  step->split = reader.ranged("factors of rows", 0, step->factor_count);
  step->rows = 1;
  for (int i = 0; reader.ok() && i < step->split; i++) step->rows *= step->factors[i];
  if (product != step->size) reader.reject("the product of the factors is not the length %lld", static_cast<long long>(step->size));
  const int64_t bytes = kDtypeSizes[step->dtype];
  const int64_t from = count_of(reader, {step->outer, stored_length(*step, false), step->inner, stored_parts(*step, false)});
  const int64_t to = count_of(reader, {step->outer, stored_length(*step, true), step->inner, stored_parts(*step, true)});
  step->source = read_buffer(reader, program, "source", from, bytes, false);
  step->target = read_buffer(reader, program, "target", to, bytes, true);
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
    if (step.split) turns_ = next(step.size);
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
    const Planes<T> given = swap ? Planes<T>{a_.im, a_.re} : a_;
    if (step_.mode == kComplex) gather_pairs(n, given);
    else if (step_.mode == kToReal) gather_hermitian(b_, given);
    else if (step_.halved) gather_halved(h, a_);
    else {
      gather(0, 1, n, a_.re);
      clear(a_.im, n);
    }
    Planes<T> x = step_.chirped ? convolved() : passes(a_, b_);
    if (step_.mode == kFromReal) {
      if (step_.halved) x = split(x, x.re == a_.re ? b_ : a_);
      else clear(x.im, 1);
      scatter_pairs(x, n / 2 + 1, scale);
      return;
    }
    if (swap) std::swap(x.re, x.im);
    if (step_.mode == kComplex) scatter_pairs(x, n, scale);
    else if (step_.halved) scatter_halved(x, h, scale);
    else scatter(x.re, 0, 1, n, scale);
  }

 private:
  // The position of a line's element 0 in a buffer whose lines have `length` elements.
  int64_t base(int64_t line, int64_t length) const { return line / step_.inner * length * step_.inner + line % step_.inner; }
  // Whether the group's lines are neighbours in memory.
  bool beside() const { return first_ % step_.inner + lines_ <= step_.inner; }

  const FourierKernels &own() const { return kernels().fourier[step_.dtype]; }
  // Whether the only line lies in one piece.
  bool dense() const { return lines_ == 1 && step_.inner == 1; }

  // Where number `part` of element i of a line's lies, as `base + i * stride`, each line's `apart` from the one before where they are neighbours.
  const T *source(int64_t line, int64_t at) const {
    const int parts = stored_parts(step_, false);
    return reinterpret_cast<const T *>(run_.buffers[step_.source]) + (base(line, stored_length(step_, false)) + at * step_.inner) * parts;
  }
  T *target(int64_t line, int64_t at) const {
    const int parts = stored_parts(step_, true);
    return reinterpret_cast<T *>(run_.buffers[step_.target]) + (base(line, stored_length(step_, true)) + at * step_.inner) * parts;
  }

  // Complex elements of each line.
  void gather_pairs(int64_t count, Planes<T> to) const {
    const int64_t lines = lines_, by = 2 * step_.inner;
    if (dense()) return own().unpack(source(first_, 0), to.re, to.im, count);
    if (beside()) {
      const T *at = source(first_, 0);
      for (int64_t i = 0; i < count; i++) own().unpack(at + i * by, to.re + i * lines, to.im + i * lines, lines);
      return;
    }
    for_blocks(count, [&](int64_t j, int64_t from, int64_t end) {
      const T *at = source(first_ + j, 0);
      for (int64_t i = from; i < end; i++) {
        to.re[i * lines + j] = at[i * by];
        to.im[i * lines + j] = at[i * by + 1];
      }
    });
  }

  void scatter_pairs(Planes<T> x, int64_t count, T scale) const {
    const int64_t lines = lines_, by = 2 * step_.inner;
    if (dense()) return own().pack(x.re, x.im, target(first_, 0), count, scale);
    if (beside()) {
      T *at = target(first_, 0);
      for (int64_t i = 0; i < count; i++) own().pack(x.re + i * lines, x.im + i * lines, at + i * by, lines, scale);
      return;
    }
    for_blocks(count, [&](int64_t j, int64_t from, int64_t end) {
      T *at = target(first_ + j, 0);
      for (int64_t i = from; i < end; i++) {
        at[i * by] = x.re[i * lines + j] * scale;
        at[i * by + 1] = x.im[i * lines + j] * scale;
      }
    });
  }

  // Real elements 0, 2, ... as real parts, 1, 3, ... as imaginary ones.
  void gather_halved(int64_t count, Planes<T> to) const {
    if (dense()) return own().unpack(source(first_, 0), to.re, to.im, count);
    gather(0, 2, count, to.re);
    gather(1, 2, count, to.im);
  }
  void scatter_halved(Planes<T> x, int64_t count, T scale) const {
    if (dense()) return own().pack(x.re, x.im, target(first_, 0), count, scale);
    scatter(x.re, 0, 2, count, scale);
    scatter(x.im, 1, 2, count, scale);
  }

  // Real elements start, start + stride, ... of each line.
  void gather(int64_t start, int64_t stride, int64_t count, T *plane) const {
    const int64_t lines = lines_, by = stride * step_.inner;
    if (beside()) {
      const T *at = source(first_, start);
      for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < lines; j++) plane[i * lines + j] = at[i * by + j];
      return;
    }
    for_blocks(count, [&](int64_t j, int64_t from, int64_t end) {
      const T *at = source(first_ + j, start);
      for (int64_t i = from; i < end; i++) plane[i * lines + j] = at[i * by];
    });
  }

  void scatter(const T *plane, int64_t start, int64_t stride, int64_t count, T scale) const {
    const int64_t lines = lines_, by = stride * step_.inner;
    if (beside()) {
      T *at = target(first_, start);
      for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < lines; j++) at[i * by + j] = plane[i * lines + j] * scale;
      return;
    }
    for_blocks(count, [&](int64_t j, int64_t from, int64_t end) {
      T *at = target(first_ + j, start);
      for (int64_t i = from; i < end; i++) at[i * by] = plane[i * lines + j] * scale;
    });
  }

  // f(line, from, end) for blocks of elements, all lines of a block before the next, as they share memory in the planes.
  template <class F>
  void for_blocks(int64_t count, const F &f) const {
    for (int64_t from = 0; from < count; from += kBlock) {
      const int64_t end = from + kBlock < count ? from + kBlock : count;
      for (int64_t j = 0; j < lines_; j++) f(j, from, end);
    }
  }

  void clear(T *plane, int64_t count) const { memset(plane, 0, size_t(count * lines_) * sizeof(T)); }

  // The transform of x with y as the other place; says where the result lies.
  Planes<T> passes(Planes<T> x, Planes<T> y) const {
    const int64_t rows = step_.rows, columns = step_.size / rows;
    if (step_.split == 0) {
      factors(0, step_.factor_count, step_.size, lines_, &x, &y);
      return x;
    }
    factors(0, step_.split, rows, columns, &x, &y);
    own().turn({x.re, x.im, y.re, y.im, turns_.re, turns_.im, rows, columns});
    std::swap(x, y);
    factors(step_.split, step_.factor_count, columns, rows, &x, &y);
    return x;
  }

  // Transforms of `length` values, the product of some factors, `width` of them beside each other.
  void factors(int first, int last, int64_t length, int64_t width, Planes<T> *x, Planes<T> *y) const {
    const int64_t apart = step_.size / length;
    int64_t groups = length, step = 1;
    for (int i = first; i < last; i++) {
      const int64_t radix = step_.factors[i];
      groups /= radix;
      own().pass({x->re, x->im, y->re, y->im, roots_.re, roots_.im, radix, groups, step * width, step * apart, step_.size});
      step *= radix;
      std::swap(*x, *y);
    }
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
    // Of one line all elements are neighbours: kernels do them but for the ends.
    if (lines == 1) own().split({z.re, z.im, x.re, x.im, split_.re, split_.im, h});
    for (int64_t k = 0; k <= h; k += lines == 1 ? h : 1) {
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
    gather_pairs(count, given);
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
    if (lines == 1) own().join({given.re, given.im, z.re, z.im, split_.re, split_.im, h});
    for (int64_t k = 0; k < h; k += lines == 1 ? h : 1) {
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
  Planes<const T> roots_ = {}, turns_ = {}, chirp_ = {}, filter_ = {}, split_ = {};
  int64_t first_ = 0, lines_ = 0;
};

template <class T>
bool transform(const Fourier &step, const RunContext &run) {
  const int64_t total = step.outer * step.inner;
  if (total == 0) return true;
  // Planes also hold what a halved transform starts from or ends in: one element more. They begin on cache lines, but not all at the same place of a page.
  const int64_t room = (step.size + 16) / 16 * 16 + 16;
  const int64_t most = step.split ? 1 : std::max(int64_t(1), std::min({kLines, total, kGroupValues / room}));
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
