// Families of keys for memtables, each with something that columns of bytes find hard.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "learnedidx/kernels/rows.hpp"

namespace tests {

// Instructions of the widest row are none that the thread sanitizer watches.
inline const learnedidx::Kernels& memtable_kernels() {
#ifdef LIDX_TSAN
  return learnedidx::scalar_kernels;
#else
  return learnedidx::widest_kernels();
#endif
}

struct KeyFamily {
  const char* name;
  std::string (*key)(std::mt19937_64&);
};

inline std::string big_endian_bytes(std::uint64_t number) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(number >> (56 - 8 * i));
  return bytes;
}

inline const std::vector<KeyFamily>& key_families() {
  using Random = std::mt19937_64;
  static const std::vector<KeyFamily> families = {
      {"8 random bytes", [](Random& random) { return big_endian_bytes(random()); }},
      {"16 bytes, 8 shared", [](Random& random) { return "tenant42" + big_endian_bytes(random()); }},
      {"like URLs",
       [](Random& random) {
         static const char* const hosts[] = {"https://example.com/", "https://www.example.org/a/", "http://b.example.net/"};
         return hosts[random() % 3] + std::to_string(random() % 50) + "/page-" + std::to_string(random() % 100000) + ".html";
       }},
      {"short, many zeros",  // ends tell many apart, and padding none
       [](Random& random) {
         std::string key(random() % 7, '\0');
         for (char& byte : key) byte = random() % 3 ? '\0' : static_cast<char>(random() % 3 * 0x7f);
         return key;
       }},
      {"long nested prefixes",
       [](Random& random) {
         std::string key(random() % 300, 'a');
         if (random() % 2) key += static_cast<char>(random());
         if (random() % 4 == 0 && key.size() > 1) key[random() % (key.size() / 2)] = 'b';
         return key + std::to_string(random() % 10);
       }},
  };
  return families;
}

}  // namespace tests
