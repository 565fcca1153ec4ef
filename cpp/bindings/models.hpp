// The fitted models as Python holds them: owners of the arrays that lookups read.
#pragma once

#include <memory>
#include <vector>

#include "arrays.hpp"
#include "learnedidx/btree.hpp"
#include "learnedidx/fit_pgm.hpp"
#include "learnedidx/fit_rmi.hpp"
#include "learnedidx/fit_spline.hpp"
#include "learnedidx/rmi.hpp"
#include "learnedidx/table.hpp"

namespace learnedidx::bindings {

// An RMI while it is trained and after. Python adds stages, then fits the leaves, once.
struct Rmi : std::enable_shared_from_this<Rmi> {
  Kind kind = Kind::u64;
  py::object keys;              // the array that it is fitted to, until its errors are measured
  const void* data = nullptr;
  std::size_t n = 0;
  RmiView view;
  std::vector<std::unique_ptr<std::vector<std::uint64_t>>> stages;  // knots, root first
  std::vector<std::size_t> models;                                  // models that each stage leads to
  Table<std::uint32_t> leaf_positions;
  std::vector<LeafLine> lines;
  GroupErrors errors;           // measured when first asked for: lookups do not need them
  bool fitted = false, measured = false;

  // Measures the errors at every key, once. O(n). Needs the GIL, gives it up meanwhile.
  void measure();

  // Takes a stage that leads to `next` models; its knots are made safe and monotone.
  void add_stage(std::vector<std::uint64_t> knots, std::size_t next) {
    make_monotone(knots.data(), knots.size(), next);
    stages.push_back(std::make_unique<std::vector<std::uint64_t>>(std::move(knots)));
    if (stages.size() == 1) view.root = stages[0]->data();
    else view.middle.push_back(stages.back()->data());
    models.push_back(next);
  }

  std::size_t bytes() const {
    std::size_t total = leaf_positions.size() * sizeof(std::uint32_t) + lines.size() * sizeof(LeafLine);
    if (!models.empty()) total += GroupErrors(models.back()).groups.size() * sizeof(ErrorBounds);
    for (const auto& knots : stages) total += knots->size() * sizeof(std::uint64_t);
    return total;
  }
};

// A B+-tree over keys of any kind; exactly one of the trees is built.
struct AnyTree {
  Kind kind = Kind::u64;
  std::size_t n = 0;
  const void* data = nullptr;
  std::shared_ptr<void> tree;  // BTree<K> of that kind
  std::size_t tree_bytes = 0;
};

// A RadixSpline fitted to keys of any kind, or restored from its points and then bound to no keys.
struct Spline : std::enable_shared_from_this<Spline> {
  Kind kind = Kind::u64;
  std::size_t n = 0;
  py::object keys = py::none();  // what it was fitted to, until its largest error is measured
  const void* data = nullptr;    // where they lie
  RadixSpline spline;
  std::int64_t max_error = -1;   // measured when first asked for
};

// A PGM-index fitted to keys of any kind, or restored from its segments and then bound to no keys.
struct PgmModel {
  Kind kind = Kind::u64;
  std::size_t n = 0;
  py::object keys = py::none();  // what it was fitted to, until its errors are measured
  const void* data = nullptr;    // where they lie
  Pgm pgm;
  ErrorBounds errors;            // measured when first asked for: lookups do not need them
  bool measured = false;

  // Measures the errors at every key and gap, once. O(n). Needs the GIL, gives it up meanwhile.
  void measure();
};

// A table of all answers over 8- or 16-bit keys; its entries are as wide as n needs.
struct Direct : std::enable_shared_from_this<Direct> {
  Kind kind = Kind::u8;
  std::size_t n = 0;
  const void* data = nullptr;  // where the keys lie that it was filled over; null: restored, bound to none
  std::vector<std::uint32_t> narrow;
  std::vector<std::uint64_t> wide;  // empty while n < 2^32
};

}  // namespace learnedidx::bindings
