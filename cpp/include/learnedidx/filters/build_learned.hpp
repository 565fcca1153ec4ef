// Learns the weights of a LearnedFilter from its keys and from strings that are none, and builds its words.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/base/cancellation.hpp"
#include "learnedidx/filters/learned_filter.hpp"

namespace learnedidx {

// Logistic regression on grams by stochastic gradients, each weight with a step of its own (AdaGrad: Duchi, Hazan, Singer, JMLR
// 2011). Both sides weigh the same. Strings come in the order of their hashes, so that theirs does not matter.
class GramTrainer {
 public:
  GramTrainer(const Strings& keys, const Strings& absent, unsigned bits, std::uint64_t seed, Cancellation cancellation)
      : sides_{absent, keys}, bits_(bits), seed_(seed), poll_(cancellation), weights_(std::size_t{1} << bits), squares_(weights_.size(), 1e-8) {}

  // False if stopped. O(n), and six times over at most about a million strings.
  bool train(std::vector<double>& weights) {
    if (!collect(false) || !collect(true)) return false;
    std::sort(examples_.begin(), examples_.end(), [](const Example& a, const Example& b) { return a.hash < b.hash; });
    double members = 0;
    for (const Example& example : examples_) members += example.member;
    const double half = static_cast<double>(examples_.size()) / 2;
    const double of[2] = {half / std::max(2 * half - members, 1.0), half / std::max(members, 1.0)};
    for (unsigned epoch = 0; epoch < kEpochs; ++epoch)
      for (const Example& example : examples_) {
        learn(string_at(sides_[example.member], example.at), example.member, of[example.member]);
        if (!poll_.may_continue(kStepsEach)) return false;
      }
    weights = weights_;
    return true;
  }

 private:
  static constexpr unsigned kEpochs = 6, kStepsEach = 64;
  static constexpr std::size_t kMostExamples = std::size_t{1} << 20;

  struct Example {
    std::uint64_t hash;
    std::size_t at;
    bool member;
  };

  // Strings of one side; of very many those of the lowest hashes.
  bool collect(bool member) {
    const std::size_t all = sides_[0].n + sides_[1].n;
    const std::uint64_t most = all <= kMostExamples ? ~std::uint64_t{0} : ~std::uint64_t{0} / all * kMostExamples;
    return visit_strings(sides_[member], [&](const auto& column) {
      for (std::size_t i = 0; i < sides_[member].n; ++i) {
        const Slice string = column[i];
        const std::uint64_t hash = Xxh64::of_bytes(string.data, string.size, seed_);
        if (hash <= most) examples_.push_back({hash, i, member});
        if (!poll_.may_continue(1)) return false;
      }
      return true;
    });
  }

  void learn(const Slice& string, bool member, double weight) {
    constexpr double rate = 0.1;
    double score = bias_;
    each_gram(string, bits_, [&](std::uint64_t gram) { score += weights_[gram]; });
    const double slope = weight * (1 / (1 + std::exp(-score)) - (member ? 1 : 0));
    bias_ -= rate * slope / 16;
    each_gram(string, bits_, [&](std::uint64_t gram) {
      squares_[gram] += slope * slope;
      weights_[gram] -= rate * slope / std::sqrt(squares_[gram]);
    });
  }

  Strings sides_[2];
  unsigned bits_;
  std::uint64_t seed_;
  SeldomPoll poll_;
  std::vector<Example> examples_;
  std::vector<double> weights_, squares_;
  double bias_ = 0;
};

// said: layout, gram_bits, seed, regions, borders and bits; weights: 2^gram_bits. False if stopped.
inline bool build_learned_filter(const Strings& keys, StoredLearnedFilter said, const std::int8_t* weights, Table<std::uint64_t>& words,
                                 Cancellation cancellation) {
  SeldomPoll poll(cancellation);
  std::vector<std::uint64_t> hashes[kMostRegions];
  said.keys = keys.n;
  const std::size_t model = sizeof said / 8 + (std::size_t{1} << said.gram_bits) / 8;
  words.assign(model, 0);
  std::memcpy(words.data() + sizeof said / 8, weights, std::size_t{1} << said.gram_bits);
  const bool read = visit_strings(keys, [&](const auto& column) {
    for (std::size_t i = 0; i < keys.n; ++i) {
      const Slice string = column[i];
      hashes[region_of(string, weights, said)].push_back(Xxh64::of_bytes(string.data, string.size, said.seed));
      if (!poll.may_continue(16)) return false;
    }
    return true;
  });
  if (!read) return false;
  for (unsigned r = 0; r < said.regions; ++r) {
    std::sort(hashes[r].begin(), hashes[r].end());
    hashes[r].erase(std::unique(hashes[r].begin(), hashes[r].end()), hashes[r].end());
    said.count[r] = hashes[r].size();
    if (filter_words_of(said, r) == 0) continue;
    std::vector<std::uint16_t> slots;
    if (fuse_until_done(hashes[r].data(), hashes[r].size(), slots, static_cast<const std::uint16_t*>(nullptr), said.again[r], cancellation) != Fused::done)
      return false;
    const std::size_t at = words.size();
    words.resize(at + static_cast<std::size_t>(filter_words_of(said, r)), 0);
    pack_slots(slots, said.bits[r], words.data() + at);
  }
  std::memcpy(words.data(), &said, sizeof said);
  return true;
}

}  // namespace learnedidx
