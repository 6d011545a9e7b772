// gemm_test.cpp: the matrix product against a plain triple loop in double (or 64-bit wrapping integers), for many shapes, strides, dtypes,
// batches, instruction sets and thread counts. Exits 1 at the first difference. Build: link with every object of shim/cpu that it needs
// (pool, isa, gemm*).
#include "../cpu/gemm.h"

#include <atomic>

#include "../cpu/gemm_scratch.h"
#include "../cpu/isa.h"
#include "../cpu/pool.h"
#include "gemm_operands.h"

namespace {

int64_t cases = 0;

struct Case {
  int dtype;
  int64_t m, n, k, batches;
  int a_layout, b_layout;
  int64_t padding;
  bool epilogue;
  int threads;
};

struct Job {
  const Case *test;
  Operand a, b;
  std::vector<char> a_data, b_data, c_data;
  std::vector<std::atomic<uint8_t>> visits;
  std::atomic<bool> bad_worker;
  int c_size;
  int64_t c_row;
};

char *c_at(Job &job, int64_t batch, int64_t row, int64_t column) {
  return job.c_data.data() + ((batch * job.test->m + row) * job.c_row + column) * job.c_size;
}

void make_gemm(void *context, int64_t index, sinter::Gemm *out) {
  Job &job = *static_cast<Job *>(context);
  const Case &test = *job.test;
  int size = sizes[test.dtype];
  *out = {test.m,
          test.n,
          test.k,
          job.a_data.data() + (index * job.a.count + job.a.first) * size,
          job.a.row,
          job.a.column,
          job.b_data.data() + (index * job.b.count + job.b.first) * size,
          job.b.row,
          job.b.column,
          c_at(job, index, 0, 0),
          job.c_row};
}

void double_it(void *context, int64_t batch, int64_t row, int64_t rows, int64_t column, int64_t columns, int worker) {
  Job &job = *static_cast<Job *>(context);
  if (worker < 0 || worker >= job.test->threads) job.bad_worker = true;
  for (int64_t i = row; i < row + rows; i++) {
    for (int64_t j = column; j < column + columns; j++) {
      job.visits[static_cast<size_t>((batch * job.test->m + i) * job.test->n + j)]++;
      char *at = c_at(job, batch, i, j);
      if (job.test->dtype == f64) {
        *reinterpret_cast<double *>(at) *= 2;
      } else if (job.test->dtype < i8) {
        *reinterpret_cast<float *>(at) *= 2;
      } else {
        uint64_t twice = 2 * int_at(job.c_size, at, 0);
        memcpy(at, &twice, static_cast<size_t>(job.c_size));
      }
    }
  }
}

void describe(const Case &test, const char *what, int64_t batch, int64_t i, int64_t j) {
  printf("%s, isa %s, %s m=%lld n=%lld k=%lld batches=%lld layouts %d %d padding %lld epilogue %d threads %d, at [%lld, %lld, %lld]\n",
         what, sinter::isa_name(sinter::active_isa()), dtype_names[test.dtype], (long long)test.m, (long long)test.n, (long long)test.k,
         (long long)test.batches, test.a_layout, test.b_layout, (long long)test.padding, test.epilogue, test.threads, (long long)batch,
         (long long)i, (long long)j);
  fail(what);
}

// Computes the case and compares every element; `result` receives C for comparisons between thread counts.
void run_case(const Case &test, std::vector<char> *result) {
  cases++;
  Job job;
  job.test = &test;
  job.a = lay_out(test.a_layout, test.m, test.k > 0 ? test.k : 1);
  job.b = lay_out(test.b_layout, test.k > 0 ? test.k : 1, test.n);
  int size = sizes[test.dtype];
  job.c_size = test.dtype == f16 || test.dtype == bf16 ? 4 : size;
  job.c_row = test.n + test.padding;
  // Exactly as long as needed, so that the address sanitizer sees a read beyond.
  job.a_data.resize(static_cast<size_t>(job.a.count * test.batches * size));
  job.b_data.resize(static_cast<size_t>(job.b.count * test.batches * size));
  job.c_data.assign(static_cast<size_t>((test.batches * test.m * job.c_row - test.padding) * job.c_size), static_cast<char>(0xff));
  fill(test.dtype, job.a_data.data(), job.a.count * test.batches);
  fill(test.dtype, job.b_data.data(), job.b.count * test.batches);
  std::vector<std::atomic<uint8_t>> visits(static_cast<size_t>(test.batches * test.m * test.n));
  job.visits.swap(visits);
  job.bad_worker = false;
  sinter::GemmBatch batch = {test.dtype, test.batches, make_gemm, &job, test.epilogue ? double_it : nullptr, &job, test.threads};
  if (!sinter::gemm_batch(batch)) fail("gemm_batch returned false");
  if (job.bad_worker) describe(test, "worker index out of range", 0, 0, 0);
  double scale = test.epilogue ? 2 : 1, epsilon = test.dtype == f64 ? 1.2e-16 : 6e-8;
  for (int64_t b = 0; b < test.batches; b++) {
    const char *a_data = job.a_data.data() + (b * job.a.count + job.a.first) * size,
               *b_data = job.b_data.data() + (b * job.b.count + job.b.first) * size;
    bool floating = test.dtype < i8;
    Values left = read(test.dtype, a_data, test.m, test.k, job.a.row, job.a.column);
    Values right = read(test.dtype, b_data, test.n, test.k, job.b.column, job.b.row);
    for (int64_t i = 0; i < test.m; i++) {
      for (int64_t j = 0; j < test.n; j++) {
        if (test.epilogue && job.visits[static_cast<size_t>((b * test.m + i) * test.n + j)] != 1)
          describe(test, "epilogue not called once", b, i, j);
        double sum = 0, magnitude = 0;
        uint64_t integer = 0;
        size_t x = static_cast<size_t>(i * test.k), w = static_cast<size_t>(j * test.k), depth = static_cast<size_t>(test.k);
        for (size_t k = 0; k < depth; k++) {
          if (floating) {
            double product = left.numbers[x + k] * right.numbers[w + k];
            sum += product;
            magnitude += fabs(product);
          } else {
            integer += left.integers[x + k] * right.integers[w + k];
          }
        }
        const char *c = c_at(job, b, i, j);
        if (floating) {
          double found = float_at(test.dtype == f64 ? f64 : f32, c, 0);
          double allowed = epsilon * (4 + 3 * sqrt(static_cast<double>(test.k))) * magnitude;
          if (!(fabs(found - scale * sum) <= scale * allowed)) {
            printf("found %.17g, expected %.17g\n", found, scale * sum);
            describe(test, "wrong value", b, i, j);
          }
        } else {
          uint64_t expected = integer * (test.epilogue ? 2u : 1u);
          if (memcmp(&expected, c, static_cast<size_t>(size)) != 0) describe(test, "wrong integer", b, i, j);
        }
      }
      bool last = b == test.batches - 1 && i == test.m - 1;
      for (int64_t pad = 0; !last && pad < test.padding * job.c_size; pad++) {
        if (*(c_at(job, b, i, test.n) + pad) != static_cast<char>(0xff)) describe(test, "wrote between rows", b, i, test.n);
      }
    }
  }
  if (result) *result = job.c_data;
}

// The same data for every thread count: the bits must agree.
void run_threads(Case test, std::initializer_list<int> counts) {
  uint64_t start = seed;
  std::vector<char> first, other;
  for (int threads : counts) {
    seed = start;
    test.threads = threads;
    run_case(test, first.empty() ? &first : &other);
    if (!other.empty() && other != first) describe(test, "bits depend on the number of threads", 0, 0, 0);
  }
}

void test_shapes(bool quick) {
  const int64_t sides[] = {1, 2, 3, 4, 5, 7, 12, 13, 16, 17, 31, 33, 48, 65};
  for (int64_t m : sides) {
    for (int64_t n : sides) {
      int64_t k = random_int(1, 70);
      run_case({static_cast<int>(random_int(0, 11)), m, n, k, 1, static_cast<int>(random_int(0, 5)), static_cast<int>(random_int(0, 5)),
                random_int(0, 1) * 5, random_int(0, 1) == 1, 2},
               nullptr);
      run_case({f32, m, n, k, 1, plain, plain, 0, false, 1}, nullptr);
    }
  }
  for (int dtype = f32; dtype <= u64; dtype++) {
    for (int a = 0; a < layout_count; a++) {
      for (int b = 0; b < layout_count; b++) {
        run_case({dtype, random_int(1, 40), random_int(1, 80), random_int(1, 90), random_int(1, 3), a, b, 1, true, 2}, nullptr);
        for (int64_t thin = 1; thin <= 4; thin += quick ? 3 : 1) {
          run_case({dtype, thin, random_int(1, 300), random_int(1, 300), 2, a, b, 1, true, 2}, nullptr);
          run_case({dtype, random_int(1, 300), thin, random_int(1, 300), 2, a, b, random_int(0, 1), true, 2}, nullptr);
        }
      }
    }
    run_case({dtype, 5, 7, 0, 2, plain, plain, 3, true, 2}, nullptr);
    run_case({dtype, 0, 7, 4, 2, plain, plain, 0, true, 2}, nullptr);
    run_case({dtype, 5, 0, 4, 2, plain, plain, 0, true, 2}, nullptr);
    run_case({dtype, 5, 7, 4, 0, plain, plain, 0, true, 2}, nullptr);
  }
  int rounds = quick ? 100 : 600;
  for (int round = 0; round < rounds; round++) {
    run_case({static_cast<int>(random_int(0, 11)), random_int(1, 150), random_int(1, 150), random_int(1, 150), random_int(1, 6),
              static_cast<int>(random_int(0, 5)), static_cast<int>(random_int(0, 5)), random_int(0, 4), random_int(0, 1) == 1,
              static_cast<int>(random_int(1, 3))},
             nullptr);
  }
}

void test_large() {
  for (int layout = plain; layout <= transposed; layout++) {
    run_threads({f32, 300, 517, 1100, 1, layout, layout, 3, true, 0}, {1, 2, 3, 7});
    run_threads({f32, 517, 300, 257, 2, plain, layout, 0, true, 0}, {1, 2, 5});
    run_threads({f64, 290, 280, 600, 1, layout, plain, 0, true, 0}, {1, 2, 3});
    run_threads({f16, 270, 140, 1030, 1, layout, plain, 0, true, 0}, {1, 2, 3});
    run_threads({bf16, 64, 300, 600, 2, layout, plain, 0, true, 0}, {1, 2, 3});
    run_threads({f32, 128, 128, 64, 9, plain, layout, 0, true, 0}, {1, 2, 4});
    run_threads({f32, 1, 3072, 768, 1, plain, layout, 0, true, 0}, {1, 2, 3});
    run_threads({f32, 3000, 1, 700, 1, layout, plain, 0, true, 0}, {1, 2, 3});
    run_threads({f64, 3, 2000, 300, 2, plain, layout, 5, true, 0}, {1, 2, 3});
    run_threads({f32, 5, 9, 70000, 1, layout, transposed, 2, true, 0}, {1, 2, 3});
    run_threads({f64, 1, 1, 300000, 2, layout, layout, 0, true, 0}, {1, 2, 3});
    run_threads({bf16, 2, 30, 9000, 1, layout, layout, 0, true, 0}, {1, 2, 3});
    run_threads({i32, 150, 1500, 90, 1, layout, plain, 0, true, 0}, {1, 2, 3});
  }
  run_threads({f32, 260, 300, 9000, 1, plain, plain, 0, false, 0}, {1, 2});
}

}  // namespace

int main(int count, char **arguments) {
  bool quick = count > 1 && strcmp(arguments[1], "--quick") == 0;
  for (const char *name : {"base", "avx2", "avx512", "neon"}) {
    if (!sinter::set_isa(name)) continue;
    test_shapes(quick);
    test_large();
    printf("%s: %lld cases\n", name, (long long)cases);
  }
  int64_t before = sinter::scratch_allocations();
  Case steady = {f32, 300, 300, 300, 1, plain, plain, 0, false, 2};
  for (int i = 0; i < 20; i++) run_case(steady, nullptr);
  if (sinter::scratch_allocations() > before + 1) fail("scratch memory is not reused");
  printf("gemm: ok\n");
  return 0;
}
