/* sinter.h: the whole native surface of the CPU library.
 *
 * TypeScript reads this file: every prototype that starts with SINTER_API is declared to koffi as it stands,
 * one prototype per line, so keep them on one line.
 *
 * Status. Functions that can fail return 0 for success and -1 for failure; sinter_last_error() then holds one line
 * of text for the calling thread. Nothing here prints, exits or throws.
 * Handles. Buffers and plans are numbers (never pointers), looked up in tables that know their sizes: a stale or
 * invented handle is an error, not a bad access. 0 is never a valid handle.
 * Threads. Every function may be called from any thread. Runs are executed one at a time in ticket order.
 */
#ifndef SINTER_H
#define SINTER_H
#include <stdint.h>

#if defined(__GNUC__)
#define SINTER_API __attribute__((visibility("default")))
#else
#define SINTER_API
#endif

#define SINTER_ABI_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

/* The ABI version the library was built with; the loader compares it with the header's. */
SINTER_API int32_t sinter_abi_version(void);

/* The calling thread's last error, one line; "" when there was none. Valid until the thread's next failing call. */
SINTER_API const char *sinter_last_error(void);

/* JSON facts: {"isa":"avx512","isas":["avx512","avx2","base"],"threads":2,"cores":2,"compiler":"gcc 12.2.0"}. */
SINTER_API const char *sinter_info(void);

/* Comma-separated instruction names; an instruction's code in a program is its position in this list. */
SINTER_API const char *sinter_instructions(void);

/* Sets the number of threads that share a run (the caller's included), 1..256. */
SINTER_API int32_t sinter_set_threads(int32_t count);

/* Chooses the kernel set by name ("base", "avx2", "avx512", "neon"); for tests and comparisons. */
SINTER_API int32_t sinter_set_isa(const char *name);

/* Allocates a buffer of `bytes` (64-byte aligned, padded by 64 readable and writable bytes). Returns 0 on failure. */
SINTER_API uint64_t sinter_buffer_alloc(uint64_t bytes);

/* Frees a buffer. */
SINTER_API int32_t sinter_buffer_free(uint64_t buffer);

/* The address of a buffer's first byte, for zero-copy views; 0 for a bad handle. */
SINTER_API uint64_t sinter_buffer_address(uint64_t buffer);

/* Copies `bytes` from `source` into the buffer at `offset`. */
SINTER_API int32_t sinter_buffer_write(uint64_t buffer, uint64_t offset, const void *source, uint64_t bytes);

/* Copies `bytes` of the buffer from `offset` into `target`. */
SINTER_API int32_t sinter_buffer_read(uint64_t buffer, uint64_t offset, void *target, uint64_t bytes);

/* Validates a program (docs/cpu-program.md) completely and makes a plan of it. Returns 0 on failure. */
SINTER_API uint64_t sinter_plan_create(const int32_t *program, uint64_t words);

/* Releases a plan. A plan that is running is released when its run ends. */
SINTER_API int32_t sinter_plan_release(uint64_t plan);

/* Takes a place in the order of runs. Every ticket must be used by exactly one sinter_run or given to sinter_skip.
 * At most 65536 may be outstanding: 0 on failure. */
SINTER_API uint64_t sinter_ticket(void);

/* As sinter_ticket, for a run that is about to be queued on a thread pool: no other thread's sinter_submit returns before sinter_submitted is called on
 * this thread, so that runs are queued in ticket order and a pool of any size cannot fill up with runs that wait for one still in the queue. */
SINTER_API uint64_t sinter_submit(void);

/* The run has been queued (or its ticket skipped). */
SINTER_API int32_t sinter_submitted(void);

/* Gives up a ticket that will not be used. */
SINTER_API int32_t sinter_skip(uint64_t ticket);

/* Waits for the tickets before `ticket`, then runs the plan. args: one 8-byte cell per argument, a buffer handle or,
 * for an inline argument, the scalar's bytes (little-endian, low bytes first). arena: a buffer handle, 0 if none needed. */
SINTER_API int32_t sinter_run(uint64_t plan, const uint64_t *args, uint64_t arg_count, uint64_t arena, uint64_t ticket);

/* The address of memory owned by the caller, such as a typed array's. */
SINTER_API uint64_t sinter_address(const void *memory);

/* As sinter_run, on memory of the caller's: cells holds two 64-bit words per argument, address and length in bytes (an inline argument's bytes first).
 * Addresses are multiples of 64 with 64 readable and writable bytes behind the length. Ticket 0 takes the next place. */
SINTER_API int32_t sinter_run_at(uint64_t plan, const void *cells, uint64_t arg_count, uint64_t arena, uint64_t arena_bytes, uint64_t ticket);

/* Waits until the run with `ticket` has finished. -1 if that run failed: its error becomes the calling thread's last error (kept for the last 64
 * failures), which is how a thread learns why a run on another thread failed. */
SINTER_API int32_t sinter_wait(uint64_t ticket);

/* Live counters, for leak tests: 0 buffers, 1 buffer bytes, 2 plans, 3 runs so far, 4 system allocations so far; -1 for another. */
SINTER_API int64_t sinter_counter(int32_t which);

#ifdef __cplusplus
}
#endif
#endif
