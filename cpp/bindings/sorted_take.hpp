// Insertion of many codes into the tree of a list or a set, where they lie if they are in order.
#pragma once

#include <memory>
#include <utility>

#include "sorted_batch.hpp"
#include "sorted_types.hpp"

namespace learnedidx::bindings {

using ListTree = ListObject::Tree;

// Codes in order, different if the tree is that of a set.
inline bool merge(ListTree& tree, bool unique, const std::int64_t* codes, std::size_t count, Cancellation cancellation) {
  if (tree.size() == 0) return tree.load(codes, nullptr, count, cancellation);
  return tree.insert_sorted(codes, count, unique, cancellation);
}

// Inserts codes where they lie, the caller's array perhaps, into an empty tree or behind all others, if they are in
// order; false if they are not.
inline bool take_if_ordered(ListTree& tree, bool unique, const CodeArray& codes) {
  const std::int64_t* const first = codes.data();
  const auto count = static_cast<std::size_t>(codes.size());
  bool ordered = false;
  if (tree.size() == 0) {
    change(codes.size(), [&](Cancellation poll) { return tree.load_if_ordered(first, count, unique, ordered, poll); });
  } else if (codes.size() < kManyCodes) {  // with the GIL, so that they stay in order
    ordered = unique ? ListTree::ascend_strictly(first + 1, count - 1) : ListTree::ascend(first + 1, count - 1);
    if (ordered) change(codes.size(), [&](Cancellation poll) { return merge(tree, unique, first, count, poll); });
  } else if (tree.ends_before(first[0])) {
    change(codes.size(), [&](Cancellation poll) { return tree.append_if_ordered(first, count, unique, ordered, poll); });
  }
  return ordered;
}

// Inserts codes in any order.
inline void merge_any(ListTree& tree, bool unique, const CodeArray& codes) {
  if (take_if_ordered(tree, unique, codes)) return;
  CodeArray own(codes.size());
  const auto count = static_cast<std::size_t>(codes.size());
  std::int64_t* const first = own.mutable_data();
  bool ordered = false;
  without_gil(codes.size(), [&] {
    std::memcpy(first, codes.data(), count * sizeof *first);
    ordered = ListTree::ascend(first + 1, count - 1);
  });
  if (!ordered) sort(own);
  change(codes.size(), [&](Cancellation poll) {
    std::int64_t* const last = unique ? std::unique(first, first + count) : first + count;
    return merge(tree, unique, first, static_cast<std::size_t>(last - first), poll);
  });
}

// Inserts codes; False if the container holds something else.
inline PyObject* take(PyObject* self, const CodeArray& codes, Holds holds) {
  if (codes.size() == 0) Py_RETURN_TRUE;
  if (!takes<ListObject>(self, holds)) Py_RETURN_FALSE;
  const UnderWay changing(self, true);
  SortedHead& head = head_of(self);
  ++head.changes;
  merge_any(SortedVerbs<ListObject>::tree(self), head.unique, codes);
  hold_numbers(self, holds);
  Py_RETURN_TRUE;
}

}  // namespace learnedidx::bindings
