// abi.cpp: the exported functions. See sinter.h for their contract.
#include "../sinter.h"

#include <unistd.h>

#include <cstdio>
#include <initializer_list>
#include <new>

#include "error.h"
#include "gemm_scratch.h"
#include "handles.h"
#include "instructions.h"
#include "isa.h"
#include "kernel.h"
#include "memory.h"
#include "pool.h"
#include "run.h"
#include "tickets.h"

using namespace sinter;

namespace {

std::atomic<int64_t> buffer_bytes{0}, runs{0};

// Held between sinter_submit and sinter_submitted; checks that the same thread ends what it began.
pthread_mutex_t make_checked_mutex() {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return mutex;
}
pthread_mutex_t submission = make_checked_mutex();

void release_buffer(Buffer &buffer) {
  buffer_bytes.fetch_sub(int64_t(buffer.bytes), std::memory_order_relaxed);
  aligned_release(buffer.memory);
}

void release_plan(Program *&program) { release_program(program); }

HandleTable<Buffer> buffers(release_buffer);
HandleTable<Program *> plans(release_plan);

unsigned long long number(uint64_t handle) { return handle; }

// What one run needs to know about its buffers. The arrays are run scratch, so that runs in steady state allocate nothing.
struct Binding {
  uint64_t *cells;   // copy of the arguments; inline scalars are read from it, with padding behind
  char **addresses;  // of the program's buffers
  uint64_t *held;    // handles with a reference, so that no buffer is freed under the run
  int64_t held_count;
};

Buffer *hold(Binding *binding, uint64_t handle) {
  Buffer *buffer = buffers.acquire(handle);
  if (buffer) binding->held[binding->held_count++] = handle;
  return buffer;
}

int allocate_binding(const Program &program, const uint64_t *args, Binding *binding, int cell) {
  const uint64_t arguments = uint64_t(program.arguments) * cell, count = uint64_t(program.buffers.size());
  char *memory = run_scratch(kScratchBinding, (arguments + 8 + count * 2 + 1) * 8);
  if (!memory) return fail("sinter_run: out of memory");
  binding->cells = reinterpret_cast<uint64_t *>(memory);
  binding->addresses = reinterpret_cast<char **>(binding->cells + arguments + 8);
  binding->held = reinterpret_cast<uint64_t *>(binding->addresses + count);
  if (arguments) memcpy(binding->cells, args, arguments * 8);
  return 0;
}

// Finds the address of every buffer of the program; checks handles and sizes.
int bind(const Program &program, const uint64_t *args, uint64_t arg_count, uint64_t arena, Binding *binding, int cell, uint64_t arena_bytes) {
  if (arg_count != uint64_t(program.arguments)) return fail("sinter_run: %llu arguments given, the plan takes %d", number(arg_count), program.arguments);
  if (arg_count && !args) return fail("sinter_run: the argument list is null");
  if (allocate_binding(program, args, binding, cell) != 0) return -1;
  char *const cells = reinterpret_cast<char *>(binding->cells);
  char *arena_memory = cells;
  if (program.arena_bytes > 0 && cell == 2) {
    if (!arena || arena % 64 || arena_bytes < uint64_t(program.arena_bytes)) {
      return fail("sinter_run: the arena has %llu bytes, the plan needs %lld", number(arena_bytes), (long long)program.arena_bytes);
    }
    arena_memory = reinterpret_cast<char *>(uintptr_t(arena));
  } else if (program.arena_bytes > 0) {
    const Buffer *buffer = hold(binding, arena);
    if (!buffer) return fail("sinter_run: arena %llu is not a live buffer", number(arena));
    if (buffer->bytes < uint64_t(program.arena_bytes)) {
      return fail("sinter_run: the arena has %llu bytes, the plan needs %lld", number(buffer->bytes), (long long)program.arena_bytes);
    }
    arena_memory = buffer->memory;
  }
  for (int64_t i = 0; i < program.buffers.size(); i++) {
    const BufferDecl &decl = program.buffers[i];
    char *&address = binding->addresses[i];
    if (decl.kind == kArena) {
      address = decl.bytes ? arena_memory + int64_t(decl.ref) * 64 : cells;
    } else if (decl.kind == kConstant) {
      address = decl.bytes ? program.constants + decl.ref : cells;
    } else if (decl.kind == kInline) {
      address = cells + int64_t(decl.ref) * 8 * cell;
    } else if (cell == 2) {
      const uint64_t memory = binding->cells[decl.ref * 2], bytes = binding->cells[decl.ref * 2 + 1];
      if (!memory || memory % 64) return fail("sinter_run: argument %d is not at a 64-byte aligned address", decl.ref);
      if (bytes < uint64_t(decl.bytes)) {
        return fail("sinter_run: argument %d has %llu bytes, the plan needs %lld", decl.ref, number(bytes), (long long)decl.bytes);
      }
      address = reinterpret_cast<char *>(uintptr_t(memory));
    } else {
      const uint64_t handle = binding->cells[decl.ref];
      const Buffer *buffer = hold(binding, handle);
      if (!buffer) return fail("sinter_run: argument %d (%llu) is not a live buffer", decl.ref, number(handle));
      if (buffer->bytes < uint64_t(decl.bytes)) {
        return fail("sinter_run: argument %d has %llu bytes, the plan needs %lld", decl.ref, number(buffer->bytes), (long long)decl.bytes);
      }
      address = buffer->memory;
    }
  }
  return 0;
}

int run_bound(uint64_t plan, const uint64_t *args, uint64_t arg_count, uint64_t arena, int cell = 1, uint64_t arena_bytes = 0) {
  Program **program = plans.acquire(plan);
  if (!program) return fail("sinter_run: plan %llu is not live", number(plan));
  Binding binding = {};
  int status = bind(**program, args, arg_count, arena, &binding, cell, arena_bytes);
  if (status == 0) {
    status = run_program(**program, binding.addresses);
    runs.fetch_add(1, std::memory_order_relaxed);
  }
  while (binding.held_count > 0) buffers.release(binding.held[--binding.held_count]);
  plans.release(plan);
  return status;
}

}  // namespace

int32_t sinter_abi_version(void) { return SINTER_ABI_VERSION; }

const char *sinter_last_error(void) { return last_error(); }

const char *sinter_instructions(void) { return instruction_names(); }

const char *sinter_kernels(void) { return kernel_names(); }

const char *sinter_info(void) {
  static thread_local char text[512];
  char list[96] = "";
  for (Isa isa : {Isa::neon, Isa::avx512, Isa::avx2, Isa::base}) {
    if (!isa_available(isa)) continue;
    const size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, "%s\"%s\"", used ? "," : "", isa_name(isa));
  }
#if defined(__clang__)
  const char *compiler = "clang " __clang_version__;
#else
  const char *compiler = "gcc " __VERSION__;
#endif
  snprintf(text, sizeof text, "{\"isa\":\"%s\",\"isas\":[%s],\"threads\":%d,\"cores\":%ld,\"compiler\":\"%s\"}", isa_name(active_isa()), list,
           pool_threads(), sysconf(_SC_NPROCESSORS_ONLN), compiler);
  return text;
}

int32_t sinter_set_threads(int32_t count) {
  if (count < 1 || count > 256) return fail("sinter_set_threads: %d is not within 1..256", count);
  pool_set_threads(count);
  return 0;
}

int32_t sinter_set_isa(const char *name) {
  if (!set_isa(name)) return fail("sinter_set_isa: \"%s\" is not available here", name ? name : "(null)");
  return 0;
}

uint64_t sinter_buffer_alloc(uint64_t bytes) {
  Buffer buffer = {static_cast<char *>(aligned_allocate(bytes)), bytes};
  if (!buffer.memory) {
    fail("sinter_buffer_alloc: the system has no %llu bytes", number(bytes));
    return 0;
  }
  const uint64_t handle = buffers.add(buffer);
  if (!handle) {
    aligned_release(buffer.memory);
    fail("sinter_buffer_alloc: too many buffers");
    return 0;
  }
  buffer_bytes.fetch_add(int64_t(bytes), std::memory_order_relaxed);
  return handle;
}

int32_t sinter_buffer_free(uint64_t buffer) {
  return buffers.retire(buffer) ? 0 : fail("sinter_buffer_free: %llu is not a live buffer", number(buffer));
}

uint64_t sinter_buffer_address(uint64_t buffer) {
  const Buffer *found = buffers.acquire(buffer);
  if (!found) {
    fail("sinter_buffer_address: %llu is not a live buffer", number(buffer));
    return 0;
  }
  const uint64_t address = uint64_t(reinterpret_cast<uintptr_t>(found->memory));
  buffers.release(buffer);
  return address;
}

static int copy_bytes(const char *function, uint64_t handle, uint64_t offset, const void *source, void *target, uint64_t bytes) {
  const Buffer *buffer = buffers.acquire(handle);
  if (!buffer) return fail("%s: %llu is not a live buffer", function, number(handle));
  int status = 0;
  if (offset > buffer->bytes || bytes > buffer->bytes - offset) {
    status = fail("%s: bytes %llu + %llu lie outside of the buffer's %llu", function, number(offset), number(bytes), number(buffer->bytes));
  } else if (bytes && !source && !target) {
    status = fail("%s: the memory is null", function);
  } else if (bytes) {
    memcpy(target ? target : buffer->memory + offset, source ? source : buffer->memory + offset, bytes);
  }
  buffers.release(handle);
  return status;
}

int32_t sinter_buffer_write(uint64_t buffer, uint64_t offset, const void *source, uint64_t bytes) {
  return copy_bytes("sinter_buffer_write", buffer, offset, source, nullptr, bytes);
}

int32_t sinter_buffer_read(uint64_t buffer, uint64_t offset, void *target, uint64_t bytes) {
  return copy_bytes("sinter_buffer_read", buffer, offset, nullptr, target, bytes);
}

uint64_t sinter_plan_create(const int32_t *program, uint64_t words) {
  Program *parsed = parse_program(program, words);
  if (!parsed) return 0;
  const uint64_t handle = plans.add(parsed);
  if (!handle) {
    release_plan(parsed);
    fail("sinter_plan_create: too many plans");
  }
  return handle;
}

int32_t sinter_plan_release(uint64_t plan) { return plans.retire(plan) ? 0 : fail("sinter_plan_release: %llu is not a live plan", number(plan)); }

uint64_t sinter_ticket(void) {
  const uint64_t ticket = ticket_take();
  if (!ticket) fail("sinter_ticket: %llu tickets are outstanding", number(kTicketWindow));
  return ticket;
}

uint64_t sinter_submit(void) {
  pthread_mutex_lock(&submission);
  const uint64_t ticket = sinter_ticket();
  if (!ticket) pthread_mutex_unlock(&submission);
  return ticket;
}

int32_t sinter_submitted(void) {
  return pthread_mutex_unlock(&submission) == 0 ? 0 : fail("sinter_submitted: this thread has no submission under way");
}

int32_t sinter_skip(uint64_t ticket) {
  if (!ticket_claim(ticket)) return fail("sinter_skip: ticket %llu was not taken, or is used already", number(ticket));
  ticket_finish(ticket, nullptr);
  return 0;
}

int32_t sinter_run(uint64_t plan, const uint64_t *args, uint64_t arg_count, uint64_t arena, uint64_t ticket) {
  if (!ticket_claim(ticket)) return fail("sinter_run: ticket %llu was not taken, or is used already", number(ticket));
  ticket_await_turn(ticket);
  const int status = run_bound(plan, args, arg_count, arena);
  ticket_finish(ticket, status ? last_error() : nullptr);
  return status;
}

uint64_t sinter_address(const void *memory) { return uint64_t(reinterpret_cast<uintptr_t>(memory)); }

int32_t sinter_run_at(uint64_t plan, const void *cells, uint64_t arg_count, uint64_t arena, uint64_t arena_bytes, uint64_t ticket) {
  if (!ticket) ticket = ticket_take();
  if (!ticket_claim(ticket)) return fail("sinter_run: ticket %llu was not taken, or is used already", number(ticket));
  ticket_await_turn(ticket);
  const int status = run_bound(plan, static_cast<const uint64_t *>(cells), arg_count, arena, 2, arena_bytes);
  ticket_finish(ticket, status ? last_error() : nullptr);
  return status;
}

int32_t sinter_wait(uint64_t ticket) {
  char text[512];
  const int status = ticket_wait(ticket, text, sizeof text);
  if (status == -2) return fail("sinter_wait: ticket %llu was never taken", number(ticket));
  return status ? fail("%s", text) : 0;
}

int64_t sinter_counter(int32_t which) {
  switch (which) {
    case 0: return buffers.live();
    case 1: return buffer_bytes.load();
    case 2: return plans.live();
    case 3: return runs.load();
    case 4: return system_allocations() + scratch_allocations();
    default: return -1;
  }
}
