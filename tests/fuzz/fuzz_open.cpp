// Fuzzes opening: any bytes are refused, or answer as their keys do. Each input is opened as it is and, if
// it was refused, with header, table and checksums made right, so that the checks behind them are reached.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "files_for_tests.hpp"
#include "filter_questions.hpp"
#include "questions.hpp"
#include "string_files.hpp"

namespace {

using namespace learnedidx;

// Reports as sanitizers do, so that the fuzzer keeps the input.
void require_right(const char* wrong) {
  if (wrong == nullptr) return;
  std::fprintf(stderr, "wrong: %s\n", wrong);
  std::abort();
}

// Rows take turns: every input meets one.
const Kernels& row_for(std::uint64_t seed) {
  const KernelRows rows = available_kernels();
  return *rows.rows[seed % rows.count];
}

FileStatus open_and_ask(const tests::Bytes& bytes) {
  OpenedFile file;
  const FileStatus status = open_file(bytes.data(), bytes.size(), file, true);
  if (status != FileStatus::ok) return status;
  const std::uint64_t seed = crc32c(0, bytes.data(), bytes.size());
  for (const SectionEntry& entry : file.sections) verify_section(file, entry);
  if (const SectionEntry* filter = file.find(kFilter)) tests::ask_filter(file.data + filter->offset, filter->bytes, seed);
  OpenedFilter opened;
  const FileStatus of_filter = open_filter(bytes.data(), bytes.size(), opened);
  if ((of_filter == FileStatus::ok) != (opened.form != FilterForm::none)) require_right("a filter that was refused is open");
  const std::size_t queries = seed % 16 == 0 ? 300 : 40;  // now and then more than a group
  if (!file.holds_strings) {
    require_right(tests::wrong_answer(file, row_for(seed), seed, queries));
    return status;
  }
  bool opens = false;
  require_right(tests::wrong_strings(bytes, row_for(seed), seed, queries, opens));
  return opens ? status : FileStatus::bad_sections;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tests::Bytes bytes(data, data + size);  // on a multiple of 8, and with nothing behind it
  if (open_and_ask(bytes) == FileStatus::ok) return 0;
  tests::make_right(bytes);
  if (open_and_ask(bytes) == FileStatus::bad_checksum) require_right("a file that was signed is not believed");
  return 0;
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

// Most of the bytes of a file are keys and pads. So that every part gets its share, one part is
// chosen and mutated in place: header, table, a section, or a part of the file that a layer is.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  tests::Random random(seed);
  const tests::Outline outline(tests::Bytes(data, data + size));
  const std::size_t parts = outline.sections.size() + 2, part = random.below(parts + 1);
  std::size_t from = 0, length = std::min(size, sizeof(FileHeader));
  if (part == parts || size < sizeof(FileHeader)) return LLVMFuzzerMutate(data, size, most);
  if (part == 1) {
    from = sizeof(FileHeader);
    length = outline.table_end() - from;
  } else if (part >= 2) {
    const SectionEntry& entry = outline.sections[part - 2];
    if (entry.offset >= size) return LLVMFuzzerMutate(data, size, most);
    from = static_cast<std::size_t>(entry.offset);
    length = static_cast<std::size_t>(std::min<std::uint64_t>(entry.bytes, size - from));
    if (same_type(entry.type, kLayer) && length < size && random.below(8) > 0) {
      LLVMFuzzerCustomMutator(data + from, length, length, seed + 1);
      return size;
    }
  }
  if (length == 0) return LLVMFuzzerMutate(data, size, most);
  LLVMFuzzerMutate(data + from, length, length);
  return size;
}
