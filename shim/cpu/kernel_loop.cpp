// kernel_loop.cpp: runs a program of its own a number of times. Carried values change between two buffers, so that nothing is copied from turn to turn.
#include <new>

#include "kernel.h"
#include "memory.h"

namespace sinter {

namespace {

constexpr int64_t kMaxTurns = 1 << 24;

// A value that enters or leaves the body. What the buffers are for differs: see read_ports.
struct Port {
  int32_t outside, inside, spare;
  int64_t bytes;
};

struct Plan {
  int64_t turns;
  int32_t reverse, conditional, carried, scanned, captured, stacked;
  int32_t active, flag, arena;
  Array<Port> ports;        // carried, scanned, captured, stacked
  Array<char *> arguments;  // of the body
  Array<char *> addresses;  // of the body's buffers
  Program *body;
  ~Plan() { release_program(body); }
};

struct Loop {
  Plan *plan;
};

void release_loop(void *parameters) {
  Plan *plan = static_cast<Loop *>(parameters)->plan;
  if (!plan) return;
  plan->~Plan();
  plain_release(plan);
}

int64_t loop_scratch(const void *parameters) { return static_cast<const Loop *>(parameters)->plan->body->tile_scratch; }

bool read_counts(Reader &reader, Plan *plan) {
  plan->turns = reader.size("turns");
  if (plan->turns > kMaxTurns) reader.reject("%lld turns are too many", (long long)plan->turns);
  plan->reverse = reader.ranged("reverse", 0, 1);
  plan->conditional = reader.ranged("conditional", 0, 1);
  plan->carried = reader.ranged("carried", 0, 1 << 16);
  plan->scanned = reader.ranged("scanned", 0, 1 << 16);
  plan->captured = reader.ranged("captured", 0, 1 << 16);
  plan->stacked = reader.ranged("stacked", 0, 1 << 16);
  return reader.ok();
}

void read_ports(Reader &reader, const Program &program, Plan *plan) {
  if (plan->conditional) {
    plan->active = read_buffer(reader, program, "condition", 1, 1, false);
    plan->flag = read_buffer(reader, program, "next condition", 1, 1, true);
  }
  const int64_t ports = int64_t(plan->carried) + plan->scanned + plan->captured + plan->stacked;
  for (int64_t i = 0; i < ports && reader.ok(); i++) {
    Port port = {};
    port.bytes = reader.size("bytes of a value");
    const int64_t all = count_of(reader, {port.bytes, plan->turns});
    if (i < plan->carried) {  // initial value, result, the buffer it alternates with
      port.outside = read_buffer(reader, program, "initial value", port.bytes, 1, false);
      port.inside = read_buffer(reader, program, "carried value", port.bytes, 1, true);
      port.spare = read_buffer(reader, program, "other carried value", port.bytes, 1, true);
    } else if (i < plan->carried + plan->scanned) {  // all slices, the buffer for one
      port.outside = read_buffer(reader, program, "scanned", all, 1, false);
      port.inside = read_buffer(reader, program, "slice", port.bytes, 1, true);
    } else if (i < ports - plan->stacked) {
      port.outside = read_buffer(reader, program, "captured", port.bytes, 1, false);
    } else {
      port.outside = read_buffer(reader, program, "stacked", all, 1, true);
      port.inside = read_buffer(reader, program, "value to stack", port.bytes, 1, true);
    }
    if (!plan->ports.push(port)) reader.reject("out of memory");
  }
}

// The bytes behind argument `index` of the body.
int64_t argument_bytes(const Plan &plan, int32_t index, int32_t inputs) {
  if (index < inputs) return plan.ports[index].bytes;
  int32_t output = index - inputs;
  if (plan.conditional && output-- == 0) return 1;
  return plan.ports[output < plan.carried ? output : inputs + output - plan.carried].bytes;
}

void check_body(Reader &reader, const Plan &plan) {
  const Program &body = *plan.body;
  const int32_t inputs = plan.carried + plan.scanned + plan.captured, outputs = plan.conditional + plan.carried + plan.stacked;
  if (body.arguments != inputs + outputs) return reader.reject("the body has %d arguments, not %d", body.arguments, inputs + outputs);
  for (const BufferDecl &decl : body.buffers) {
    if (decl.kind == kArena || decl.kind == kConstant) continue;
    if (decl.kind != (decl.ref < inputs ? kInput : kOutput)) return reader.reject("argument %d of the body is used as what it is not", decl.ref);
    const int64_t bytes = argument_bytes(plan, decl.ref, inputs);
    if (decl.bytes > bytes) return reader.reject("argument %d of the body has %lld bytes, not %lld", decl.ref, (long long)bytes, (long long)decl.bytes);
  }
}

void parse_loop(Reader &reader, const Program &program, Loop *step) {
  void *memory = plain_resize(nullptr, sizeof(Plan));
  if (!memory) return reader.reject("out of memory");
  Plan *plan = step->plan = new (memory) Plan();
  if (program.depth >= kMaxDepth) return reader.reject("loops lie deeper in each other than %d", kMaxDepth);
  if (!read_counts(reader, plan)) return;
  read_ports(reader, program, plan);
  const int64_t arena_bytes = reader.size("arena bytes of the body");
  plan->arena = read_buffer(reader, program, "arena of the body", arena_bytes, 1, true);
  if (!reader.ok()) return;
  plan->body = parse_program(reader.words() + reader.position(), uint64_t(reader.remaining()), program.depth + 1);
  if (!plan->body) return reader.failed();
  reader.skip(reader.remaining());
  if (plan->body->arena_bytes > arena_bytes) return reader.reject("the body needs an arena of %lld bytes", (long long)plan->body->arena_bytes);
  check_body(reader, *plan);
  if (!plan->arguments.resize(plan->body->arguments) || !plan->addresses.resize(plan->body->buffers.size())) reader.reject("out of memory");
}

void copy(char *to, const char *from, int64_t bytes) {
  if (bytes > 0) memmove(to, from, size_t(bytes));
}

// The addresses of the body's buffers, from those of its arguments.
void place_buffers(Plan &plan, char *arena) {
  const Program &body = *plan.body;
  for (int64_t i = 0; i < body.buffers.size(); i++) {
    const BufferDecl &decl = body.buffers[i];
    char *&address = plan.addresses[i];
    if (decl.kind == kArena) {
      address = decl.bytes ? arena + int64_t(decl.ref) * 64 : arena;
    } else if (decl.kind == kConstant) {
      address = decl.bytes ? body.constants + decl.ref : arena;
    } else {
      address = plan.arguments[decl.ref];
    }
  }
}

bool run_loop(const Loop &step, const RunContext &run) {
  Plan &plan = *step.plan;
  char *const *buffers = run.buffers;
  const Port *carried = plan.ports.begin(), *scanned = carried + plan.carried, *captured = scanned + plan.scanned, *stacked = captured + plan.captured;
  char **in = plan.arguments.begin(), **out = in + plan.carried + plan.scanned + plan.captured;
  char **const next = out + plan.conditional, **const values = next + plan.carried;
  RunContext inner = run;
  inner.program = plan.body;
  inner.buffers = plan.addresses.begin();
  for (int32_t i = 0; i < plan.carried; i++) in[i] = buffers[carried[i].outside];
  for (int32_t i = 0; i < plan.captured; i++) in[plan.carried + plan.scanned + i] = buffers[captured[i].outside];
  for (int32_t i = 0; i < plan.stacked; i++) values[i] = buffers[stacked[i].inside];
  if (plan.conditional) out[0] = buffers[plan.flag];
  bool active = !plan.conditional || buffers[plan.active][0] != 0;
  for (int64_t turn = 0; turn < plan.turns && active; turn++) {
    const int64_t at = plan.reverse ? plan.turns - 1 - turn : turn;
    for (int32_t i = 0; i < plan.scanned; i++) {
      const Port &port = scanned[i];
      char *slice = buffers[port.outside] + at * port.bytes;
      // A slice that starts and ends with a line of the cache is read where it is; others may not begin where elements of their type can.
      if (port.bytes % kAlignment != 0) {
        copy(buffers[port.inside], slice, port.bytes);
        slice = buffers[port.inside];
      }
      in[plan.carried + i] = slice;
    }
    // The last turn of a counted loop writes the results.
    const bool to_spare = (plan.turns - turn) % 2 == 0;
    for (int32_t i = 0; i < plan.carried; i++) next[i] = buffers[to_spare ? carried[i].spare : carried[i].inside];
    place_buffers(plan, buffers[plan.arena]);
    if (run_steps(*plan.body, inner) != 0) return false;
    for (int32_t i = 0; i < plan.stacked; i++) copy(buffers[stacked[i].outside] + at * stacked[i].bytes, values[i], stacked[i].bytes);
    for (int32_t i = 0; i < plan.carried; i++) in[i] = next[i];
    if (plan.conditional) active = out[0][0] != 0;
  }
  for (int32_t i = 0; i < plan.carried; i++) {
    char *result = buffers[carried[i].inside];
    if (in[i] != result) copy(result, in[i], carried[i].bytes);
  }
  return true;
}

}  // namespace

extern const Kernel loop_kernel;
const Kernel loop_kernel = {"loop", sizeof(Loop), [](Reader &reader, const Program &program, void *p) { parse_loop(reader, program, static_cast<Loop *>(p)); },
                            [](const void *p, const RunContext &context) { return run_loop(*static_cast<const Loop *>(p), context); }, release_loop, loop_scratch};

}  // namespace sinter
