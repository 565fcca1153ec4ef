// Files of strings for the C++ tests and the fuzzer, and what an opened one can be asked.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "files_for_tests.hpp"
#include "learnedidx/text.hpp"

namespace tests {

using namespace learnedidx;

inline FilePlan& planned_layer(std::list<FilePlan>& plans, const Layer& layer, const BTree<std::uint64_t>& tree) {
  plans.emplace_back();
  FilePlan& plan = plans.back();
  plan.add(kMeta, "{}", 2);
  plan_keys(plan, layer.column.data(), layer.column.size(), layer.column.size());
  if (tree.view.leaves > 0 && tree.view.frame.phase == 0) plan_tree(plan, tree.view);
  plan.add_items(kKeys, layer.column.data(), layer.column.size());
  plan_runs(plan, layer.places.empty() ? nullptr : layer.places.data(), layer.segments.data(), layer.segments.size());
  seal(plan, layer.column.data(), {});
  return plan;
}

// A file over sorted strings; with trees where the columns begin on a cache line. fixed: all keys have that width; columns:
// they are rows.
inline Bytes saved_strings(const std::vector<std::string>& keys, std::uint32_t fixed = 0, bool with_keys = true,
                           const std::vector<StoredColumn>& columns = {}, std::uint8_t spacing_bits = 0) {
  std::vector<std::uint64_t> starts{0};
  std::string all;
  for (const std::string& key : keys) starts.push_back((all += key).size());
  Strings strings;
  strings.n = keys.size();
  strings.starts = starts.data();
  strings.data = reinterpret_cast<const std::uint8_t*>(all.data());
  strings.size = all.size();
  Layers layers;
  build(layers, strings, spacing_bits);
  std::list<FilePlan> plans;
  FilePlan plan;
  plan.add(kMeta, "{}", 2);
  StoredStrings said{static_cast<std::uint8_t>(columns.empty() ? 1 : 5), static_cast<std::uint8_t>(fixed > 0), spacing_bits, 0, fixed};
  for (const StoredColumn& column : columns) plan.columns.push_back(column);
  plan_strings(plan, strings, said, {});
  for (std::size_t l = 0; l < layers.layers.size(); ++l)
    plan_layer(plan, planned_layer(plans, *layers.layers[l], *layers.trees[l]));
  if (with_keys && fixed == 0) plan.add_items(kOffsets, starts.data(), starts.size());
  if (with_keys) plan.add(kData, all.data(), all.size());
  seal(plan, {});
  return bytes_of(plan);
}

// Asks an opened file; null if all answers are right: inside the keys and, if these are sorted, what a binary search finds.
class StringQuestions {
 public:
  StringQuestions(const LayersView& view, const Kernels& kernels, std::uint64_t seed, std::size_t most)
      : view_(view), keys_(view.keys), kernels_(kernels), random_(seed) {
    for (std::size_t i = 1; sorted_ && i < keys_.n; ++i) sorted_ = compare(string_at(keys_, i - 1), string_at(keys_, i)) <= 0;
    while (queries_.size() < most) queries_.push_back(query());
    std::string all;
    for (const std::string& q : queries_) starts_.push_back(static_cast<std::int64_t>((all_ += q).size()));
    asked_.n = queries_.size();
    asked_.starts = starts_.data();
    asked_.data = reinterpret_cast<const std::uint8_t*>(all_.data());
    asked_.size = all_.size();
  }

  const char* wrong() const {
    const StringIndex index(view_, kernels_);
    for (const bool right : {false, true}) {
      std::vector<std::int64_t> positions(queries_.size());
      std::vector<std::uint8_t> equal(queries_.size());
      lower_bound_batch(view_, kernels_, asked_, 0, queries_.size(), right, {positions.data(), equal.data()});
      for (std::size_t i = 0; i < queries_.size(); ++i) {
        if (const char* found = wrong_one(i, right, positions[i], equal[i] != 0)) return found;
        const char* found = i % 7 > 0 ? nullptr : wrong_alone(index, i, right, positions[i]);
        if (found != nullptr) return found;
      }
    }
    return nullptr;
  }

 private:
  const char* wrong_alone(const StringIndex& index, std::size_t i, bool right, std::int64_t position) const {
    ScalarQuery one;
    one.string = slice_of(queries_[i].data(), queries_[i].size());
    const std::int64_t found = index.search_one(one, right, Verb::position, kernels_);
    if (found < 0 || found > size() || (sorted_ && found != position)) return "a position of one string";
    const std::int64_t traced = index.trace(one, right, kernels_).answer;
    return traced < 0 || traced > size() || (sorted_ && traced != position) ? "the answer of a trace" : nullptr;
  }

  std::int64_t size() const { return static_cast<std::int64_t>(keys_.n); }

  const char* wrong_one(std::size_t i, bool right, std::int64_t position, bool equal) const {
    if (position < 0 || position > size()) return "a position outside the keys";
    if (!sorted_) return nullptr;
    const std::size_t low = place(i, false), high = place(i, true);
    if (position != static_cast<std::int64_t>(right ? high : low)) return "a position";
    return equal == (low != high) ? nullptr : "whether a string is a key";
  }

  std::size_t place(std::size_t i, bool right) const {
    Slice query = slice_of(queries_[i].data(), queries_[i].size());
    if (keys_.trims) query = trimmed(query);
    std::size_t low = 0, high = keys_.n;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      const int order = compare(string_at(keys_, middle), query);
      if (order < 0 || (right && order == 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  std::string query() {
    std::string made;
    if (keys_.n > 0) {
      const Slice key = string_at(keys_, random_.below(keys_.n));
      made.assign(reinterpret_cast<const char*>(key.data), std::min<std::size_t>(key.size, 200));
    }
    const std::uint64_t how = random_.below(6);
    if (how == 0) made += static_cast<char>(random_.below(256));
    if (how == 1 && !made.empty()) made.pop_back();
    if (how == 2 && !made.empty()) made[random_.below(made.size())] = static_cast<char>(random_.below(256));
    if (how == 3) made.resize(random_.below(made.size() + 1));
    return made;
  }

  const LayersView& view_;
  const Strings& keys_;
  const Kernels& kernels_;
  Random random_;
  bool sorted_ = true;
  std::vector<std::string> queries_;
  std::vector<std::int64_t> starts_{0};
  std::string all_;
  Strings asked_;
};

// Opens what may be a file of strings; asks it over its own keys, without them over none. Null: nothing is wrong.
inline const char* wrong_strings(const Bytes& bytes, const Kernels& kernels, std::uint64_t seed, std::size_t most, bool& opens) {
  const auto opened = std::make_unique<OpenedStrings>();
  opens = open_strings(bytes.data(), bytes.size(), *opened) == FileStatus::ok;
  constexpr std::size_t few = 1 << 16;  // keys whose order is found out
  if (!opens || opened->view.keys.data == nullptr || opened->view.keys.n > few) return nullptr;
  return StringQuestions(opened->view, kernels, seed, most).wrong();
}

}  // namespace tests
