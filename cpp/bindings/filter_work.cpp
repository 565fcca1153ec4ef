#include "filter_work.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "learnedidx/filters/build_learned.hpp"
#include "learnedidx/filters/distinct_codes.hpp"

namespace learnedidx::bindings {
namespace {

constexpr std::size_t kHashesAPiece = std::size_t{1} << 16;

// use(values): of the block, in the keys' own type.
template <class Use> void load(KeyType kind, const Queries& batch, std::size_t from, std::size_t count, bool right, CodeBlock& block, Use&& use) {
  visit_key_type(kind, [&](auto tag) {
    using K = decltype(tag);
    const K* plain = right ? nullptr : plain_queries<K>(batch, from, count, false, nullptr);
    block.exact = plain != nullptr;
    if (plain) return use(plain);
    QueryBlock<K> values;
    load_block(batch, from, count, right, values);
    std::copy_n(values.fits, count, block.fits);
    use(static_cast<const K*>(values.values));
  });
}

template <class K> bool hash_keys(const K* keys, std::size_t n, bool times, std::uint64_t seed, std::uint64_t* hashes, std::size_t& count,
                                  Cancellation cancellation) {
  std::uint64_t last = 0;  // that was kept
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t hash = hash_of(keys[i], seed);
    const bool kept = !is_missing(keys[i], times) && (count == 0 || hash != last);
    hashes[count] = hash;
    count += kept;
    last = kept ? hash : last;
    if (i % kHashesAPiece == 0 && cancellation.requested()) return false;
  }
  return true;
}

}  // namespace

void load_codes(KeyType kind, const Queries& batch, std::size_t from, std::size_t count, bool right, CodeBlock& block) {
  load(kind, batch, from, count, right, block, [&](const auto* values) {
    for (std::size_t i = 0; i < count; ++i) block.codes[i] = key_code(values[i]);
  });
}

void load_hashes(KeyType kind, const Queries& batch, std::size_t from, std::size_t count, std::uint64_t seed, CodeBlock& block) {
  load(kind, batch, from, count, false, block, [&](const auto* values) { hash_all(values, count, seed, block.codes); });
}

void load_hashes(const Strings& strings, bool trims, std::size_t from, std::size_t count, std::uint64_t seed, std::uint64_t* hashes) {
  visit_strings(strings, [&](const auto& column) {
    for (std::size_t i = 0; i < count; ++i) {
      const Slice string = trims ? trimmed(column[from + i]) : column[from + i];
      hashes[i] = Xxh64::of_bytes(string.data, string.size, seed);
    }
  });
}

bool read_codes(KeyType kind, const void* data, std::size_t numbers, Table<std::uint64_t>& codes, Cancellation cancellation) {
  return visit_key_type(kind, [&](auto tag) { return distinct_codes(static_cast<const decltype(tag)*>(data), numbers, codes, cancellation); });
}

bool read_hashes(KeyType kind, const void* keys, std::size_t n, bool times, std::uint64_t seed, Table<std::uint64_t>& hashes,
                 Cancellation cancellation) {
  hashes.resize(n);
  std::size_t count = 0;
  const bool done = visit_key_type(kind, [&](auto tag) {
    return hash_keys(static_cast<const decltype(tag)*>(keys), n, times, seed, hashes.data(), count, cancellation);
  });
  hashes.resize(count);
  return done;
}

bool read_hashes(const Strings& keys, std::uint64_t seed, Table<std::uint64_t>& hashes, Cancellation cancellation) {
  hashes.resize(keys.n);
  for (std::size_t from = 0; from < keys.n; from += kHashesAPiece) {
    load_hashes(keys, false, from, std::min(kHashesAPiece, keys.n - from), seed, hashes.data() + from);
    if (cancellation.requested()) return false;
  }
  return true;
}

bool build_words(Table<std::uint64_t>& codes, RangeChoice choice, double bits, std::uint64_t seed, Table<std::uint64_t>& words,
                 Cancellation cancellation) {
  return RangeBuilder(codes, choice, bits, seed, cancellation).build(words);
}

HashBuilt build_hash_words(KeyType kind, const void* data, std::size_t numbers, const HashChoice& choice, Table<std::uint64_t>& words,
                           Cancellation cancellation) {
  Table<std::uint64_t> codes, repeats;
  const bool went_on = read_codes(kind, data, numbers, codes, cancellation) && visit_key_type(kind, [&](auto tag) {
    return codes.size() == numbers || repeated_codes(static_cast<const decltype(tag)*>(data), numbers, repeats, cancellation);
  });
  return went_on ? HashBuilder(choice.step, choice.print_bits, choice.seed, cancellation).build(codes, repeats, words) : HashBuilt::stopped;
}

HashBuilt build_hash_words(const Strings& keys, const HashChoice& choice, Table<std::uint64_t>& words, Cancellation cancellation) {
  return HashBuilder(choice.step, choice.print_bits, choice.seed, cancellation).build(keys, words);
}

// bits_per_key: of a split block.
bool build_words(Table<std::uint64_t>& hashes, PointLayout layout, double bits_per_key, std::uint64_t seed, Table<std::uint64_t>& words,
                 Cancellation cancellation) {
  const double blocks = std::ceil(static_cast<double>(hashes.size()) * bits_per_key / (8 * kBlockBytes));
  const auto wanted = static_cast<std::uint64_t>(std::min(std::max(blocks, 1.0), static_cast<double>(kMostBlocks)));
  return build_point_filter(hashes, layout, wanted, seed, words, cancellation);
}

void ask(const RangeFilter& filter, const std::uint64_t* a, const std::uint64_t* b, std::size_t count, bool* answers) {
  filter.any(a, b, count, answers);
}

void ask(const PointFilter& filter, const std::uint64_t* hashes, std::size_t count, bool* answers) { filter.test(hashes, count, answers); }

void ask(const LearnedHash& hash, const std::uint64_t* codes, std::size_t count, HashVerb verb, std::int64_t* out) {
  hash.answer(codes, count, verb, out);
}

namespace {

// use(block, from, count): strings side by side, as filters take them.
template <class Use> void in_groups(const Strings& strings, bool trims, std::size_t from, std::size_t count, Use&& use) {
  constexpr std::size_t kGroup = 32;
  Slice block[kGroup];
  visit_strings(strings, [&](const auto& column) {
    for (std::size_t at = 0; at < count; at += kGroup) {
      const std::size_t m = std::min(kGroup, count - at);
      for (std::size_t i = 0; i < m; ++i) block[i] = trims ? trimmed(column[from + at + i]) : column[from + at + i];
      use(block, at, m);
    }
  });
}

}  // namespace

void ask(const LearnedFilter& filter, const Strings& strings, bool trims, std::size_t from, std::size_t count, bool* answers) {
  in_groups(strings, trims, from, count, [&](const Slice* block, std::size_t at, std::size_t m) { filter.test(block, m, answers + at); });
}

void ask(const LearnedHash& hash, const Strings& strings, bool trims, std::size_t from, std::size_t count, HashVerb verb, std::int64_t* out) {
  in_groups(strings, trims, from, count, [&](const Slice* block, std::size_t at, std::size_t m) { hash.answer(block, m, verb, out + at); });
}

bool learn_weights(const Strings& keys, const Strings& absent, unsigned bits, std::uint64_t seed, std::vector<double>& weights, Cancellation cancellation) {
  return GramTrainer(keys, absent, bits, seed, cancellation).train(weights);
}

bool score_all(const Strings& strings, const std::int8_t* weights, unsigned bits, std::int32_t* scores, Cancellation cancellation) {
  SeldomPoll poll(cancellation);
  return visit_strings(strings, [&](const auto& column) {
    for (std::size_t i = 0; i < strings.n; ++i) {
      scores[i] = gram_score(column[i], weights, bits);
      if (!poll.may_continue(16)) return false;
    }
    return true;
  });
}

bool number_grams(const Strings& strings, unsigned bits, Table<std::int32_t>& grams, std::int64_t* starts, Cancellation cancellation) {
  SeldomPoll poll(cancellation);
  starts[0] = 0;
  return visit_strings(strings, [&](const auto& column) {
    for (std::size_t i = 0; i < strings.n; ++i) {
      each_gram(column[i], bits, [&](std::uint64_t gram) { grams.push_back(static_cast<std::int32_t>(gram)); });
      starts[i + 1] = static_cast<std::int64_t>(grams.size());
      if (!poll.may_continue(16)) return false;
    }
    return true;
  });
}

bool build_words(const Strings& keys, const StoredLearnedFilter& said, const std::int8_t* weights, Table<std::uint64_t>& words,
                 Cancellation cancellation) {
  return build_learned_filter(keys, said, weights, words, cancellation);
}

}  // namespace learnedidx::bindings
