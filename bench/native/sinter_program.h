// sinter_program.h: for native benches: libsinter.so opened at run time, and a float32 product as a program (docs/cpu-program.md).
#pragma once
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "../../shim/sinter.h"

// The library's functions that a bench needs. Ends the program if the library cannot be opened.
class Library {
 public:
  explicit Library(const char *path) : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    if (!handle_) {
      fprintf(stderr, "cannot open %s (build it with `node shim/build.mjs`): %s\n", path, dlerror());
      exit(1);
    }
    find(last_error, "sinter_last_error");
    find(info, "sinter_info");
    find(instructions, "sinter_instructions");
    find(set_threads, "sinter_set_threads");
    find(set_isa, "sinter_set_isa");
    find(buffer_alloc, "sinter_buffer_alloc");
    find(buffer_free, "sinter_buffer_free");
    find(buffer_address, "sinter_buffer_address");
    find(plan_create, "sinter_plan_create");
    find(plan_release, "sinter_plan_release");
    find(ticket, "sinter_ticket");
    find(run, "sinter_run");
  }

  int threads() const {
    const char *at = strstr(info(), "\"threads\":");
    return at ? std::max(1, atoi(at + 10)) : 1;
  }

  // The position of an instruction's name in sinter_instructions().
  int32_t instruction(const std::string &name) const {
    const std::string names = std::string(",") + instructions() + ",";
    const size_t at = names.find("," + name + ",");
    if (at == std::string::npos) {
      fprintf(stderr, "the library has no instruction %s\n", name.c_str());
      exit(1);
    }
    return static_cast<int32_t>(std::count(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(at), ','));
  }

  decltype(&sinter_last_error) last_error;
  decltype(&sinter_info) info;
  decltype(&sinter_instructions) instructions;
  decltype(&sinter_set_threads) set_threads;
  decltype(&sinter_set_isa) set_isa;
  decltype(&sinter_buffer_alloc) buffer_alloc;
  decltype(&sinter_buffer_free) buffer_free;
  decltype(&sinter_buffer_address) buffer_address;
  decltype(&sinter_plan_create) plan_create;
  decltype(&sinter_plan_release) plan_release;
  decltype(&sinter_ticket) ticket;
  decltype(&sinter_run) run;

 private:
  template <class F>
  void find(F &function, const char *name) {
    function = reinterpret_cast<F>(dlsym(handle_, name));
    if (function) return;
    fprintf(stderr, "the library has no function %s\n", name);
    exit(1);
  }

  void *handle_;
};

// C (m x n) = A (m x k) B (k x n, or stored as n x k), plain or followed by + bias and gelu (tanh form).
class Product {
 public:
  const float *a, *b, *c;

  Product(const Library &library, int64_t m, int64_t n, int64_t k, bool transposed, int threads) : library_(library), threads_(threads) {
    const int64_t sizes[4] = {m * k, k * n, m * n, n};
    uint32_t seed = 1;
    for (int i = 0; i < 4; i++) {
      handles_[i] = library.buffer_alloc(static_cast<uint64_t>(sizes[i]) * 4);
      if (!handles_[i]) fail();
      float *data = address(handles_[i]);
      for (int64_t j = 0; j < sizes[i]; j++) data[j] = static_cast<float>((seed = seed * 1664525u + 1013904223u) >> 8) / 8388608.0f - 1.0f;
    }
    a = address(handles_[0]);
    b = address(handles_[1]);
    c = address(handles_[2]);
    plans_[0] = plan(m, n, k, transposed, false);
    plans_[1] = plan(m, n, k, transposed, true);
  }

  ~Product() {
    for (uint64_t plan : plans_) library_.plan_release(plan);
    for (uint64_t handle : handles_) library_.buffer_free(handle);
  }

  Product(const Product &) = delete;
  Product &operator=(const Product &) = delete;

  void run(bool gelu) const {
    if (library_.run(plans_[gelu], handles_, 4, 0, library_.ticket()) != 0) fail();
  }

 private:
  using Words = std::vector<int32_t>;

  [[noreturn]] void fail() const {
    fprintf(stderr, "%s\n", library_.last_error());
    exit(1);
  }

  float *address(uint64_t handle) const { return reinterpret_cast<float *>(static_cast<uintptr_t>(library_.buffer_address(handle))); }

  static void quads(Words &words, std::initializer_list<int64_t> values) {
    for (int64_t value : values) {
      words.push_back(static_cast<int32_t>(value));
      words.push_back(static_cast<int32_t>(value >> 32));
    }
  }

  // A tiles step in map mode over (m, n): C = gelu(C + bias).
  Words epilogue(int64_t m, int64_t n) const {
    Words step = {1, 0, 0, 2, 2, 1, 2, 2, 1, 1024, 1000, 0};
    quads(step, {m, n});
    step.insert(step.end(), {0, 0});        // two float32 tile registers
    step.insert(step.end(), {2, 0, 0, 0});  // load C
    quads(step, {0, n, 1});
    step.insert(step.end(), {3, 0, 1, 0});  // load the bias
    quads(step, {0, 0, 1});
    step.insert(step.end(), {2, 0, 0, 0});  // store C
    quads(step, {0, n, 1});
    step.insert(step.end(), {library_.instruction("add"), 0, 0, -1, 0, 1, -1, -1});
    step.insert(step.end(), {library_.instruction("gelu_tanh"), 0, 0, -1, 0, -1, -1, -1});
    step[1] = static_cast<int32_t>(step.size());
    return step;
  }

  uint64_t plan(int64_t m, int64_t n, int64_t k, bool transposed, bool gelu) const {
    Words step = {2, 0, 0, 0};
    quads(step, {m, n, k});
    step.push_back(0);
    quads(step, {0, k, 1});
    step.push_back(1);
    quads(step, {0, transposed ? 1 : n, transposed ? k : 1});
    step.push_back(2);
    quads(step, {0, n});
    const Words after = gelu ? epilogue(m, n) : Words{};
    step.push_back(static_cast<int32_t>(after.size()));
    step.push_back(static_cast<int32_t>(std::min<double>(2e9, 0.02 * static_cast<double>(m * n) * static_cast<double>(k) + 500)));
    step.insert(step.end(), after.begin(), after.end());
    step[1] = static_cast<int32_t>(step.size());

    Words words = {0x544e4953, 1, 0, 4, 1, 4, 0, 0, 0, 0, 0, 0};
    const int64_t bytes[4] = {m * k * 4, k * n * 4, m * n * 4, n * 4};
    for (int i = 0; i < 4; i++) {
      words.insert(words.end(), {i == 2 ? 1 : 0, i});
      quads(words, {bytes[i]});
    }
    words.insert(words.end(), step.begin(), step.end());
    words[2] = static_cast<int32_t>(words.size());
    const uint64_t made = library_.plan_create(words.data(), words.size());
    if (!made) fail();
    return made;
  }

  const Library &library_;
  int threads_;
  uint64_t handles_[4], plans_[2];
};
