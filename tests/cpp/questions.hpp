// Everything that an opened file can be asked, checked against what is true of any file: positions
// inside the keys and, over sorted keys, those of std::lower_bound.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include "key_sets.hpp"
#include "learnedidx/file/opened.hpp"
#include "learnedidx/lookup/direct_index.hpp"
#include "learnedidx/lookup/index.hpp"
#include "learnedidx/training/extend_pgm.hpp"
#include "learnedidx/training/extend_spline.hpp"
#include "learnedidx/training/fit_rmi.hpp"
#include "models_for_tests.hpp"

namespace tests {

using namespace learnedidx;

// Asks one opened file `most` queries, over keys in the file or given ones; null: only bounds, without keys.
template <class K> class Questions {
 public:
  Questions(const OpenedFile& file, const K* keys, const Kernels& kernels, std::uint64_t seed, std::size_t most)
      : file_(file), keys_(keys), n_(file.numbers()), total_(static_cast<std::int64_t>(file.header.n)), kernels_(kernels),
        random_(seed), most_(most) {
    sorted_ = keys != nullptr && (n_ == 0 || !(keys[0] != keys[0]));
    for (std::size_t i = 1; sorted_ && i < n_; ++i) sorted_ = keys[i - 1] <= keys[i];
    make_index();
    make_queries();
  }

  // Null if all answers are right, else what was wrong.
  const char* wrong() {
    if (index_ == nullptr) return nullptr;
    const char* found = wrong_about();
    if (found != nullptr || !sorted_ || n_ < kWindowKeys<K> || file_.model() == StoredModel::direct) return found;
    return wrong_successor();
  }

  bool is_sorted() const { return sorted_; }

 private:
  const char* wrong_about() {
    for (const bool right : {false, true}) {
      const char* found = wrong_bounds(right);
      if (found == nullptr && keys_ != nullptr) found = wrong_batch(right);
      if (found == nullptr && keys_ != nullptr) found = wrong_singles(right);
      if (found != nullptr) return found;
    }
    std::sort(queries_.begin(), queries_.end());  // ascending ones are merged
    return keys_ != nullptr ? wrong_batch(false) : nullptr;
  }

  void make_index() {
    if constexpr (kIsNarrow<K>) {
      if (file_.model() == StoredModel::direct) {
        if (keys_ == nullptr) return;
        table_.resize(kSlots<K>);
        fill_direct(keys_, n_, table_.data());
        index_ = std::make_unique<DirectIndex<K, std::uint32_t>>(table_.data());
        return;
      }
    }
    auto index = std::make_unique<TypedIndex<K>>(keys_, n_, static_cast<std::size_t>(total_));
    const StoredModel model = file_.model();
    if (model == StoredModel::rmi) index->use_rmi(&file_.rmi, &file_.errors);
    if (model == StoredModel::pgm) index->use_pgm(&file_.pgm, &file_.pgm_errors);
    if (model == StoredModel::radix_spline) index->use_spline(&file_.spline);
    if (model == StoredModel::btree && n_ >= kWindowKeys<K>) {
      tree_ = tree_of<K>(file_);
      index->use_tree(&tree_);
    }
    index->verify_bounds();
    index_ = std::move(index);
  }

  // What is made of the file's model and these keys, as an index that is extended is: nothing in it is doubted.
  const char* wrong_successor() {
    auto index = std::make_unique<TypedIndex<K>>(keys_, n_, static_cast<std::size_t>(total_));
    BTree<K> tree;
    OwnedRmi rmi;
    GroupErrors errors;
    GroupErrorsView errors_view;
    if (file_.model() == StoredModel::btree) {
      build(tree, keys_, n_, tree_.node, tree_.frame, {}, &tree_);
      index->use_tree(&tree.view);
    } else if (file_.model() == StoredModel::rmi) {
      trained_again(rmi);
      errors = GroupErrors(rmi.leaves());
      fit_errors(keys_, n_, rmi.view, kernels_, errors, {});
      errors_view = errors.view();
      index->use_rmi(&rmi.view, &errors_view);
    } else {
      Pgm pgm;
      RadixSpline spline;
      pgm.view = file_.pgm;
      spline.view = file_.spline;
      const bool goes_on = can_extend(pgm, keys_, n_, n_) || can_extend(spline, keys_, n_, n_);
      return goes_on ? "a fit that goes on where a file says it stands" : nullptr;
    }
    index_ = std::move(index);
    return wrong_about();
  }

  // The stages of the file, made safe; leaf borders are counted.
  void trained_again(OwnedRmi& rmi) const {
    const RmiView& old = file_.rmi;
    rmi.view.domain = old.domain;
    rmi.view.root_bits = old.root_bits;
    rmi.view.pieces = old.pieces;
    rmi.view.position_shift = old.position_shift;
    auto inputs = static_cast<std::size_t>(old.root_bins());
    for (const RmiStage& stage : old.stages) {
      std::vector<std::uint64_t> knots(inputs + 1);
      for (std::size_t i = 0; i < knots.size(); ++i) knots[i] = stage.knots[i];
      inputs = static_cast<std::size_t>(models_before(stage.top));
      rmi.add_stage(std::move(knots), inputs);
    }
    rmi.point_at_stages();
    for (std::size_t l = 0; old.lines && l < inputs; ++l) rmi.lines.push_back(made_monotone(old.lines[l]));
    fit(rmi, std::vector<K>(keys_, keys_ + n_), false, kernels_);
    if (old.lines) rmi.view.lines = rmi.lines.data();
  }

  void make_queries() {
    for (const K x : extremes<K>()) queries_.push_back(x);
    const std::size_t about = keys_ == nullptr || n_ == 0 ? 0 : most_ / 3;
    for (std::size_t i = 0; i < about; ++i) {
      const K key = keys_[i < 2 ? i * (n_ - 1) : random_.below(n_)];
      queries_.push_back(key);
      if (key == key) queries_.push_back(neighbour(key, i % 2 == 0));
    }
    while (queries_.size() < most_) queries_.push_back(random_key<K>(random_));
    queries_.erase(std::remove_if(queries_.begin(), queries_.end(), [](K x) { return x != x; }), queries_.end());
  }

  std::int64_t answer(K query, bool right) const {
    return (right ? std::upper_bound(keys_, keys_ + n_, query) : std::lower_bound(keys_, keys_ + n_, query)) - keys_;
  }

  bool is_right(K query, bool right, std::int64_t position) const {
    if (position < 0 || position > static_cast<std::int64_t>(n_)) return false;
    return !sorted_ || position == answer(query, right);
  }

  bool is_right_find(K query, std::int64_t found) const {
    if (found < -1 || found >= static_cast<std::int64_t>(n_)) return false;
    if (!sorted_) return found == -1 || keys_[found] == query || file_.model() == StoredModel::direct;
    const std::int64_t at = answer(query, false);
    return found == (at < static_cast<std::int64_t>(n_) && keys_[at] == query ? at : -1);
  }

  bool are_right(const Bounds& bounds, K query, bool right) const {
    if (bounds.low < 0 || bounds.low > bounds.high || bounds.high > total_) return false;
    return !sorted_ || (bounds.low <= answer(query, right) && answer(query, right) <= bounds.high);
  }

  const char* wrong_batch(bool right) const {
    const Queries batch{queries_.data(), KeyTypeOf<K>::value, false, {}};
    const std::size_t count = queries_.size();
    std::vector<std::int64_t> positions(count, -9), found(count, -9);
    std::vector<std::uint8_t> contained(count, 9);
    index_->search(batch, 0, count, right, Verb::position, kernels_, positions.data());
    index_->search(batch, 0, count, false, Verb::find, kernels_, found.data());
    index_->search(batch, 0, count, false, Verb::contains, kernels_, contained.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_right(queries_[i], right, positions[i])) return "a position of a batch";
      if (!is_right_find(queries_[i], found[i])) return "a find of a batch";
      if (contained[i] > 1 || (sorted_ && contained[i] != (found[i] >= 0))) return "a contains of a batch";
    }
    return nullptr;
  }

  static ScalarQuery scalar(K query) {
    ScalarQuery q;
    if constexpr (std::is_floating_point_v<K>) {
      q.form = ScalarQuery::Form::f64;
      q.f = static_cast<double>(query);
    } else if constexpr (std::is_unsigned_v<K>) {
      q.form = ScalarQuery::Form::u64;
      q.u = query;
    } else {
      q.i = query;
    }
    return q;
  }

  const char* wrong_singles(bool right) const {
    for (std::size_t i = 0; i < queries_.size(); i += 5) {
      const ScalarQuery q = scalar(queries_[i]);
      if (!is_right(queries_[i], right, index_->search_one(q, right, Verb::position, kernels_))) return "a position";
      if (!is_right_find(queries_[i], index_->search_one(q, false, Verb::find, kernels_))) return "a find";
      const Trace trace = index_->trace(q, right, kernels_);
      if (!is_right(queries_[i], right, trace.answer)) return "the answer of a trace";
      if (trace.window_low < 0 || trace.window_low > static_cast<std::int64_t>(n_)) return "the window of a trace";
    }
    return nullptr;
  }

  const char* wrong_bounds(bool right) const {
    const Queries batch{queries_.data(), KeyTypeOf<K>::value, false, {}};
    const std::size_t count = queries_.size();
    std::vector<std::int64_t> lows(count, -9), highs(count, -9);
    index_->bounds(batch, 0, count, right, lows.data(), highs.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (!are_right({lows[i], highs[i]}, queries_[i], right)) return "bounds of a batch";
      if (i % 5 > 0) continue;
      const Bounds one = index_->bounds_one(scalar(queries_[i]), right);
      if (one.low != lows[i] || one.high != highs[i]) return "the bounds of one query";
    }
    return nullptr;
  }

  const OpenedFile& file_;
  const K* keys_;
  std::size_t n_;
  std::int64_t total_;
  const Kernels& kernels_;
  Random random_;
  std::size_t most_;
  bool sorted_ = false;
  BTreeView<K> tree_;
  std::vector<std::uint32_t> table_;
  std::unique_ptr<AnyIndex> index_;
  std::vector<K> queries_;
};

// Asks an opened file, over its own keys; one that has none and few is also asked over others.
template <class K>
const char* wrong_answer(const OpenedFile& file, const Kernels& kernels, std::uint64_t seed, std::size_t most) {
  constexpr std::size_t few = 2000;
  const char* wrong = Questions<K>(file, static_cast<const K*>(file.keys), kernels, seed, most).wrong();
  if (wrong != nullptr || file.keys != nullptr || file.numbers() > few) return wrong;
  const std::vector<K> keys = random_keys<K>(file.numbers(), seed);
  return Questions<K>(file, keys.data(), kernels, seed, most).wrong();
}

inline const char* wrong_answer(const OpenedFile& file, const Kernels& kernels, std::uint64_t seed, std::size_t most = 250) {
  return visit_key_type(file.kind(), [&](auto tag) { return wrong_answer<decltype(tag)>(file, kernels, seed, most); });
}

}  // namespace tests
