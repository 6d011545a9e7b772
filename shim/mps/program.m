// program.m: reads a program and checks it completely, before anything of it is used.
#import "shim.h"

#include <stdlib.h>
#include <string.h>

enum { kMagic = 0x53504d53, kVersion = 1, kHeaderWords = 14, kMaxDepth = 32, kMaxRank = 16, kMaxValues = 1 << 22 };
enum { kVisible = 1, kIsFeed, kIsTarget };

typedef struct {
  SinterProgram *program;
  uint32_t at, end, values, calls, depth;
  uint8_t *seen;  // per value: whether it may be used here
} Reader;

#define REFUSE(...) FAIL(NO, "program, word %u: " __VA_ARGS__)

static BOOL take(Reader *r, uint32_t *word) {
  if (r->at >= r->end) return REFUSE("the section ends here, more was expected", r->at);
  *word = r->program->words[r->at++];
  return YES;
}

// A number of things that each take at least one word.
static BOOL take_count(Reader *r, uint32_t *count, const char *what) {
  if (!take(r, count)) return NO;
  return *count <= r->end - r->at || REFUSE("%u %s do not fit in the section", r->at - 1, *count, what);
}

static BOOL take_below(Reader *r, uint32_t *word, uint32_t limit, const char *what) {
  if (!take(r, word)) return NO;
  return *word < limit || REFUSE("%s %u, must be below %u", r->at - 1, what, *word, limit);
}

static BOOL take_used_value(Reader *r, uint32_t *value) {
  if (!take_below(r, value, r->values, "value")) return NO;
  return r->seen[*value] || REFUSE("value %u belongs to another block", r->at - 1, *value);
}

static BOOL make_values(Reader *r, uint32_t count) {
  if (count > r->program->values - r->values) return REFUSE("more values are made than the %u of the header", r->at - 1, r->program->values);
  memset(r->seen + r->values, kVisible, count);
  r->values += count;
  return YES;
}

static BOOL read_block(Reader *r);

static BOOL read_block_argument(Reader *r, uint32_t call) {
  uint32_t *facts = r->program->facts + (r->at - 1 - r->program->code), kind, parameters, results, value;
  const uint32_t first = facts[0] = r->values;
  if (!take_below(r, &kind, kBlockKinds, "block kind") || !take(r, &parameters)) return NO;
  if (kind == kBlockPlain ? parameters != 0 : kind == kBlockFor && parameters == 0) return REFUSE("a block of kind %u with %u parameters", r->at - 1, kind, parameters);
  if (!make_values(r, parameters) || !read_block(r) || !take_count(r, &results, "results")) return NO;
  if (kind == kBlockBefore && results == 0) return REFUSE("a block of kind %u without a predicate", r->at - 1, kind);
  for (uint32_t i = 0; i < results; i++)
    if (!take_used_value(r, &value)) return NO;
  memset(r->seen + first, 0, r->values - first);
  facts[1] = r->at;
  facts[2] = call;
  return YES;
}

// `place`: 0 an argument of a call, 1 inside a list, 2 a property.
static BOOL read_argument(Reader *r, uint32_t call, int place) {
  const SinterProgram *program = r->program;
  uint32_t kind, count, offset;
  if (!take_below(r, &kind, kArgumentKinds, "argument kind")) return NO;
  if (r->depth == kMaxDepth) return REFUSE("nesting is deeper than %d", r->at - 1, kMaxDepth);
  if (place != 0 && kind == kBlock) return REFUSE("a block inside a list or descriptor", r->at - 1);
  if (place == 1 && kind == kNull) return REFUSE("null inside a list", r->at - 1);
  r->depth++;
  switch (kind) {
    case kNull: break;
    case kValue:
      if (!take_used_value(r, &offset)) return NO;
      break;
    case kList:
      if (!take_count(r, &count, "list elements")) return NO;
      for (uint32_t i = 0; i < count; i++)
        if (!read_argument(r, call, 1)) return NO;
      break;
    case kString:
      if (!take_below(r, &offset, program->strings, "string")) return NO;
      break;
    case kBytes:
      if (!take(r, &offset) || !take(r, &count)) return NO;
      if (offset > program->data_bytes || count > program->data_bytes - offset)
        return REFUSE("%u bytes at %u are not in the data section of %u bytes", r->at - 2, count, offset, program->data_bytes);
      break;
    case kDescriptor:
      if (!take_below(r, &offset, program->strings, "string") || !take_count(r, &count, "properties")) return NO;
      for (uint32_t i = 0; i < count; i++)
        if (!take_below(r, &offset, program->strings, "string") || !read_argument(r, call, 2)) return NO;
      break;
    case kBlock:
      if (!read_block_argument(r, call)) return NO;
      break;
    default:  // numbers
      if (!take(r, &offset) || !take(r, &offset)) return NO;
  }
  r->depth--;
  return YES;
}

static BOOL read_call(Reader *r) {
  uint32_t *facts = r->program->facts + (r->at - r->program->code), word, kind, receiver, results, arguments;
  const uint32_t number = r->calls++;
  if (!take_below(r, &word, r->program->strings, "string") || !take_below(r, &kind, kReceiverKinds, "receiver kind")) return NO;
  if (kind == kReceiverValue ? !take_used_value(r, &receiver) : !take_below(r, &receiver, kind == kReceiverGraph ? 1 : r->program->strings, "receiver")) return NO;
  if (!take_below(r, &kind, kResultKinds, "result kind") || !take(r, &results)) return NO;
  if (kind != kResultList && results != kind) return REFUSE("result kind %u with %u results", r->at - 1, kind, results);
  if (!take_count(r, &arguments, "arguments")) return NO;
  for (uint32_t i = 0; i < arguments; i++)
    if (!read_argument(r, number, 0)) return NO;
  facts[0] = r->values;
  facts[1] = number;
  return make_values(r, results);
}

static BOOL read_block(Reader *r) {
  uint32_t calls;
  if (!take_count(r, &calls, "calls")) return NO;
  for (uint32_t i = 0; i < calls; i++)
    if (!read_call(r)) return NO;
  return YES;
}

// A feed or target: value, (flags,) data type, rank, sizes.
static BOOL read_record(Reader *r, SinterRecord *record, uint8_t mark) {
  if (!take_used_value(r, &record->value)) return NO;
  if (r->seen[record->value] != kVisible) return REFUSE("value %u is a feed or target already", r->at - 1, record->value);
  r->seen[record->value] = mark;
  if (mark == kIsFeed && !take_below(r, &record->is_inline, 2, "flags")) return NO;
  if (!take(r, &record->data_type) || !take_below(r, &record->rank, kMaxRank + 1, "rank")) return NO;
  const uint32_t bits = record->data_type & 0xffff;
  if (bits < 2 || bits > 64 || (bits & (bits - 1))) return REFUSE("data type 0x%x", r->at - 2, record->data_type);
  record->sizes = r->program->words + r->at;
  uint64_t elements = 1;
  for (uint32_t i = 0, size; i < record->rank; i++) {
    if (!take(r, &size)) return NO;
    if (size == 0 || size > INT32_MAX || (elements *= size) > INT32_MAX) return REFUSE("size %u; sizes and their product are 1 to 2^31 - 1", r->at - 1, size);
  }
  record->bytes = (elements * bits + 7) / 8;
  return !record->is_inline || record->bytes <= 8 || REFUSE("an inline feed of %llu bytes, at most 8", r->at - 1, (unsigned long long)record->bytes);
}

// UTF-8 without NUL, in its shortest form and without surrogates.
static BOOL is_text(const uint8_t *c, const uint8_t *end) {
  while (c < end) {
    const uint32_t lead = *c++;
    if (lead == 0 || (lead >= 0x80 && lead < 0xc2) || lead > 0xf4) return NO;
    const int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (end - c < more) return NO;
    uint32_t point = lead & (more ? 0x3fu >> more : 0x7fu);
    for (int i = 0; i < more; i++, c++) {
      if ((*c & 0xc0) != 0x80) return NO;
      point = point << 6 | (*c & 0x3f);
    }
    if ((more == 2 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) || (more == 3 && (point < 0x10000 || point > 0x10ffff))) return NO;
  }
  return YES;
}

// The section of `words` words at the byte offset in header word `header`.
static BOOL section(SinterProgram *program, uint32_t total, uint32_t header, uint64_t bytes, uint32_t *start) {
  const uint32_t offset = program->words[header];
  if (offset % 4 != 0 || offset < kHeaderWords * 4 || offset > total || bytes > total - offset)
    return REFUSE("a section of %llu bytes at %u in a program of %u bytes", header, (unsigned long long)bytes, offset, total);
  *start = offset / 4;
  return YES;
}

static BOOL read_all(SinterProgram *program, Reader *r, uint32_t total) {
  const uint32_t *words = program->words, end = total / 4;
  uint32_t feed_table, target_table;
  if (words[0] != kMagic || words[1] != kVersion) return REFUSE("magic 0x%x, version %u: not a program of version %d", 0, words[0], words[1], kVersion);
  if (words[2] != total) return REFUSE("%u bytes, %u given", 2, words[2], total);
  if (words[3] > kMaxValues) return REFUSE("%u values, at most %d", 3, words[3], kMaxValues);
  program->values = words[3];
  program->strings = words[4];
  program->data_bytes = words[7];
  program->feeds = words[8];
  program->targets = words[10];
  program->code_words = words[13];
  if (!section(program, total, 5, program->strings * 8ull, &program->string_table) || !section(program, total, 6, program->data_bytes, &program->data) ||
      !section(program, total, 9, program->feeds * 16ull, &feed_table) || !section(program, total, 11, program->targets * 12ull, &target_table) ||
      !section(program, total, 12, program->code_words * 4ull, &program->code))
    return NO;
  for (uint32_t i = 0; i < program->strings; i++) {
    const uint32_t word = program->string_table + 2 * i, offset = words[word], length = words[word + 1];
    const uint8_t *text = (const uint8_t *)words + offset;
    if (offset > total || length > total - offset) return REFUSE("string %u is not inside the program", word, i);
    if (!is_text(text, text + length)) return REFUSE("string %u is not UTF-8 text without NUL", word, i);
  }
  program->facts = calloc(program->code_words + 3ull, sizeof *program->facts);
  program->records = calloc(program->feeds + (size_t)program->targets + 1, sizeof *program->records);
  r->seen = calloc(program->values + 1ull, 1);
  if (!program->facts || !program->records || !r->seen) return FAIL(NO, "out of memory");
  r->at = program->code;
  r->end = program->code + program->code_words;
  if (!read_block(r)) return NO;
  if (r->at != r->end) return REFUSE("%u words behind the code's end", r->at, r->end - r->at);
  if (r->values != program->values) return REFUSE("%u values, the calls make %u", 3, program->values, r->values);
  r->end = end;
  r->at = feed_table;
  for (uint32_t i = 0; i < program->feeds; i++)
    if (!read_record(r, program->records + i, kIsFeed)) return NO;
  if (program->targets == 0) return REFUSE("no targets", 10);
  r->at = target_table;
  for (uint32_t i = 0; i < program->targets; i++)
    if (!read_record(r, program->records + program->feeds + i, kIsTarget)) return NO;
  return YES;
}

BOOL sinter_program_read(SinterProgram *program, const void *bytes, uint64_t length) {
  memset(program, 0, sizeof *program);
  if (!bytes || length < kHeaderWords * 4 || length > INT32_MAX || length % 4 != 0)
    return FAIL(NO, "program of %llu bytes: must be %d to 2^31 - 1 and a multiple of 4", (unsigned long long)length, kHeaderWords * 4);
  program->words = malloc(length);
  if (!program->words) return FAIL(NO, "out of memory");
  memcpy(program->words, bytes, length);
  Reader reader = {.program = program};
  const BOOL ok = read_all(program, &reader, (uint32_t)length);
  free(reader.seen);
  program->hash = 14695981039346656037u;  // FNV-1a, by words
  for (uint64_t i = 0; i < length / 4; i++) program->hash = (program->hash ^ program->words[i]) * 1099511628211u;
  return ok;
}

void sinter_program_free(SinterProgram *program) {
  free(program->words);
  free(program->records);
  free(program->facts);
}
