/* sinter.h: the whole native surface: the CPU library (libsinter) and the MPSGraph library (libsinter_mps).
 *
 * TypeScript reads this file: every prototype that starts with SINTER_API (both libraries), SINTER_CPU_API or SINTER_MPS_API
 * is declared to koffi as it stands, one prototype per line, so keep them on one line.
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
#define SINTER_CPU_API SINTER_API
#define SINTER_MPS_API SINTER_API

#define SINTER_ABI_VERSION 2

#ifdef __cplusplus
extern "C" {
#endif

/* The ABI version the library was built with; the loader compares it with the header's. */
SINTER_API int32_t sinter_abi_version(void);

/* The calling thread's last error, one line; "" when there was none. Valid until the thread's next failing call. */
SINTER_API const char *sinter_last_error(void);

/* JSON facts. CPU: {"isa":"avx512","isas":["avx512","avx2","base"],"threads":2,"cores":2,"compiler":"gcc 12.2.0"}.
 * MPSGraph: {"framework":"MPSGraph","os":"macOS 15.2","build":"24C101","compiler":"clang 16.0.0"}; the emulation says so in "framework". */
SINTER_API const char *sinter_info(void);

/* Live counters, for leak tests; -1 for another `which`. CPU: 0 buffers, 1 buffer bytes, 2 plans, 3 runs so far, 4 system allocations so far.
 * MPSGraph: 0 buffers, 1 buffer bytes, 2 executables, 3 runs so far, 4 devices, 5 runs in flight, 6 tensor data objects alive. */
SINTER_API int64_t sinter_counter(int32_t which);

/* ---- CPU library ---- */

/* Comma-separated instruction names; an instruction's code in a program is its position in this list. */
SINTER_CPU_API const char *sinter_instructions(void);

/* Comma-separated kernel names, likewise. */
SINTER_CPU_API const char *sinter_kernels(void);

/* Sets the number of threads that share a run (the caller's included), 1..256. */
SINTER_CPU_API int32_t sinter_set_threads(int32_t count);

/* Chooses the kernel set by name ("base", "avx2", "avx512", "neon"); for tests and comparisons. */
SINTER_CPU_API int32_t sinter_set_isa(const char *name);

/* Allocates a buffer of `bytes` (64-byte aligned, padded by 64 readable and writable bytes). Returns 0 on failure. */
SINTER_CPU_API uint64_t sinter_buffer_alloc(uint64_t bytes);

/* Frees a buffer. */
SINTER_CPU_API int32_t sinter_buffer_free(uint64_t buffer);

/* The address of a buffer's first byte, for zero-copy views; 0 for a bad handle. */
SINTER_CPU_API uint64_t sinter_buffer_address(uint64_t buffer);

/* Copies `bytes` from `source` into the buffer at `offset`. */
SINTER_CPU_API int32_t sinter_buffer_write(uint64_t buffer, uint64_t offset, const void *source, uint64_t bytes);

/* Copies `bytes` of the buffer from `offset` into `target`. */
SINTER_CPU_API int32_t sinter_buffer_read(uint64_t buffer, uint64_t offset, void *target, uint64_t bytes);

/* Validates a program (docs/cpu-program.md) completely and makes a plan of it. Returns 0 on failure. */
SINTER_CPU_API uint64_t sinter_plan_create(const int32_t *program, uint64_t words);

/* Releases a plan. A plan that is running is released when its run ends. */
SINTER_CPU_API int32_t sinter_plan_release(uint64_t plan);

/* Takes a place in the order of runs. Every ticket must be used by exactly one sinter_run or given to sinter_skip.
 * At most 65536 may be outstanding: 0 on failure. */
SINTER_CPU_API uint64_t sinter_ticket(void);

/* As sinter_ticket, for a run that is about to be queued on a thread pool: no other thread's sinter_submit returns before sinter_submitted is called on
 * this thread, so that runs are queued in ticket order and a pool of any size cannot fill up with runs that wait for one still in the queue. */
SINTER_CPU_API uint64_t sinter_submit(void);

/* The run has been queued (or its ticket skipped). */
SINTER_CPU_API int32_t sinter_submitted(void);

/* Gives up a ticket that will not be used. */
SINTER_CPU_API int32_t sinter_skip(uint64_t ticket);

/* Waits for the tickets before `ticket`, then runs the plan. args: one 8-byte cell per argument, a buffer handle or,
 * for an inline argument, the scalar's bytes (little-endian, low bytes first). arena: a buffer handle, 0 if none needed. */
SINTER_CPU_API int32_t sinter_run(uint64_t plan, const uint64_t *args, uint64_t arg_count, uint64_t arena, uint64_t ticket);

/* The address of memory owned by the caller, such as a typed array's. */
SINTER_CPU_API uint64_t sinter_address(const void *memory);

/* As sinter_run, on memory of the caller's: cells holds two 64-bit words per argument, address and length in bytes (an inline argument's bytes first).
 * Addresses are multiples of 64 with 64 readable and writable bytes behind the length. Ticket 0 takes the next place. */
SINTER_CPU_API int32_t sinter_run_at(uint64_t plan, const void *cells, uint64_t arg_count, uint64_t arena, uint64_t arena_bytes, uint64_t ticket);

/* Waits until the run with `ticket` has finished. -1 if that run failed: its error becomes the calling thread's last error (kept for the last 64
 * failures), which is how a thread learns why a run on another thread failed. */
SINTER_CPU_API int32_t sinter_wait(uint64_t ticket);

/* ---- MPSGraph library: docs/shim.md has the program format and the rules ----
 *
 * Devices, buffers, executables and tickets are handles as above. Building, compiling and encoding happen one at a time, whichever threads call. */

/* Metal devices here. */
SINTER_MPS_API int32_t sinter_mps_device_count(void);

/* Opens device `index` with a command queue of its own. Returns 0 on failure. */
SINTER_MPS_API uint64_t sinter_mps_device_open(int32_t index);

/* JSON facts: {"name":"Apple M4","family":"apple9","maxBufferBytes":...,"recommendedBytes":...,"unified":true}; NULL for a bad handle. Valid until the
 * device is closed. */
SINTER_MPS_API const char *sinter_mps_device_info(uint64_t device);

/* Closes a device; its buffers and executables must have been released (-1 otherwise). */
SINTER_MPS_API int32_t sinter_mps_device_close(uint64_t device);

/* Whether class `name` has the instance (or class) method `selector` here: 1, 0, or -1 when there is no such class. Newer selectors are probed before use. */
SINTER_MPS_API int32_t sinter_mps_responds(const char *name, const char *selector);

/* Allocates a buffer in storage that CPU and GPU share, zero-filled, page-aligned, at least `bytes` + 256 long. Returns 0 on failure. */
SINTER_MPS_API uint64_t sinter_mps_buffer_alloc(uint64_t device, uint64_t bytes);

/* Frees a buffer; runs in flight keep it until they end. */
SINTER_MPS_API int32_t sinter_mps_buffer_free(uint64_t buffer);

/* The address of a buffer's first byte, for zero-copy views and for the CPU library; 0 for a bad handle. */
SINTER_MPS_API uint64_t sinter_mps_buffer_address(uint64_t buffer);

/* Performs a program (its calls build one MPSGraph), compiles the graph into one MPSGraphExecutable at `level` (0 or 1) and waits for the end of it.
 * Returns 0 on failure. */
SINTER_MPS_API uint64_t sinter_mps_compile(uint64_t device, const void *program, uint64_t bytes, int32_t level);

/* Saves a compiled executable as an .mpsgraphpackage at `path` (macOS 14), atomically. */
SINTER_MPS_API int32_t sinter_mps_save(uint64_t executable, const char *path);

/* As sinter_mps_compile, with the executable loaded from a package saved from the same program: its calls are not performed. Returns 0 on failure. */
SINTER_MPS_API uint64_t sinter_mps_load(uint64_t device, const void *program, uint64_t bytes, int32_t level, const char *path);

/* Releases an executable; runs in flight keep it until they end. */
SINTER_MPS_API int32_t sinter_mps_release(uint64_t executable);

/* Runs and waits. cells: two 64-bit words per argument, feeds in the program's order and then targets: a buffer handle and the tensor's length in bytes; for a
 * feed that the program marks inline, the scalar's own bytes (low bytes first) and their number. No target's buffer may be another argument's. */
SINTER_MPS_API int32_t sinter_mps_run(uint64_t executable, const void *cells, uint64_t arg_count);

/* Starts a run and returns its ticket, 0 on failure. At most 8 runs are in flight per device: the call waits for one to end when there are more. */
SINTER_MPS_API uint64_t sinter_mps_submit(uint64_t executable, const void *cells, uint64_t arg_count);

/* Waits until the run has ended; may be called off-thread, and more than once. -1 if it failed: its error becomes the calling thread's last error (kept for
 * the last 64 failures). */
SINTER_MPS_API int32_t sinter_mps_wait(uint64_t ticket);

#ifdef __cplusplus
}
#endif
#endif
