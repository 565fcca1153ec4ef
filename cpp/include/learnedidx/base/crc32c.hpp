// CRC-32C: the checksum of files, that of iSCSI.
//   J. Stone, R. Stewart, D. Otis: Stream Control Transmission Protocol (SCTP) Checksum Change,
//   RFC 3309, 2002; test vectors: RFC 3720, 2004, appendix B.4.
//
// The polynomial 0x1EDC6F41, bits reversed. Eight bytes a step, by the processor's own instruction or
// by eight tables.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "learnedidx/base/cancellation.hpp"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define LIDX_CRC_INSTRUCTION 1
#include <nmmintrin.h>
#endif

namespace learnedidx {

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

// tables[k][b]: what byte b leaves behind when k bytes follow it.
constexpr CrcTables crc_tables() {
  constexpr std::uint32_t reversed = 0x82F63B78;
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >> 1) ^ reversed : crc >> 1;
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 255];
    }
  return tables;
}

inline constexpr CrcTables kCrcTables = crc_tables();

inline std::uint32_t crc_step(std::uint32_t crc, unsigned char byte) {
  return (crc >> 8) ^ kCrcTables[0][(crc ^ byte) & 255];
}

// The same on every processor, as the instruction must answer.
inline std::uint32_t crc32c_by_tables(std::uint32_t crc, const unsigned char* data, std::size_t bytes) {
  crc = ~crc;
  for (; bytes >= 8; data += 8, bytes -= 8) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const unsigned mixed = i < 4 ? data[i] ^ ((crc >> (8 * i)) & 255) : data[i];
      next ^= kCrcTables[7 - i][mixed];
    }
    crc = next;
  }
  for (; bytes > 0; ++data, --bytes) crc = crc_step(crc, *data);
  return ~crc;
}

#ifdef LIDX_CRC_INSTRUCTION
__attribute__((target("sse4.2"))) inline std::uint32_t crc32c_by_instruction(std::uint32_t crc, const unsigned char* data,
                                                                            std::size_t bytes) {
  std::uint64_t state = ~crc;
  for (; bytes >= 8; data += 8, bytes -= 8) {
    std::uint64_t eight;
    std::memcpy(&eight, data, sizeof eight);
    state = _mm_crc32_u64(state, eight);
  }
  auto small = static_cast<std::uint32_t>(state);
  for (; bytes > 0; ++data, --bytes) small = _mm_crc32_u8(small, *data);
  return ~small;
}
#endif

// The checksum of what `crc` is the checksum of (0: nothing), and data[0, bytes) after it. O(bytes).
inline std::uint32_t crc32c(std::uint32_t crc, const void* data, std::size_t bytes) {
  const auto* from = static_cast<const unsigned char*>(data);
#ifdef LIDX_CRC_INSTRUCTION
  if (__builtin_cpu_supports("sse4.2")) return crc32c_by_instruction(crc, from, bytes);
#endif
  return crc32c_by_tables(crc, from, bytes);
}

constexpr std::size_t kCrcLanes = 4;

// Memory, and a checksum that it is to be added to.
struct CrcLane {
  std::uint32_t crc = 0;
  const unsigned char* from = nullptr;
  std::size_t bytes = 0;
};

#ifdef LIDX_CRC_INSTRUCTION
__attribute__((target("sse4.2"))) inline void add_side_by_side(CrcLane* lanes) {
  std::size_t steps = lanes[0].bytes / 8;
  std::uint64_t states[kCrcLanes];
  for (std::size_t k = 0; k < kCrcLanes; ++k) {
    states[k] = ~lanes[k].crc;
    if (lanes[k].bytes / 8 < steps) steps = lanes[k].bytes / 8;
  }
  for (std::size_t i = 0; i < steps; ++i)
    for (std::size_t k = 0; k < kCrcLanes; ++k) {
      std::uint64_t eight;
      std::memcpy(&eight, lanes[k].from + 8 * i, sizeof eight);
      states[k] = _mm_crc32_u64(states[k], eight);
    }
  for (std::size_t k = 0; k < kCrcLanes; ++k) {
    lanes[k].crc = ~static_cast<std::uint32_t>(states[k]);
    lanes[k].from += 8 * steps;
    lanes[k].bytes -= 8 * steps;
  }
}
#endif

// Adds the memory of each of kCrcLanes to its checksum, side by side: the instruction takes three cycles, and waits for
// the one before it in its lane alone. O(bytes).
inline void crc32c_lanes(CrcLane* lanes) {
#ifdef LIDX_CRC_INSTRUCTION
  if (__builtin_cpu_supports("sse4.2")) add_side_by_side(lanes);
#endif
  for (std::size_t k = 0; k < kCrcLanes; ++k) {
    lanes[k].crc = crc32c(lanes[k].crc, lanes[k].from, lanes[k].bytes);
    lanes[k].bytes = 0;
  }
}

// Adds data[0, bytes) to a checksum; false if stopped. O(bytes).
inline bool add_to_crc(std::uint32_t& crc, const void* data, std::uint64_t bytes, Cancellation cancellation) {
  constexpr std::uint64_t piece = std::uint64_t{1} << 24;
  const auto* from = static_cast<const unsigned char*>(data);
  for (std::uint64_t at = 0; at < bytes; at += piece) {
    crc = crc32c(crc, from + at, static_cast<std::size_t>(bytes - at < piece ? bytes - at : piece));
    if (at > 0 && cancellation.requested()) return false;
  }
  return true;
}

}  // namespace learnedidx
