// handles.h: a table from numeric handles to objects, with lock-free counted lookups.
//
// A handle is generation << 24 | index: below 2^52, so a JS number holds it. A slot's state is one atomic word,
// generation << 32 | live << 31 | references. `acquire` succeeds only while the generation matches and the live bit is set; `retire` clears the live
// bit, and the last reference to go (retire's own or a lookup's) releases the object, so an object in use outlives its handle.
#pragma once
#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "memory.h"

namespace sinter {

template <class T>
class HandleTable {
  static constexpr int kIndexBits = 24, kChunkBits = 10;
  static constexpr uint64_t kMaxGeneration = (1u << 28) - 1, kLive = 1u << 31;
  struct Slot {
    std::atomic<uint64_t> state;
    T value;
    int64_t next_free;
  };

 public:
  using Release = void (*)(T &value);
  explicit constexpr HandleTable(Release release) : release_(release) {}

  // Returns a new handle, or 0 when the table is full or memory is short.
  uint64_t add(const T &value) {
    pthread_mutex_lock(&mutex_);
    int64_t index = free_head_;
    Slot *slot = nullptr;
    if (index >= 0) {
      slot = at(uint64_t(index));
      free_head_ = slot->next_free;
    } else if (used_ < (int64_t(1) << kIndexBits)) {
      index = used_;
      Slot *chunk = chunks_[index >> kChunkBits].load(std::memory_order_relaxed);
      if (!chunk) {
        chunk = static_cast<Slot *>(plain_resize(nullptr, sizeof(Slot) << kChunkBits));
        if (chunk) {
          memset(static_cast<void *>(chunk), 0, sizeof(Slot) << kChunkBits);
          chunks_[index >> kChunkBits].store(chunk, std::memory_order_release);
        }
      }
      if (chunk) {
        slot = at(uint64_t(index));
        used_++;
      }
    }
    if (!slot) {
      pthread_mutex_unlock(&mutex_);
      return 0;
    }
    slot->value = value;
    const uint64_t generation = (slot->state.load(std::memory_order_relaxed) >> 32) + 1;
    slot->state.store(generation << 32 | kLive, std::memory_order_release);
    live_.fetch_add(1, std::memory_order_relaxed);
    pthread_mutex_unlock(&mutex_);
    return generation << kIndexBits | uint64_t(index);
  }

  // The object with one more reference, or null for a stale or invented handle. Pair with `release`.
  T *acquire(uint64_t handle) {
    Slot *slot = find(handle);
    if (!slot) return nullptr;
    uint64_t state = slot->state.load(std::memory_order_acquire);
    do {
      if ((state >> 32) != (handle >> kIndexBits) || !(state & kLive)) return nullptr;
    } while (!slot->state.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel));
    return &slot->value;
  }

  // Gives back a reference taken by `acquire` with the same handle.
  void release(uint64_t handle) {
    Slot *slot = find(handle);
    const uint64_t state = slot->state.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (!(state & kLive) && (state & (kLive - 1)) == 0) recycle(slot, handle);
  }

  // Ends the handle's life; false for a stale or invented handle.
  bool retire(uint64_t handle) {
    Slot *slot = find(handle);
    if (!slot) return false;
    uint64_t state = slot->state.load(std::memory_order_acquire);
    do {
      if ((state >> 32) != (handle >> kIndexBits) || !(state & kLive)) return false;
    } while (!slot->state.compare_exchange_weak(state, state & ~uint64_t(kLive), std::memory_order_acq_rel));
    if ((state & (kLive - 1)) == 0) recycle(slot, handle);
    return true;
  }

  // Objects not yet released.
  int64_t live() const { return live_.load(std::memory_order_relaxed); }

 private:
  Slot *at(uint64_t index) { return chunks_[index >> kChunkBits].load(std::memory_order_acquire) + (index & ((1 << kChunkBits) - 1)); }

  Slot *find(uint64_t handle) {
    const uint64_t index = handle & ((uint64_t(1) << kIndexBits) - 1), generation = handle >> kIndexBits;
    if (generation == 0 || generation > kMaxGeneration) return nullptr;
    return chunks_[index >> kChunkBits].load(std::memory_order_acquire) ? at(index) : nullptr;
  }

  void recycle(Slot *slot, uint64_t handle) {
    release_(slot->value);
    pthread_mutex_lock(&mutex_);
    live_.fetch_sub(1, std::memory_order_relaxed);
    if ((handle >> kIndexBits) < kMaxGeneration) {  // an exhausted slot is never used again
      slot->next_free = free_head_;
      free_head_ = int64_t(handle & ((uint64_t(1) << kIndexBits) - 1));
    }
    pthread_mutex_unlock(&mutex_);
  }

  Release release_;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  std::atomic<Slot *> chunks_[1 << (kIndexBits - kChunkBits)] = {};
  std::atomic<int64_t> live_{0};
  int64_t free_head_ = -1;
  int64_t used_ = 0;
};

}  // namespace sinter
