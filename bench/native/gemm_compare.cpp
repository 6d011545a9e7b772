// gemm_compare.cpp: Sinter's matrix product against OpenBLAS, side by side in one process.
//
// Build and run (after `node shim/build.mjs`, from the repository's root):
//   mkdir -p bench/native/build && c++ -std=c++17 -O2 bench/native/gemm_compare.cpp -o bench/native/build/gemm_compare -ldl
//   bench/native/build/gemm_compare [--json] [--gelu] [--threads N] [--blocks N] [--isa NAME] [--library PATH] [MxKxN[:t]...]
//
// :t stores B transposed (as n x k). --gelu measures the product with a bias + gelu epilogue against the plain product instead of OpenBLAS.
// Sinter runs as its users run it: a program of one gemm step through libsinter.so (SINTER_SHIM or --library names another one). OpenBLAS
// (Debian: libopenblas0-pthread) is opened at run time; without it only Sinter is measured and the output says so.
//
// Method: the two are measured in alternating blocks of many calls. A block starts with unmeasured calls that wake the threads, a block's
// figure is the median of its calls, the result the median over blocks, and the speed the median of the ratios of neighbouring blocks.
// "Best" is the ratio of the fastest single calls, which other work on the machine disturbs least.
// OpenBLAS's idle threads spin for 2^26 cycles (about 25 ms) after a call and would take Sinter's processors, so the program sleeps 60 ms
// after each of its blocks.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sinter_program.h"

namespace {

using Sgemm = void (*)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                       int ldb, float beta, float *c, int ldc);

struct Shape {
  int64_t m, k, n;
  bool transposed;  // B is stored as n x k
};

struct Result {
  double sinter = 0, other = 0, ratio = 0, best_ratio = 0;
};

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

void sleep_ms(long ms) {
  timespec time = {0, ms * 1000000};
  nanosleep(&time, nullptr);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

struct Times {
  double median, best;
};

template <class Call>
Times block(const Call &call, double estimate) {
  int calls = static_cast<int>(std::min(2000.0, std::max(3.0, 30000 / estimate)));
  for (double start = now(); now() - start < 500;) call();
  std::vector<double> times;
  for (int i = 0; i < calls; i++) {
    double start = now();
    call();
    times.push_back(now() - start);
  }
  return {median(times), *std::min_element(times.begin(), times.end())};
}

// Measures the plain product against OpenBLAS, or with `gelu` against the product with an epilogue.
Result measure(const Library &sinter, const Shape &shape, int threads, Sgemm sgemm, bool gelu, int blocks) {
  const int m = static_cast<int>(shape.m), n = static_cast<int>(shape.n), k = static_cast<int>(shape.k);
  Product product(sinter, shape.m, shape.n, shape.k, shape.transposed, threads);
  std::vector<float> reference(static_cast<size_t>(shape.m * shape.n));
  auto ours = [&] { product.run(false); };
  auto theirs = [&] {
    if (gelu) {
      product.run(true);
    } else {
      sgemm(101, 111, shape.transposed ? 112 : 111, m, n, k, 1, product.a, k, product.b, shape.transposed ? k : n, 0, reference.data(), n);
    }
  };
  const bool compare = gelu || sgemm;
  double start = now();
  ours();
  double estimate = std::max(0.1, now() - start);
  std::vector<double> mine, other, ratios;
  double best = 1e30, other_best = 1e30;
  for (int i = 0; i < blocks; i++) {
    Times times = block(ours, estimate);
    mine.push_back(times.median);
    best = std::min(best, times.best);
    if (!compare) continue;
    sleep_ms(2);
    times = block(theirs, estimate);
    other.push_back(times.median);
    other_best = std::min(other_best, times.best);
    ratios.push_back(other.back() / mine.back());
    sleep_ms(gelu ? 2 : 60);
  }
  ours();
  for (size_t i = 0; sgemm && !gelu && i < reference.size(); i++) {
    double difference = static_cast<double>(product.c[i]) - static_cast<double>(reference[i]);
    if (difference * difference > 1e-6 * static_cast<double>(shape.k)) {
      fprintf(stderr, "results differ at %zu: %g and %g\n", i, static_cast<double>(product.c[i]), static_cast<double>(reference[i]));
      exit(1);
    }
  }
  return {median(mine), median(other), median(ratios), compare ? other_best / best : 0};
}

bool parse_shape(const char *text, Shape *out) {
  long long m, k, n;
  char suffix[3] = "";
  int found = sscanf(text, "%lldx%lldx%lld%2s", &m, &k, &n, suffix);
  *out = {m, k, n, strcmp(suffix, ":t") == 0};
  return found >= 3 && m > 0 && k > 0 && n > 0 && (found == 3 || out->transposed);
}

}  // namespace

int main(int count, char **arguments) {
  bool json = false, gelu = false;
  int threads = 0, blocks = 9;
  const char *isa = nullptr, *path = getenv("SINTER_SHIM");
  std::string beside = arguments[0];
  beside = beside.substr(0, beside.find_last_of('/') + 1) + "../../../shim/build/libsinter.so";
  if (!path) path = beside.c_str();
  std::vector<Shape> shapes;
  for (int i = 1; i < count; i++) {
    Shape shape;
    const std::string argument = arguments[i];
    const bool more = i + 1 < count;
    if (argument == "--json") {
      json = true;
    } else if (argument == "--gelu") {
      gelu = true;
    } else if (argument == "--threads" && more) {
      threads = std::max(1, atoi(arguments[++i]));
    } else if (argument == "--blocks" && more) {
      blocks = std::max(1, atoi(arguments[++i]));
    } else if (argument == "--isa" && more) {
      isa = arguments[++i];
    } else if (argument == "--library" && more) {
      path = arguments[++i];
    } else if (parse_shape(arguments[i], &shape)) {
      shapes.push_back(shape);
    } else {
      fprintf(stderr, "usage: gemm_compare [--json] [--gelu] [--threads N] [--blocks N] [--isa NAME] [--library PATH] [MxKxN[:t]...]\n");
      return 2;
    }
  }
  const Library sinter(path);
  if (threads == 0) threads = sinter.threads();
  sinter.set_threads(threads);
  if (isa && sinter.set_isa(isa) != 0) return fprintf(stderr, "%s\n", sinter.last_error()), 2;
  if (shapes.empty()) {
    for (int64_t n : {64, 128, 256, 512, 1024, 2048}) shapes.push_back({n, n, n, false});
    for (bool transposed : {false, true}) shapes.push_back({32, 768, 768, transposed});
    shapes.push_back({128, 64, 128, false});
    for (bool transposed : {false, true}) shapes.push_back({1, 768, 3072, transposed});
  }
  char text[16];
  snprintf(text, sizeof text, "%d", threads);
  setenv("OPENBLAS_NUM_THREADS", text, 1);
  void *library = nullptr;
  for (const char *name : {"libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib"}) {
    if (!library && !gelu) library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }
  Sgemm sgemm = library ? reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm")) : nullptr;
  auto config = library ? reinterpret_cast<char *(*)()>(dlsym(library, "openblas_get_config")) : nullptr;
  const char *blas = gelu    ? "not measured"
                     : sgemm ? config ? config() : "OpenBLAS"
                             : "not found (Debian: apt-get install libopenblas0-pthread)";
  const char *other = gelu ? "gelu" : "openblas";
  if (json) {
    printf("{\"sinter\":%s,\"threads\":%d,\"openblas\":\"%s\",\"results\":[", sinter.info(), threads, blas);
  } else {
    printf("Sinter %s\n%d threads; OpenBLAS: %s\n", sinter.info(), threads, blas);
    printf("%-20s %12s %10s %9s us %10s %8s %8s\n", "m x k x n (float32)", "sinter us", "GFLOP/s", other, "GFLOP/s",
           gelu ? "adds" : "speed", "best");
  }
  for (size_t i = 0; i < shapes.size(); i++) {
    const Shape &s = shapes[i];
    Result result = measure(sinter, s, threads, sgemm, gelu, blocks);
    double flops = 2e-3 * static_cast<double>(s.m * s.k) * static_cast<double>(s.n), theirs = result.other > 0 ? flops / result.other : 0;
    char name[64];
    snprintf(name, sizeof name, "%lldx%lldx%lld%s", (long long)s.m, (long long)s.k, (long long)s.n, s.transposed ? " (B')" : "");
    if (json) {
      printf("%s{\"m\":%lld,\"k\":%lld,\"n\":%lld,\"transposed\":%s,\"sinterUs\":%.3f,\"%sUs\":%.3f,\"%s\":%.3f,\"bestRatio\":%.3f}",
             i ? "," : "", (long long)s.m, (long long)s.k, (long long)s.n, s.transposed ? "true" : "false", result.sinter, other,
             result.other, gelu ? "timeRatio" : "speed", result.ratio, result.best_ratio);
    } else {
      printf("%-20s %12.2f %10.1f %12.2f %10.1f %7.0f%% %7.0f%%\n", name, result.sinter, flops / result.sinter, result.other, theirs,
             100 * (result.ratio - gelu), 100 * (result.best_ratio - gelu));
    }
    fflush(stdout);
  }
  if (json) printf("]}\n");
  return 0;
}
