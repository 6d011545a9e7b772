// validate_plain.cpp: parses and checks steps 3 to 9.
#include "reader.h"

namespace sinter {

namespace {

// Checks that a buffer exists, may be used so, and holds `count` elements.
void check_buffer(Reader &reader, const Program &program, const char *name, int32_t buffer, int64_t count, int64_t element_bytes, bool written) {
  if (!reader.ok()) return;
  if (buffer < 0 || buffer >= program.buffers.size()) return reader.reject("%s buffer %d does not exist", name, buffer);
  const BufferDecl &decl = program.buffers[buffer];
  if (written && decl.kind != kOutput && decl.kind != kArena) return reader.reject("%s buffer %d may not be written", name, buffer);
  int64_t bytes;
  if (!multiply(count, element_bytes, &bytes) || bytes > decl.bytes) {
    reader.reject("%s buffer %d has %lld bytes; %lld elements of %lld are needed", name, buffer, (long long)decl.bytes, (long long)count, (long long)element_bytes);
  }
}

int64_t product(Reader &reader, int64_t a, int64_t b, int64_t c) {
  int64_t result = 1;
  for (int64_t size : {a, b, c}) {
    if (!multiply(result, size ? size : 1, &result) || result > kMaxValues) {
      reader.reject("the sizes are too large");
      return 0;
    }
  }
  return a && b && c ? result : 0;
}

int index_bytes(Reader &reader, int32_t dtype) {
  if (reader.ok() && dtype != kInt32 && dtype != kInt64) reader.reject("index dtype %d is neither int32 nor int64", dtype);
  return dtype == kInt64 ? 8 : 4;
}

void read_sizes(Reader &reader, PlainStep *step, bool has_inner) {
  step->outer = reader.size("outer");
  step->axis = reader.size("axis");
  step->inner = has_inner ? reader.size("inner") : 1;
}

void read_scan(Reader &reader, const Program &program, PlainStep *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->op = reader.ranged("op", 0, 3);
  step->exclusive = reader.ranged("exclusive", 0, 1);
  step->reverse = reader.ranged("reverse", 0, 1);
  read_sizes(reader, step, true);
  step->source = reader.word("source");
  step->target = reader.word("target");
  const int64_t count = product(reader, step->outer, step->axis, step->inner);
  check_buffer(reader, program, "source", step->source, count, kDtypeSizes[step->dtype], false);
  check_buffer(reader, program, "target", step->target, count, kDtypeSizes[step->dtype], true);
}

void read_arg_reduce(Reader &reader, const Program &program, PlainStep *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->op = reader.ranged("op", 0, 1);
  read_sizes(reader, step, true);
  step->source = reader.word("source");
  step->target = reader.word("target");
  if (step->axis == 0 && step->outer * step->inner > 0) reader.reject("the axis is empty");
  if (step->axis > INT32_MAX) reader.reject("axis %lld does not fit int32", (long long)step->axis);
  check_buffer(reader, program, "source", step->source, product(reader, step->outer, step->axis, step->inner), kDtypeSizes[step->dtype], false);
  check_buffer(reader, program, "target", step->target, product(reader, step->outer, 1, step->inner), 4, true);
}

void read_take(Reader &reader, const Program &program, int32_t kind, PlainStep *step) {
  step->dtype = reader.word("element bytes");
  if (reader.ok() && step->dtype != 1 && step->dtype != 2 && step->dtype != 4 && step->dtype != 8) reader.reject("element bytes is %d", step->dtype);
  step->index_dtype = reader.word("index dtype");
  read_sizes(reader, step, true);
  step->count = reader.size("count");
  step->source = reader.word("source");
  step->indices = reader.word("indices");
  step->target = reader.word("target");
  const int64_t result = product(reader, step->outer, step->count, step->inner);
  check_buffer(reader, program, "source", step->source, product(reader, step->outer, step->axis, step->inner), step->dtype, false);
  check_buffer(reader, program, "indices", step->indices, kind == kTake ? step->count : result, index_bytes(reader, step->index_dtype), false);
  check_buffer(reader, program, "target", step->target, result, step->dtype, true);
}

void read_add(Reader &reader, const Program &program, int32_t kind, PlainStep *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->index_dtype = reader.word("index dtype");
  read_sizes(reader, step, true);
  step->count = reader.size("count");
  step->source = reader.word("base");
  step->indices = reader.word("indices");
  step->updates = reader.word("updates");
  step->target = reader.word("target");
  const int bytes = kDtypeSizes[step->dtype];
  const int64_t result = product(reader, step->outer, step->axis, step->inner), updates = product(reader, step->outer, step->count, step->inner);
  check_buffer(reader, program, "base", step->source, result, bytes, false);
  check_buffer(reader, program, "indices", step->indices, kind == kIndexAdd ? step->count : updates, index_bytes(reader, step->index_dtype), false);
  check_buffer(reader, program, "updates", step->updates, updates, bytes, false);
  check_buffer(reader, program, "target", step->target, result, bytes, true);
}

void read_argsort(Reader &reader, const Program &program, PlainStep *step) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  step->op = reader.ranged("descending", 0, 1);
  read_sizes(reader, step, false);
  step->source = reader.word("source");
  step->target = reader.word("target");
  if (step->axis > INT32_MAX) reader.reject("axis %lld does not fit int32", (long long)step->axis);
  const int64_t count = product(reader, step->outer, step->axis, 1);
  check_buffer(reader, program, "source", step->source, count, kDtypeSizes[step->dtype], false);
  check_buffer(reader, program, "target", step->target, count, 4, true);
}

}  // namespace

bool validate_plain(Reader &reader, const Program &program, int32_t kind, PlainStep *step) {
  switch (kind) {
    case kScan: read_scan(reader, program, step); break;
    case kArgReduce: read_arg_reduce(reader, program, step); break;
    case kTake:
    case kTakeAlong: read_take(reader, program, kind, step); break;
    case kIndexAdd:
    case kScatterAdd: read_add(reader, program, kind, step); break;
    default: read_argsort(reader, program, step);
  }
  if (reader.ok() && reader.remaining() != 0) reader.reject("%lld words too many", (long long)reader.remaining());
  return reader.ok();
}

}  // namespace sinter
