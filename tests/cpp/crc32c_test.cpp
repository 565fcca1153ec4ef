// CRC-32C: the vectors of RFC 3720, and the instruction against the tables.
#include "learnedidx/base/crc32c.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "key_sets.hpp"

namespace {

using namespace learnedidx;

using Bytes = std::vector<unsigned char>;

// One bit at a time, as the polynomial is defined.
std::uint32_t by_bits(std::uint32_t crc, const unsigned char* data, std::size_t bytes) {
  crc = ~crc;
  for (std::size_t i = 0; i < bytes; ++i)
    for (unsigned bit = 0; bit < 8; ++bit) {
      const unsigned out = (crc ^ (unsigned{data[i]} >> bit)) & 1;
      crc = (crc >> 1) ^ (out ? 0x82F63B78u : 0u);
    }
  return ~crc;
}

Bytes random_bytes(std::size_t count) {
  tests::Random random(count);
  Bytes bytes(count);
  for (auto& byte : bytes) byte = static_cast<unsigned char>(random.bits());
  return bytes;
}

TEST_CASE("the vectors of RFC 3720, B.4") {
  Bytes rising(32), falling(32);
  for (std::size_t i = 0; i < 32; ++i) {
    rising[i] = static_cast<unsigned char>(i);
    falling[i] = static_cast<unsigned char>(31 - i);
  }
  const Bytes command = {0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0,
                         0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0};
  const struct {
    Bytes bytes;
    std::uint32_t crc;
  } vectors[] = {{Bytes(32, 0), 0x8a9136aa}, {Bytes(32, 0xff), 0x62a8ab43}, {rising, 0x46dd794e},
                 {falling, 0x113fdb5c}, {command, 0xd9963a56}};
  for (const auto& vector : vectors) {
    CHECK(crc32c(0, vector.bytes.data(), vector.bytes.size()) == vector.crc);
    CHECK(crc32c_by_tables(0, vector.bytes.data(), vector.bytes.size()) == vector.crc);
    CHECK(by_bits(0, vector.bytes.data(), vector.bytes.size()) == vector.crc);
  }
}

TEST_CASE("the nine digits that catalogues of checksums use") {
  const std::string digits = "123456789";
  CHECK(crc32c(0, digits.data(), digits.size()) == 0xe3069283);
  CHECK(crc32c(0, nullptr, 0) == 0);
}

TEST_CASE("every length up to 70 at every alignment, by instruction, by tables and bit by bit") {
  const Bytes bytes = random_bytes(96);
  for (std::size_t from = 0; from < 16; ++from)
    for (std::size_t length = 0; length <= 70; ++length)
      for (const std::uint32_t before : {0u, 0xffffffffu, 0x12345678u}) {
        const unsigned char* data = bytes.data() + from;
        const std::uint32_t right = by_bits(before, data, length);
        REQUIRE(crc32c(before, data, length) == right);
        REQUIRE(crc32c_by_tables(before, data, length) == right);
      }
}

TEST_CASE("a checksum goes on where the one before ended") {
  const Bytes bytes = random_bytes(70);
  const std::uint32_t whole = crc32c(0, bytes.data(), bytes.size());
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
    CHECK(crc32c(crc32c(0, bytes.data(), cut), bytes.data() + cut, bytes.size() - cut) == whole);
}

TEST_CASE("large data are added in pieces, and the work can be stopped") {
  const Bytes bytes = random_bytes((std::size_t{1} << 24) * 2 + 5);
  std::uint32_t crc = 0;
  CHECK(add_to_crc(crc, bytes.data(), bytes.size(), {}));
  CHECK(crc == crc32c(0, bytes.data(), bytes.size()));
  const Cancellation never = {[](void*) { return false; }, nullptr};
  CHECK_FALSE(add_to_crc(crc, bytes.data(), bytes.size(), never));
}

TEST_CASE("lanes side by side have the checksums that each has alone") {
  std::vector<unsigned char> bytes(4000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i * 131 + i / 7);
  for (std::size_t size = 0; size < 200; ++size) {
    CrcLane lanes[kCrcLanes];
    std::uint32_t alone[kCrcLanes];
    for (std::size_t k = 0; k < kCrcLanes; ++k) {
      lanes[k] = {static_cast<std::uint32_t>(k * size), bytes.data() + 900 * k + size, size * (k % 3) + k};
      alone[k] = crc32c(lanes[k].crc, lanes[k].from, lanes[k].bytes);
    }
    crc32c_lanes(lanes);
    for (std::size_t k = 0; k < kCrcLanes; ++k) CHECK(lanes[k].crc == alone[k]);
  }
}

}  // namespace
