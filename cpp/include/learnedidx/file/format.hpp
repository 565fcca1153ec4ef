// The layout of a .lidx file: what stands where, as FORMAT.md draws it. Little-endian.
//
// A header of 128 bytes, a table of sections, and the sections: each begins at the first multiple of its
// alignment after the one before, with zeros between, and the file ends with the last. What can be
// computed from the rest is not stored, so that there is nothing to contradict it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/crc32c.hpp"
#include "learnedidx/base/key_types.hpp"
#include "learnedidx/models/btree.hpp"
#include "learnedidx/models/pgm.hpp"
#include "learnedidx/models/pieces.hpp"
#include "learnedidx/models/rmi.hpp"

namespace learnedidx {

constexpr unsigned char kMagic[8] = {0x89, 'L', 'D', 'X', '\r', '\n', 0x1A, '\n'};
constexpr std::uint16_t kMajor = 1, kMinor = 1;  // of what is new: strings, their layers, instants
constexpr std::uint16_t kFilterMinor = 2;         // filters
constexpr std::uint32_t kByteOrder = 0x04030201;

// What the numbers of keys mean beyond their format.
enum class Meaning : std::uint8_t { number, boolean, datetime, timedelta, instant };  // a datetime with a zone, in UTC
constexpr std::uint8_t kTimeUnits = 14;  // 0: no time; generic, years, ..., attoseconds as FORMAT.md lists them

// Can numbers of a kind mean that? Times have a unit, other numbers have none.
constexpr bool can_mean(std::uint8_t kind, std::uint8_t meaning, std::uint8_t time_unit, std::uint32_t time_multiple) {
  const bool times = meaning >= static_cast<std::uint8_t>(Meaning::datetime);
  if (kind >= kKeyTypes || meaning > static_cast<std::uint8_t>(Meaning::instant) || time_unit > kTimeUnits) return false;
  if (times != (time_unit > 0) || times != (time_multiple > 0)) return false;
  if (times) return kind == static_cast<std::uint8_t>(KeyType::i64);
  return meaning == static_cast<std::uint8_t>(Meaning::number) || kind == static_cast<std::uint8_t>(KeyType::u8);
}

// Which model a file holds: the tree and so on as in Model, and the table of answers.
enum class StoredModel : std::uint8_t { none, rmi, btree, radix_spline, pgm, direct };

struct FileHeader {
  unsigned char magic[8];
  std::uint16_t major, minor;
  std::uint32_t byte_order;
  std::uint64_t file_bytes;
  std::uint32_t sections;
  std::uint32_t header_crc;      // of header and table, with zero here
  std::uint8_t kind, meaning, model, time_unit;
  std::uint32_t time_multiple;
  std::uint64_t n, numbers;      // keys, and those that are neither NaN nor NaT
  std::uint64_t first, last;     // bits of the first key and of the last number
  std::uint32_t keys_crc;        // of all keys
  std::uint32_t sample_crc;      // of those at sampled_position
  unsigned char reserved[48];
};
static_assert(sizeof(FileHeader) == 128);

struct SectionEntry {
  char type[4];
  std::uint32_t required;        // 1: a reader that does not know the type must not go on
  std::uint64_t offset, bytes;
  std::uint32_t crc;
  std::uint32_t reserved;
};
static_assert(sizeof(SectionEntry) == 32);

constexpr std::size_t kMostSections = 48;
constexpr std::size_t kSectionAlignment = 64, kKeysAlignment = 4096;
constexpr std::uint64_t kMostKeys = std::uint64_t{1} << 48;
constexpr std::uint64_t kMostFileBytes = std::uint64_t{1} << 52;
constexpr std::size_t kMostMeta = 4096;

constexpr char kMeta[] = "META", kModel[] = "MODL", kKnots[] = "KNOT", kLeaves[] = "LEAF", kLines[] = "LINE",
               kErrors[] = "ERRS", kSeparators[] = "SEPS", kPointsX[] = "PNTX", kPointsY[] = "PNTY",
               kRadix[] = "RADX", kSplits[] = "SPLT", kBefore[] = "BEFO", kSegments[] = "SEGS", kCorrections[] = "CORR",
               kTable[] = "TABL", kKeys[] = "KEYS", kValues[] = "VALS", kStrings[] = "STRS", kLayer[] = "LAYR", kOffsets[] = "OFFS",
               kData[] = "DATA", kColumns[] = "COLS", kPlaces[] = "PLAC", kRuns[] = "RUNS", kFilter[] = "FLTR";

inline bool same_type(const char* a, const char* b) { return std::memcmp(a, b, 4) == 0; }

inline std::uint64_t aligned_up(std::uint64_t offset, std::uint64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

inline std::uint64_t alignment_of(const char* type) {
  return same_type(type, kKeys) ? kKeysAlignment : kSectionAlignment;
}

// Models as they stand in the section MODL, without their arrays.
struct StoredRmi {
  std::uint64_t low, high;       // of the domain: unsigned integers, or the bits of doubles
  std::uint32_t root_bits, stages, pieces, position_shift;
  std::uint32_t with_lines, reserved;
  std::uint64_t models[kMostStages];
  struct Piece {
    std::uint64_t low, high, bits;
  } piece[kMostPieces];
};

struct StoredTree {
  std::uint32_t node, reserved;
};

struct StoredSpline {
  std::uint64_t low, top;        // of the ordinals
  std::uint64_t n_points, epsilon, max_error;
  std::uint32_t radix_bits, with_corrections;
};

struct StoredPgm {
  std::uint64_t low, top;
  std::uint64_t epsilon, over, under;
  std::uint32_t levels, with_corrections;
  struct Level {
    std::uint64_t segments;
    std::uint64_t lift;
    std::uint32_t shift, wide;
  } level[kMostLevels];
};

struct StoredTable {
  std::uint32_t entry_bytes, reserved;
};

constexpr std::uint64_t kSampledKeys = 1024;

// The position of sampled key number i, for i < kSampledKeys and n > 0: spread over all, both ends in it.
constexpr std::uint64_t sampled_position(std::uint64_t i, std::uint64_t n) {
  const std::uint64_t gaps = kSampledKeys - 1, each = (n - 1) / gaps, rest = (n - 1) % gaps;
  return each * i + rest * i / gaps;
}

// Of the keys at the sampled positions. O(1).
inline std::uint32_t sampled_crc(const void* keys, std::uint64_t n, std::size_t item) {
  std::uint32_t crc = 0;
  for (std::uint64_t i = 0; n > 0 && i < kSampledKeys; ++i)
    crc = crc32c(crc, static_cast<const unsigned char*>(keys) + sampled_position(i, n) * item, item);
  return crc;
}

}  // namespace learnedidx
