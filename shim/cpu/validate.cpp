// validate.cpp: the program header, the buffer table and the list of steps.
#include <new>

#include "error.h"
#include "kernel.h"
#include "reader.h"
#include "tiles.h"

namespace sinter {

namespace {

void release_parameters(const Step &step) {
  if (step.parameters && step.kernel->release) step.kernel->release(step.parameters);
  plain_release(step.parameters);
}

}  // namespace

Program::~Program() {
  for (Step &step : steps) {
    release_tiles(step.tiles);
    plain_release(step.gemm);
    release_parameters(step);
  }
  aligned_release(constants);
}

bool may_overlap(const BufferDecl &a, const BufferDecl &b) {
  if (a.kind == kArena && b.kind == kArena) {
    const int64_t a_begin = int64_t(a.ref) * 64, b_begin = int64_t(b.ref) * 64;
    return a_begin < b_begin + b.bytes && b_begin < a_begin + a.bytes;
  }
  const bool a_argument = a.kind == kInput || a.kind == kOutput, b_argument = b.kind == kInput || b.kind == kOutput;
  return a_argument && b_argument && a.ref == b.ref;
}

namespace {

constexpr int32_t kMagic = 0x544e4953, kVersion = 1;
constexpr int64_t kHeaderWords = 12, kBufferWords = 4;
constexpr int64_t kMaxBytes = int64_t(1) << 46;

struct Header {
  int64_t buffers, steps, constants, constant_words;
};

void read_header(Reader &reader, int64_t count, Program *program, Header *header) {
  const int32_t magic = reader.word("magic"), version = reader.word("version"), words = reader.word("total words");
  if (magic != kMagic) reader.reject("magic is 0x%08x, not 0x%08x", uint32_t(magic), uint32_t(kMagic));
  if (version != kVersion) reader.reject("format version is %d; this library reads %d", version, kVersion);
  if (words != count) reader.reject("total words is %d but %lld were given", words, (long long)count);
  header->buffers = reader.ranged("number of buffers", 0, 1 << 22);
  header->steps = reader.ranged("number of steps", 0, 1 << 22);
  program->arguments = reader.ranged("number of arguments", 0, 1 << 22);
  program->arena_bytes = reader.size("arena bytes");
  header->constants = reader.ranged("constant pool start", 0, INT32_MAX);
  header->constant_words = reader.ranged("constant pool words", 0, INT32_MAX);
  if (reader.word("reserved word") != 0 || reader.word("reserved word") != 0) reader.reject("reserved words are not 0");
  if (!reader.ok()) return;
  if (program->arena_bytes > kMaxBytes) reader.reject("arena bytes is %lld", (long long)program->arena_bytes);
  if (header->constants % 2 != 0) reader.reject("constant pool start %lld is odd", (long long)header->constants);
  if (header->constant_words > 0 && (header->constants < kHeaderWords || header->constants + header->constant_words > count)) {
    reader.reject("constant pool %lld..%lld lies outside of the program", (long long)header->constants, (long long)(header->constants + header->constant_words));
  }
  if (header->buffers * kBufferWords + header->steps * 2 > reader.remaining()) reader.reject("the tables are larger than the program");
}

void read_buffers(Reader &reader, Program *program, const Header &header) {
  if (!reader.ok()) return;
  if (!program->buffers.resize(header.buffers)) return reader.reject("out of memory");
  for (int64_t i = 0; i < header.buffers; i++) {
    BufferDecl &buffer = program->buffers[i];
    buffer.kind = reader.ranged("buffer kind", kInput, kInline);
    buffer.ref = reader.word("buffer ref");
    buffer.bytes = reader.size("buffer bytes");
    if (!reader.ok()) return;
    const char *problem = nullptr;
    if (buffer.bytes > kMaxBytes) problem = "has too many bytes";
    if (buffer.ref < 0) problem = "has a negative ref";
    switch (buffer.kind) {
      case kInline:
        if (buffer.bytes > 8) problem = "is inline and has more than 8 bytes";
        [[fallthrough]];
      case kInput:
      case kOutput:
        if (buffer.ref >= program->arguments) problem = "refers to an argument that does not exist";
        break;
      case kArena:
        if (int64_t(buffer.ref) * 64 + buffer.bytes > program->arena_bytes) problem = "lies outside of the arena";
        break;
      default:
        if (buffer.ref % 8 != 0) problem = "has a constant offset that is no multiple of 8";
        if (int64_t(buffer.ref) + buffer.bytes > header.constant_words * 4) problem = "lies outside of the constant pool";
    }
    if (problem) reader.reject("buffer %lld %s", (long long)i, problem);
  }
}

// A buffer handle and an inline scalar cannot share an argument.
void check_arguments(Reader &reader, const Program &program) {
  Array<uint8_t> uses;
  if (!reader.ok()) return;
  if (!uses.resize(program.arguments)) return reader.reject("out of memory");
  for (const BufferDecl &buffer : program.buffers) {
    if (buffer.kind == kArena || buffer.kind == kConstant) continue;
    uses[buffer.ref] |= buffer.kind == kInline ? 1 : 2;
    if (uses[buffer.ref] == 3) reader.reject("argument %d is used as a buffer and as an inline scalar", buffer.ref);
  }
}

bool read_step(Reader &reader, Program *program, int32_t kind) {
  Step step = {};
  step.kind = kind;
  bool planned = true;
  if (kind == kTiles) {
    TilesStep tiles;
    if (!validate_tiles(reader, *program, &tiles)) return false;
    step.tiles = plan_tiles(tiles, *program, false);
    planned = step.tiles != nullptr;
  } else if (kind == kGemm) {
    GemmStep gemm = {};
    TilesStep epilogue;
    bool has_epilogue = false;
    if (!validate_gemm(reader, *program, &gemm, &epilogue, &has_epilogue)) return false;
    if (has_epilogue) {
      step.tiles = plan_tiles(epilogue, *program, true);
      planned = step.tiles != nullptr;
    }
    step.gemm = static_cast<GemmStep *>(plain_resize(nullptr, sizeof gemm));
    if (step.gemm) *step.gemm = gemm;
    planned = planned && step.gemm;
  } else {
    step.kernel = kernel_of(reader.ranged("kernel", 0, kKernels - 1));
    if (!reader.ok()) return false;
    step.parameters = plain_resize(nullptr, uint64_t(step.kernel->parameter_bytes));
    planned = step.parameters != nullptr;
    if (planned) {
      memset(step.parameters, 0, size_t(step.kernel->parameter_bytes));
      step.kernel->parse(reader, *program, step.parameters);
      if (reader.ok() && reader.remaining() != 0) reader.reject("%lld words too many", (long long)reader.remaining());
    }
  }
  if (!reader.ok() || !planned || !program->steps.push(step)) {
    release_tiles(step.tiles);
    plain_release(step.gemm);
    release_parameters(step);
    reader.reject("out of memory");
    return false;
  }
  if (step.tiles && step.tiles->scratch_bytes > program->tile_scratch) program->tile_scratch = step.tiles->scratch_bytes;
  const int64_t nested = step.kernel && step.kernel->scratch ? step.kernel->scratch(step.parameters) : 0;
  if (nested > program->tile_scratch) program->tile_scratch = nested;
  return true;
}

bool read_all(const int32_t *words, int64_t count, Program *program) {
  Reader reader(words, 0, count, -1);
  Header header = {};
  read_header(reader, count, program, &header);
  read_buffers(reader, program, header);
  check_arguments(reader, *program);
  if (!reader.ok()) return false;
  const int64_t end = header.constant_words ? header.constants : count;
  int64_t at = reader.position();
  if (at > end) {
    reader.reject("the constant pool begins before the steps");
    return false;
  }
  for (int64_t i = 0; i < header.steps; i++) {
    Reader head(words, at, end, i);
    const int32_t kind = head.ranged("step kind", kTiles, kKernel);
    const int32_t length = head.ranged("step words", 2, INT32_MAX);
    if (head.ok() && length > end - at) head.reject("%d words reach beyond the program", length);
    if (!head.ok()) return false;
    Reader body(words, at + 2, at + length, i);
    if (!read_step(body, program, kind)) return false;
    at += length;
  }
  // One word may pad the constant pool to an even start.
  if (end - at > 1 || (end != at && !header.constant_words)) {
    reader.reject("%lld words follow the last step", (long long)(end - at));
    return false;
  }
  if (header.constant_words) {
    program->constants = static_cast<char *>(aligned_allocate(uint64_t(header.constant_words) * 4));
    if (!program->constants) {
      reader.reject("out of memory");
      return false;
    }
    memcpy(program->constants, words + header.constants, size_t(header.constant_words) * 4);
    if (header.constants + header.constant_words != count) {
      reader.reject("words follow the constant pool");
      return false;
    }
  }
  return true;
}

}  // namespace

Program *parse_program(const int32_t *words, uint64_t count, int depth) {
  if (!words) {
    fail("sinter_plan_create: the program is null");
    return nullptr;
  }
  if (count > uint64_t(kMaxWords)) {
    fail("program header: %llu words are too many", (unsigned long long)count);
    return nullptr;
  }
  void *memory = plain_resize(nullptr, sizeof(Program));
  if (!memory) {
    fail("out of memory");
    return nullptr;
  }
  Program *program = new (memory) Program();
  program->depth = depth;
  if (read_all(words, int64_t(count), program)) return program;
  release_program(program);
  return nullptr;
}

void release_program(Program *program) {
  if (!program) return;
  program->~Program();
  plain_release(program);
}

}  // namespace sinter
