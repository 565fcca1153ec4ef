// Builds the words of a learned hash over distinct sorted codes, some of which may stand for several keys.
#pragma once

#include <cstring>
#include <utility>
#include <vector>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/filters/learned_hash.hpp"

namespace learnedidx {

class HashBuilder {
 public:
  // repeats: for each key that equals the one before, the number of its code. They ascend.
  HashBuilder(const Table<std::uint64_t>& codes, unsigned step, unsigned print_bits, std::uint64_t seed, Cancellation cancellation,
              Table<std::uint64_t> repeats = {})
      : codes_(codes), repeats_(std::move(repeats)), cancellation_(cancellation) {
    said_.layout = kHashLayout;
    said_.step = step;
    said_.keys = codes.size();
    said_.seed = seed;
    said_.print_bits = print_bits;
    said_.repeats = repeats_.size();
  }

  // False if stopped. O(n).
  bool build(Table<std::uint64_t>& words) {
    const HashParts bare(said_);  // without tables, whose sizes come of the segments
    words.assign(static_cast<std::size_t>(bare.tables[0]), 0);
    SeldomPoll poll(cancellation_);
    for (std::uint64_t s = 0; s < bare.segments; ++s) {
      add_segment(s, words.data() + bare.lines, words.data() + bare.knots);
      if (!poll.may_continue(said_.step)) return false;
    }
    if (bare.segments > 0) words[static_cast<std::size_t>(bare.knots + bare.segments)] = codes_.back();
    for (unsigned w = 0; w < kWidths; ++w) said_.count[w] = hashes_[w].size();
    const HashParts parts(said_);
    words.resize(static_cast<std::size_t>(parts.end), 0);
    for (unsigned w = 0; w < kWidths; ++w)
      if (said_.count[w] > 0 && !add_table(w, words.data() + parts.tables[w])) return false;
    if (said_.print_bits > 0) add_prints(reinterpret_cast<unsigned char*>(words.data() + parts.prints));
    if (said_.repeats > 0) add_repeats(words.data() + parts.repeats);
    std::memcpy(words.data(), &said_, sizeof said_);
    return true;
  }

 private:
  void add_segment(std::uint64_t segment, std::uint64_t* lines, std::uint64_t* knots) {
    const std::uint64_t step = said_.step, begin = segment * step, end = std::min<std::uint64_t>(begin + step, codes_.size());
    const std::uint64_t knot = codes_[begin], next = end < codes_.size() ? codes_[end] : codes_.back();
    std::uint64_t* line = lines + segment * step / 32;
    knots[segment] = knot;
    std::uint64_t bit = 0, bucket = 0;
    for (std::uint64_t i = begin; i < end;) {
      const std::uint64_t of = bucket_in(codes_[i], knot, next, step), first = i;
      bit += of - bucket;
      bucket = of;
      for (; i < end && bucket_in(codes_[i], knot, next, step) == of; ++i, ++bit) line[bit / 64] |= std::uint64_t{1} << (bit % 64);
      const unsigned width = width_for(i - first);
      for (std::uint64_t k = first; width > 0 && k < i; ++k) {
        hashes_[width - 1].push_back(mixed(codes_[k], said_.seed));
        values_[width - 1].push_back(static_cast<std::uint8_t>(k - first));
      }
    }
  }

  bool add_table(unsigned w, std::uint64_t* words) {
    std::vector<std::uint8_t> slots;
    const std::vector<std::uint64_t>& hashes = hashes_[w];
    if (!fuse_until_done(hashes.data(), hashes.size(), slots, static_cast<const std::uint8_t*>(values_[w].data()), said_.again[w], cancellation_))
      return false;
    pack_slots(slots, w + 1, words);
    return true;
  }

  void add_prints(unsigned char* prints) const {
    for (std::size_t i = 0; i < codes_.size(); ++i) {
      const std::uint64_t hash = mixed(codes_[i], said_.seed);
      if (said_.print_bits == 8) {
        prints[i] = static_cast<unsigned char>(hash >> 56);
      } else {
        prints[2 * i] = static_cast<unsigned char>(hash >> 48);
        prints[2 * i + 1] = static_cast<unsigned char>(hash >> 56);
      }
    }
  }

  void add_repeats(std::uint64_t* words) const {
    EliasFanoWriter writer(said_.repeats, said_.keys, low_bits_for(said_.repeats, said_.keys), words);
    for (const std::uint64_t at : repeats_) writer.add(at);
    writer.finish();
  }

  const Table<std::uint64_t>& codes_;
  Table<std::uint64_t> repeats_;
  Cancellation cancellation_;
  StoredHash said_{};
  std::vector<std::uint64_t> hashes_[kWidths];
  std::vector<std::uint8_t> values_[kWidths];
};

}  // namespace learnedidx
