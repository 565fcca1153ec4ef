// Builds a range filter: which strategy fits a budget of bits, where the segments end, and the words of it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/filters/distinct_codes.hpp"
#include "learnedidx/filters/range_filter.hpp"

namespace learnedidx {

enum class RangeChoice : std::uint8_t { automatic, exact, robust, learned };

constexpr double kWidest = 0x1.ffffp63;  // universe of segments
constexpr double kFewBits = 2048;         // that any filter may take
constexpr std::size_t kKnotKeys = 256;  // of a segment that is not exact, at most

// Sorts numbers of so many bits, 11 bits a pass. O(n).
inline bool sort_slots(Table<std::uint64_t>& slots, unsigned bits, Cancellation cancellation) {
  constexpr unsigned digit = 11;
  constexpr std::uint64_t mask = (1u << digit) - 1;
  Table<std::uint64_t> other(slots.size());
  for (unsigned shift = 0; shift < bits; shift += digit) {
    std::array<std::size_t, mask + 1> places{};
    for (const std::uint64_t slot : slots) ++places[(slot >> shift) & mask];
    std::size_t before = 0;
    for (std::size_t& place : places) before += std::exchange(place, before);
    for (const std::uint64_t slot : slots) other[places[(slot >> shift) & mask]++] = slot;
    slots.swap(other);
    if (cancellation.requested()) return false;
  }
  return true;
}

// Where sorted codes are cut into segments: at gaps of a size or more.
struct GapPlan {
  unsigned gap = 0;            // the smallest kind
  std::uint64_t segments = 1;
  std::uint64_t universe = 1;  // codes between ends of segments, cut off at kWidest
  double bits = 0;             // of the whole filter
};

class RangeBuilder {
 public:
  // codes: distinct, ascending.
  RangeBuilder(Table<std::uint64_t>& codes, RangeChoice choice, double bits, std::uint64_t seed, Cancellation cancellation)
      : codes_(codes), choice_(choice), bits_(bits), cancellation_(cancellation) {
    said_.keys = said_.n = codes.size();
    said_.universe = 1;
    said_.seed = seed;
  }

  // The words of the filter. False if stopped.
  bool build(Table<std::uint64_t>& words) {
    if (codes_.empty()) segments_.push_back(1), said_.seed = 0;
    else if (!choose()) return false;
    const std::size_t total = static_cast<std::size_t>(range_filter_words(said_));
    words.assign(total, 0);
    std::memcpy(words.data(), &said_, sizeof said_);
    EliasFanoWriter writer(said_.n, said_.universe, said_.low_bits, words.data() + sizeof said_ / 8);
    SeldomPoll poll(cancellation_);
    for (std::size_t i = 0; i < codes_.size(); ++i) {
      writer.add(codes_[i]);
      if ((i & 0xffff) == 0xffff && !poll.may_continue(0x10000)) return false;
    }
    writer.finish();
    std::copy(segments_.begin(), segments_.end(), words.end() - static_cast<std::ptrdiff_t>(segments_.size()));
    return true;
  }

 private:
  // Codes become slots.
  bool choose() {
    const GapPlan exact = best_cut();
    const double budget = std::max({bits_ * static_cast<double>(said_.keys), robust_bits(), kFewBits});
    if (choice_ == RangeChoice::exact || (choice_ == RangeChoice::automatic && exact.bits <= budget)) return cut(exact, 0);
    if (choice_ == RangeChoice::learned) return cut(exact, slots_a_key());
    return shift();
  }

  // Slots for each key that the budget pays for: a key takes low_bits + 16/15 + 1.129 * buckets a key.
  std::uint64_t slots_a_key() const {
    constexpr double ones = 512.0 / 480, buckets = ones + 32.0 / 512;
    const double left = bits_ - ones - buckets;
    const int low = left < 0 ? 0 : static_cast<int>(left);
    const double each = std::min(std::max((bits_ - ones - low) / buckets, 1.0), 2.0);
    return std::min(static_cast<std::uint64_t>(std::ldexp(each, low)), kMostUniverse / 2 / (said_.keys + 1));
  }

  double robust_bits() const { return size_of(robust_universe(), said_.keys, 1); }
  std::uint64_t robust_universe() const { return slots_a_key() * std::max<std::uint64_t>(said_.keys, 2); }

  static double size_of(std::uint64_t universe, std::uint64_t n, std::uint64_t segments) {
    StoredRangeFilter said{};
    said.n = n;
    said.universe = universe;
    said.low_bits = low_bits_for(n, universe);
    said.segments = segments;
    return 64.0 * static_cast<double>(range_filter_words(said));
  }

  bool shift() {
    said_.strategy = static_cast<std::uint32_t>(RangeStrategy::robust);
    said_.universe = robust_universe();
    said_.block_bits = width_of(said_.universe) - 1;
    said_.segments = 1;
    segments_ = {codes_.front(), codes_.back(), 0, said_.universe};
    const ShiftMap map{said_.universe, said_.seed, said_.block_bits};
    SeldomPoll poll(cancellation_);
    for (std::size_t i = 0; i < codes_.size(); ++i) {
      codes_[i] = map.slot(codes_[i]);
      if ((i & 0xffff) == 0xffff && !poll.may_continue(0x10000)) return false;
    }
    if (!sort_slots(codes_, width_of(said_.universe), cancellation_)) return false;
    settle();
    return true;
  }

  // Segments that end at gaps of the plan, and of so many keys at most; with so many slots for each key, 0: one for each code.
  bool cut(const GapPlan& plan, std::uint64_t each) {
    std::vector<std::uint64_t> firsts, lasts, bases;
    std::uint64_t universe = 0;
    said_.strategy = static_cast<std::uint32_t>(RangeStrategy::exact);
    SeldomPoll poll(cancellation_);
    for (std::size_t begin = 0, end = 0; begin < codes_.size(); begin = end) {
      const std::size_t most = each == 0 ? codes_.size() : std::min(codes_.size(), begin + kKnotKeys);
      for (end = begin + 1; end < most && kind_of(codes_[end] - codes_[end - 1]) < plan.gap;) ++end;
      firsts.push_back(codes_[begin]);
      lasts.push_back(codes_[end - 1]);
      bases.push_back(universe);
      universe += slots_of(lasts.back() - firsts.back(), each == 0 ? ~std::uint64_t{0} : each * (end - begin));
      if (!poll.may_continue(end - begin)) return false;
    }
    said_.seed = 0;
    said_.universe = universe;
    said_.segments = firsts.size();
    segments_ = std::move(firsts);
    segments_.insert(segments_.end(), lasts.begin(), lasts.end());
    segments_.insert(segments_.end(), bases.begin(), bases.end());
    segments_.push_back(universe);
    place_in_segments();
    return true;
  }

  // One for each code, where these are no more than `most`.
  std::uint64_t slots_of(std::uint64_t span, std::uint64_t most) {
    if (span < most) return span + 1;
    said_.strategy = static_cast<std::uint32_t>(RangeStrategy::learned);
    return std::min(most, SegmentMap::kMostSlots);
  }

  void place_in_segments() {
    const SegmentMap map(said_.segments, said_.universe, segments_.data());
    std::uint64_t at = 0;
    for (std::uint64_t& code : codes_) {
      while (at + 1 < said_.segments && segments_[at + 1] <= code) ++at;
      code = map.slot(code, at);
    }
    settle();
  }

  // Each slot once.
  void settle() {
    codes_.erase(std::unique(codes_.begin(), codes_.end()), codes_.end());
    said_.n = codes_.size();
    said_.low_bits = low_bits_for(said_.n, said_.universe);
  }

  // The cheapest of all cuts at gaps from 2^(t/4) on. O(n).
  GapPlan best_cut() const {
    constexpr unsigned kinds = 4 * 64;
    std::array<std::uint64_t, kinds + 1> count{};
    std::array<double, kinds + 1> sum{};
    for (std::size_t i = 1; i < codes_.size(); ++i) {
      const std::uint64_t gap = codes_[i] - codes_[i - 1];
      ++count[kind_of(gap)];
      sum[kind_of(gap)] += static_cast<double>(gap);
    }
    GapPlan best;
    double inside = 0;
    std::uint64_t segments = codes_.size();
    for (unsigned kind = 0; kind <= kinds; ++kind) {  // cut where a gap is of this kind or a larger one
      const double wide = inside + static_cast<double>(segments);
      GapPlan plan;
      plan.gap = kind;
      plan.segments = segments;
      plan.universe = static_cast<std::uint64_t>(std::min(wide, kWidest));
      plan.bits = wide < kWidest ? size_of(plan.universe, codes_.size(), segments) : std::numeric_limits<double>::infinity();
      if (kind == 0 || plan.bits < best.bits) best = plan;
      if (kind == kinds) break;
      inside += sum[kind];
      segments -= count[kind];
    }
    return best;
  }

  // A number that never falls as gaps grow: four for each doubling.
  static unsigned kind_of(std::uint64_t gap) {
    const unsigned width = width_of(gap) - 1;
    const std::uint64_t next = width >= 2 ? gap >> (width - 2) : gap << (2 - width);
    return width * 4 + static_cast<unsigned>(next & 3);
  }

  Table<std::uint64_t>& codes_;
  RangeChoice choice_;
  double bits_;
  Cancellation cancellation_;
  StoredRangeFilter said_{};
  std::vector<std::uint64_t> segments_;
};

}  // namespace learnedidx
