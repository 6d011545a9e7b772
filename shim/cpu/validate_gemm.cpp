// validate_gemm.cpp: parses and checks a gemm step and its epilogue.
#include "reader.h"

namespace sinter {

namespace {

void read_matrix(Reader &reader, const Program &program, GemmStep::Matrix *matrix, const char *name, bool has_column) {
  matrix->buffer = reader.word("matrix buffer");
  matrix->offset = reader.quad("matrix offset");
  matrix->row = reader.quad("row stride");
  matrix->column = has_column ? reader.quad("column stride") : 1;
  if (reader.ok() && (matrix->buffer < 0 || matrix->buffer >= program.buffers.size())) reader.reject("matrix %s: buffer %d does not exist", name, matrix->buffer);
}

void check_matrix(Reader &reader, const Program &program, const GemmStep &step, const GemmStep::Matrix &matrix, const char *name, int64_t rows,
                  int64_t columns, int dtype) {
  int64_t dims[kMaxRank], strides[kMaxRank];
  for (int i = 0; i < step.rank; i++) {
    dims[i] = step.dims[i];
    strides[i] = matrix.batch[i];
  }
  dims[step.rank] = rows;
  strides[step.rank] = matrix.row;
  dims[step.rank + 1] = columns;
  strides[step.rank + 1] = matrix.column;
  const char *problem = check_reach(dims, strides, step.rank + 2, matrix.offset, kDtypeSizes[dtype], program.buffers[matrix.buffer].bytes);
  if (problem) reader.reject("matrix %s %s", name, problem);
}

void read_epilogue(Reader &reader, const Program &program, const GemmStep &step, TilesStep *epilogue) {
  const int64_t words = reader.remaining();
  if (reader.word("epilogue kind") != kTiles) reader.reject("the epilogue is no tiles step");
  if (reader.word("epilogue words") != words) reader.reject("the epilogue's own word count differs");
  if (!reader.ok()) return;
  Reader body(reader.words(), reader.position(), reader.position() + words - 2, reader.step());
  if (!validate_tiles(body, program, epilogue)) return reader.failed();
  bool same = epilogue->mode == kMap && epilogue->rank == step.rank + 2 && epilogue->dims[step.rank] == step.m && epilogue->dims[step.rank + 1] == step.n;
  for (int i = 0; i < step.rank; i++) same = same && epilogue->dims[i] == step.dims[i];
  if (!same) return reader.reject("the epilogue must be a map over (batch dimensions, m, n)");
  for (const RegisterDecl &reg : epilogue->registers) {
    if (reg.kind == kRow) return reader.reject("the epilogue has a row register");
  }
}

}  // namespace

bool validate_gemm(Reader &reader, const Program &program, GemmStep *step, TilesStep *epilogue, bool *has_epilogue) {
  step->dtype = reader.ranged("dtype", 0, kDtypes - 1);
  if (reader.ok() && step->dtype == kBool) reader.reject("matrices of bool");
  step->rank = reader.ranged("batch rank", 0, kMaxRank - 2);
  step->m = reader.size("m");
  step->n = reader.size("n");
  step->k = reader.size("k");
  read_matrix(reader, program, &step->a, "A", true);
  read_matrix(reader, program, &step->b, "B", true);
  read_matrix(reader, program, &step->c, "C", false);
  const int32_t epilogue_words = reader.ranged("epilogue words", 0, INT32_MAX);
  step->nanoseconds = reader.ranged("estimated nanoseconds", 0, INT32_MAX);
  step->batches = 1;
  for (int i = 0; i < step->rank; i++) {
    step->dims[i] = reader.size("batch dimension");
    if (!multiply(step->batches, step->dims[i], &step->batches)) reader.reject("too many batches");
  }
  for (GemmStep::Matrix *matrix : {&step->a, &step->b, &step->c}) {
    for (int i = 0; i < step->rank; i++) matrix->batch[i] = reader.quad("batch stride");
  }
  if (!reader.ok()) return false;
  int64_t work = step->batches ? step->batches : 1;
  for (int64_t size : {step->m, step->n, step->k}) {
    if (!multiply(work, size ? size : 1, &work) || work > kMaxProducts) {
      reader.reject("the product is too large");
      return false;
    }
  }
  const int result = step->dtype == kFloat16 || step->dtype == kBfloat16 ? int(kFloat32) : step->dtype;
  check_matrix(reader, program, *step, step->a, "A", step->m, step->k, step->dtype);
  check_matrix(reader, program, *step, step->b, "B", step->k, step->n, step->dtype);
  check_matrix(reader, program, *step, step->c, "C", step->m, step->n, result);
  const BufferDecl &target = program.buffers[step->c.buffer];
  if (target.kind != kOutput && target.kind != kArena) reader.reject("matrix C: buffer %d may not be written", step->c.buffer);
  if (step->m > 1 && step->n > 0 && step->c.row > -step->n && step->c.row < step->n) reader.reject("matrix C: rows overlap");
  for (int i = 0; i < step->rank; i++) {
    if (step->dims[i] > 1 && step->c.batch[i] == 0) reader.reject("matrix C: batches overlap");
  }
  if (!reader.ok()) return false;
  *has_epilogue = epilogue_words > 0;
  if (epilogue_words != reader.remaining()) {
    reader.reject("the epilogue has %d words but %lld follow", epilogue_words, (long long)reader.remaining());
  } else if (*has_epilogue) {
    read_epilogue(reader, program, *step, epilogue);
  }
  return reader.ok();
}

}  // namespace sinter
