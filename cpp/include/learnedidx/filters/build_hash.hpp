// Builds the words of a learned hash over distinct sorted codes, or sorted strings, some of which may stand for several keys.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/filters/learned_hash.hpp"

namespace learnedidx {

// equal_hashes: two keys have one hash of 64 bits, so that another seed is needed. many_repeats: more than files can say.
enum class HashBuilt : std::uint8_t { done, stopped, equal_hashes, many_repeats };

// Counts the bytes that tell sorted strings apart, and so how much room each deserves.
class ShareCounts {
 public:
  void add(const Slice& before, const Slice& string) {
    std::size_t at = common_prefix(before, string);
    for (const std::size_t end = at + kCounted; at < end && at < string.size; ++at) ++counts_[string.data[at] + 1];
    if (at == string.size) ++counts_[0];
  }

  using Begins = std::array<std::uint16_t, 256>;

  Begins begins() const {
    const double room = (1 << kShareBits) - 257;  // each gets one
    std::uint64_t total = 1, before = 0;
    for (const std::uint64_t count : counts_) total += count;
    Begins begins{};
    for (unsigned byte = 0; byte < 256; ++byte) {
      before += counts_[byte];
      begins[byte] = static_cast<std::uint16_t>(byte + 1 + static_cast<unsigned>(static_cast<double>(before) / static_cast<double>(total) * room));
    }
    return begins;
  }

 private:
  static constexpr std::size_t kCounted = 4;
  std::uint64_t counts_[257] = {};  // of the end of a string, and of the bytes
};

class HashBuilder {
 public:
  HashBuilder(unsigned step, unsigned print_bits, std::uint64_t seed, Cancellation cancellation) : cancellation_(cancellation), poll_(cancellation) {
    said_.step = step;
    said_.seed = seed;
    said_.print_bits = print_bits;
  }

  // repeats: for each key that equals the one before, the number of its code. They ascend. O(n).
  HashBuilt build(const Table<std::uint64_t>& codes, const Table<std::uint64_t>& repeats, Table<std::uint64_t>& words) {
    said_.layout = kHashLayout;
    std::uint64_t hashes[256];
    for (std::size_t begin = 0; begin < codes.size(); begin += said_.step) {
      const std::size_t m = std::min<std::size_t>(said_.step, codes.size() - begin), end = begin + m;
      for (std::size_t i = 0; i < m; ++i) hashes[i] = mixed(codes[begin + i], said_.seed);
      knots_.push_back(codes[begin]);
      add_segment(codes.data() + begin, hashes, m, end < codes.size() ? codes[end] : codes.back());
      if (!poll_.may_continue(m)) return HashBuilt::stopped;
    }
    knots_.push_back(codes.empty() ? 0 : codes.back());
    return finish(repeats, words);
  }

  // O(bytes of all strings).
  HashBuilt build(const Strings& strings, Table<std::uint64_t>& words) {
    said_.layout = kStringHashLayout;
    const bool went_on = visit_strings(strings, [&](const auto& column) {
      ShareCounts counts;
      const bool counted = each_distinct(column, strings.n, [&](const Slice& string, const Slice& before, bool) { counts.add(before, string); });
      if (!counted) return false;
      shares_ = counts.begins();
      if (strings.n > 0) share(column[0], column[strings.n - 1]);
      const bool added = each_distinct(column, strings.n, [&](const Slice& string, const Slice& before, bool is_first) {
        if (segment_.size() == said_.step) add_strings();
        if (segment_.empty()) add_separator(before, string, is_first);
        segment_.push_back(string);
      });
      if (!segment_.empty()) add_strings();
      return added;
    });
    if (!went_on) return HashBuilt::stopped;
    knots_.insert(knots_.begin(), heads_.begin(), heads_.end());
    knots_.insert(knots_.end(), places_.begin(), places_.end());
    return text_.size() > kMostText ? HashBuilt::many_repeats : finish(repeats_, words);
  }

 private:
  // add(string, the one before it, whether it is the first): for strings that do not equal the one before. False if stopped.
  template <class Column, class Add> bool each_distinct(const Column& column, std::size_t n, Add&& add) {
    Slice before{};
    std::uint64_t distinct = 0;
    repeats_.clear();
    for (std::size_t i = 0; i < n; ++i) {
      const Slice string = column[i];
      if (i > 0 && compare(string, before) == 0) repeats_.push_back(distinct - 1);
      else add(string, before, distinct++ == 0);
      before = string;
      if (!poll_.may_continue(4)) return false;
    }
    return true;
  }

  void share(const Slice& first, const Slice& last) {
    said_.shared = common_prefix(first, last);
    text_.assign(first.data, first.data + said_.shared);
  }

  // The shortest string that is above one and not above another, without what all begin with.
  void add_separator(const Slice& before, const Slice& string, bool is_first) {
    const auto shared = static_cast<std::size_t>(said_.shared);
    const std::size_t end = is_first ? shared : std::min(common_prefix(before, string) + 1, string.size);
    const std::size_t from = std::min(shared, end), begins = text_.size();
    text_.insert(text_.end(), string.data + from, string.data + end);
    heads_.push_back(chunk_at({text_.data() + begins, end - from, end - from}, 0));
  }

  void add_strings() {
    const std::size_t m = segment_.size(), all = common_prefix(segment_[0], segment_[m - 1]);
    const std::size_t shared = std::min(all, static_cast<std::size_t>(kMostShared));
    std::uint64_t codes[256], hashes[256];
    for (std::size_t i = 0; i < m; ++i) {
      codes[i] = string_code(shares_, segment_[i], shared);
      hashes[i] = Xxh64::of_bytes(segment_[i].data, segment_[i].size, said_.seed);
    }
    knots_.push_back(codes[0] | codes[m - 1] << 32);
    places_.push_back(std::uint64_t{text_.size()} | std::uint64_t{shared} << kTextBits);
    add_segment(codes, hashes, m, codes[m - 1]);
    segment_.clear();
  }

  // Of keys whose codes ascend, with the last code that any of them may have. If the keys were changed meanwhile and do not
  // ascend, what is written is of no use, but within its bounds.
  void add_segment(const std::uint64_t* codes, const std::uint64_t* hashes, std::size_t m, std::uint64_t last) {
    const std::uint64_t step = said_.step;
    std::uint64_t line[2 * 256 / 64] = {}, bit = 0, bucket = 0;
    std::size_t first = 0;
    for (std::size_t i = 0; i < m; ++i, ++bit) {
      const std::uint64_t of = std::max(bucket_in(codes[i], codes[0], last, step), bucket);
      if (of != bucket) add_bucket(hashes + first, i - first);
      if (of != bucket) first = i;
      bit += of - bucket;
      bucket = of;
      line[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
    add_bucket(hashes + first, m - first);
    for (std::uint64_t i = 0; i < step / 32; ++i) lines_.push_back(line[i]);
    for (std::size_t i = 0; said_.print_bits > 0 && i < m; ++i) {
      if (said_.print_bits == 16) prints_.push_back(static_cast<std::uint8_t>(hashes[i] >> 48));
      prints_.push_back(static_cast<std::uint8_t>(hashes[i] >> 56));
    }
    said_.keys += m;
  }

  void add_bucket(const std::uint64_t* hashes, std::size_t count) {
    const unsigned width = width_for(count);
    for (std::size_t i = 0; width > 0 && i < count; ++i) {
      hashes_[width - 1].push_back(hashes[i]);
      values_[width - 1].push_back(static_cast<std::uint8_t>(i));
    }
  }

  HashBuilt finish(const Table<std::uint64_t>& repeats, Table<std::uint64_t>& words) {
    if (repeats.size() > kMostRepeats) return HashBuilt::many_repeats;
    said_.repeats = repeats.size();
    said_.text = text_.size();
    for (unsigned w = 0; w < kWidths; ++w) said_.count[w] = hashes_[w].size();
    const HashParts parts(said_);
    words.assign(static_cast<std::size_t>(parts.end), 0);
    copy(lines_, words.data() + parts.lines);
    copy(knots_, words.data() + parts.knots);
    if (said_.layout == kStringHashLayout) std::memcpy(words.data() + parts.shares, shares_.data(), sizeof shares_);
    copy(text_, words.data() + parts.text);
    copy(prints_, words.data() + parts.prints);
    for (unsigned w = 0; w < kWidths; ++w) {
      const HashBuilt how = said_.count[w] == 0 ? HashBuilt::done : add_table(w, words.data() + parts.tables[w]);
      if (how != HashBuilt::done) return how;
    }
    if (said_.repeats > 0) add_repeats(repeats, words.data() + parts.repeats);
    std::memcpy(words.data(), &said_, sizeof said_);
    return HashBuilt::done;
  }

  template <class T> static void copy(const std::vector<T>& from, std::uint64_t* to) {
    if (!from.empty()) std::memcpy(to, from.data(), from.size() * sizeof(T));
  }

  HashBuilt add_table(unsigned w, std::uint64_t* words) {
    std::vector<std::uint8_t> slots;
    const std::vector<std::uint64_t>& hashes = hashes_[w];
    const std::uint8_t* values = values_[w].data();
    const Fused how = fuse_until_done(hashes.data(), hashes.size(), slots, values, said_.again[w], cancellation_);
    if (how != Fused::done) return how == Fused::equal ? HashBuilt::equal_hashes : HashBuilt::stopped;
    pack_slots(slots, w + 1, words);
    return HashBuilt::done;
  }

  void add_repeats(const Table<std::uint64_t>& repeats, std::uint64_t* words) const {
    EliasFanoWriter writer(said_.repeats, said_.keys, low_bits_for(said_.repeats, said_.keys), words);
    for (const std::uint64_t at : repeats) writer.add(at);
    writer.finish();
  }

  Cancellation cancellation_;
  SeldomPoll poll_;
  StoredHash said_{};
  std::vector<Slice> segment_;  // of distinct strings
  ShareCounts::Begins shares_{};
  std::vector<std::uint8_t> text_, prints_;
  std::vector<std::uint64_t> lines_, knots_, heads_, places_;  // the last two of strings
  Table<std::uint64_t> repeats_;
  std::vector<std::uint64_t> hashes_[kWidths];
  std::vector<std::uint8_t> values_[kWidths];
};

}  // namespace learnedidx
