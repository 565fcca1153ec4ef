// How a model is chosen and fitted, and the words that a file keeps of that.
#pragma once

#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "learnedidx/base/key_traits.hpp"
#include "learnedidx/file/format.hpp"

namespace learnedidx {

// automatic: the rule of Python's model="auto", which needs no clock (fitting/fitted.hpp). direct: keys of 8 and 16 bits.
enum class Choice : std::uint8_t { automatic, none, rmi, btree, radix_spline, pgm, direct };

// 0 stands for what each model takes by default.
struct BuildOptions {
  Choice model = Choice::automatic;
  std::uint64_t epsilon = 0;  // the largest error of a PGM (64) or spline (32), in positions; at most 2^62
  std::uint64_t leaves = 0;   // of an RMI: one for 32 keys, above 30 million keys for 64
  unsigned radix_bits = 0;    // of a spline: 1 to 24; by the number of its points
  unsigned node = 0;          // separators in a node of a tree: 8, or 16 (16)
};

constexpr std::uint64_t kMostEpsilon = std::uint64_t{1} << 62, kMostPgmEpsilon = std::uint64_t{1} << 40;
constexpr std::uint64_t kMostLeaves = std::uint64_t{1} << 31, kFreeLeaves = std::uint64_t{1} << 20, kMostLeavesAKey = 4;
constexpr std::uint64_t kDefaultPgmEpsilon = 64, kDefaultSplineEpsilon = 32;
constexpr unsigned kMostBitsOfRadix = 24, kDefaultNode = 16;

// May n keys of type K get a model like that? More leaves than 4 a key, and than 2^20, would take memory and nothing else.
template <class K> bool can_build(const BuildOptions& options, std::uint64_t n) {
  const std::uint64_t leaves = kMostLeavesAKey * n > kFreeLeaves ? kMostLeavesAKey * n : kFreeLeaves;
  if (options.model > Choice::direct || (options.model == Choice::direct && !kIsNarrow<K>)) return false;
  if (options.epsilon > kMostEpsilon || options.radix_bits > kMostBitsOfRadix) return false;
  if (options.leaves > kMostLeaves || options.leaves > leaves) return false;
  return options.node == 0 || options.node == 8 || options.node == 16;
}

// The parameters of a model as the Python library writes them into the section META: the same model gives the same bytes.
// values: what it says of values, or null.
class MetaText {
 public:
  MetaText(Choice model, const BuildOptions& options, const char* values = nullptr) {
    char inside[96];
    write_parameters(model, options, inside, sizeof inside);
    const bool fitted = model != Choice::none;
    const char* comma = fitted && values != nullptr ? "," : "";
    const int written = fitted ? std::snprintf(text_, sizeof text_, R"({"distillation_error":0.0,"parameters":{%s}%s%s})", inside,
                                               comma, values != nullptr ? values : "")
                               : std::snprintf(text_, sizeof text_, "{%s}", values != nullptr ? values : "");
    size_ = static_cast<std::size_t>(written);
  }

  const char* data() const { return text_; }
  std::size_t size() const { return size_; }

 private:
  static void write_parameters(Choice model, const BuildOptions& options, char* to, std::size_t room) {
    char number[24] = "null";
    to[0] = '\0';
    if (model == Choice::pgm) {
      std::snprintf(to, room, R"("epsilon":%)" PRIu64, options.epsilon > 0 ? options.epsilon : kDefaultPgmEpsilon);
    } else if (model == Choice::btree) {
      std::snprintf(to, room, R"("node":%u)", options.node > 0 ? options.node : kDefaultNode);
    } else if (model == Choice::rmi) {
      if (options.leaves > 0) std::snprintf(number, sizeof number, "%" PRIu64, options.leaves);
      std::snprintf(to, room, R"("leaf":"interpolate","n_leaves":%s,"root":"histogram")", number);
    } else if (model == Choice::radix_spline) {
      if (options.radix_bits > 0) std::snprintf(number, sizeof number, "%u", options.radix_bits);
      const std::uint64_t epsilon = options.epsilon > 0 ? options.epsilon : kDefaultSplineEpsilon;
      std::snprintf(to, room, R"("epsilon":%)" PRIu64 R"(,"radix_bits":%s)", epsilon, number);
    }
  }

  char text_[320];
  std::size_t size_ = 0;
};

}  // namespace learnedidx
