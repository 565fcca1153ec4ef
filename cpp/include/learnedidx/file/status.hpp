// What may be wrong with a file, and the sentences that say so.
#pragma once

#include <cstdint>

namespace learnedidx {

enum class FileStatus : std::uint8_t {
  ok, foreign, truncated, newer, byte_order, longer, bad_header, bad_checksum, bad_table, unknown_section, bad_padding,
  bad_sections, bad_model, bad_ends, damaged_section, unsorted, bad_filter, no_filter
};

// What is wrong, as a sentence without its subject.
inline const char* message(FileStatus status) {
  switch (status) {
    case FileStatus::ok: return "is whole";
    case FileStatus::foreign: return "is no .lidx file: it does not begin with the bytes of one";
    case FileStatus::truncated: return "is truncated: it is shorter than its header says";
    case FileStatus::newer: return "was written by a newer version of learnedidx, whose format this one cannot read";
    case FileStatus::byte_order: return "is not little-endian";
    case FileStatus::longer: return "is longer than its header says";
    case FileStatus::bad_header: return "is damaged: a field of its header has a value that cannot be";
    case FileStatus::bad_checksum: return "is damaged: the checksum of its header does not match";
    case FileStatus::bad_table: return "is damaged: its sections do not follow each other to its end";
    case FileStatus::unknown_section: return "needs a section that this version of learnedidx does not know";
    case FileStatus::bad_padding: return "is damaged: bytes between its sections are not zero";
    case FileStatus::bad_sections: return "is damaged: its sections are not those of its model, or not as long";
    case FileStatus::bad_model: return "is damaged: a number in the description of its model cannot be";
    case FileStatus::bad_ends: return "is damaged: its first or last key is not the one that its header names";
    case FileStatus::damaged_section: return "is damaged: the checksum of a section does not match";
    case FileStatus::unsorted: return "is damaged: its keys are not sorted";
    case FileStatus::bad_filter: return "is damaged: a number in the description of its filter cannot be";
    case FileStatus::no_filter: return "holds no filter";
  }
  return "has an unknown status";
}

}  // namespace learnedidx
