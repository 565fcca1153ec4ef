// What filters are built and asked with: keys and queries of any format as codes or hashes of 64 bits, and the words of filters.
// Without Python and compiled once, so that the bindings of filters have no loop for each format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/filters/build_hash.hpp"
#include "learnedidx/filters/build_range.hpp"
#include "learnedidx/filters/learned_filter.hpp"
#include "learnedidx/filters/learned_hash.hpp"
#include "learnedidx/filters/point_filter.hpp"
#include "learnedidx/keys/queries.hpp"

namespace learnedidx::bindings {

// At most kQueryBlock queries.
struct CodeBlock {
  std::uint64_t codes[kQueryBlock];  // or hashes
  Fit fits[kQueryBlock];             // set unless all are exact
  bool exact = false;
};

// Queries [from, from + count) as codes of keys of a kind: of the first that is not below each, on the right above it.
void load_codes(KeyType kind, const Queries& batch, std::size_t from, std::size_t count, bool right, CodeBlock& block);

// The same as hashes.
void load_hashes(KeyType kind, const Queries& batch, std::size_t from, std::size_t count, std::uint64_t seed, CodeBlock& block);

// Hashes of strings; trims: NULs at the end of a string are no part of it.
void load_hashes(const Strings& strings, bool trims, std::size_t from, std::size_t count, std::uint64_t seed, std::uint64_t* hashes);

// Distinct codes of the numbers among sorted keys. False if stopped.
bool read_codes(KeyType kind, const void* keys, std::size_t numbers, Table<std::uint64_t>& codes, Cancellation cancellation);

// Hashes of keys that are no NaN or NaT, without those equal to the one before. False if stopped.
bool read_hashes(KeyType kind, const void* keys, std::size_t n, bool times, std::uint64_t seed, Table<std::uint64_t>& hashes,
                 Cancellation cancellation);
bool read_hashes(const Strings& keys, std::uint64_t seed, Table<std::uint64_t>& hashes, Cancellation cancellation);

// The words of a filter of codes or hashes, which may be changed. False if stopped.
bool build_words(Table<std::uint64_t>& codes, RangeChoice choice, double bits, std::uint64_t seed, Table<std::uint64_t>& words,
                 Cancellation cancellation);
bool build_words(Table<std::uint64_t>& hashes, PointLayout layout, double bits_per_key, std::uint64_t seed, Table<std::uint64_t>& words,
                 Cancellation cancellation);

// The words of a learned hash.
struct HashChoice {
  unsigned step, print_bits;
  std::uint64_t seed;
};
HashBuilt build_hash_words(KeyType kind, const void* keys, std::size_t numbers, const HashChoice& choice, Table<std::uint64_t>& words,
                           Cancellation cancellation);
HashBuilt build_hash_words(const Strings& keys, const HashChoice& choice, Table<std::uint64_t>& words, Cancellation cancellation);

// Answers; these loops are long too.
void ask(const RangeFilter& filter, const std::uint64_t* a, const std::uint64_t* b, std::size_t count, bool* answers);
void ask(const PointFilter& filter, const std::uint64_t* hashes, std::size_t count, bool* answers);
void ask(const LearnedFilter& filter, const Strings& strings, bool trims, std::size_t from, std::size_t count, bool* answers);
void ask(const LearnedHash& hash, const std::uint64_t* codes, std::size_t count, HashVerb verb, std::int64_t* out);
void ask(const LearnedHash& hash, const Strings& strings, bool trims, std::size_t from, std::size_t count, HashVerb verb, std::int64_t* out);

// Of the grams of strings: weights that tell keys from absent strings, scores by weights of 2^bits, and the number of each gram, of
// all strings, with where those of each string begin. False if stopped.
bool learn_weights(const Strings& keys, const Strings& absent, unsigned bits, std::uint64_t seed, std::vector<double>& weights, Cancellation cancellation);
bool score_all(const Strings& strings, const std::int8_t* weights, unsigned bits, std::int32_t* scores, Cancellation cancellation);
bool number_grams(const Strings& strings, unsigned bits, Table<std::int32_t>& grams, std::int64_t* starts, Cancellation cancellation);
bool build_words(const Strings& keys, const StoredLearnedFilter& said, const std::int8_t* weights, Table<std::uint64_t>& words,
                 Cancellation cancellation);

}  // namespace learnedidx::bindings
