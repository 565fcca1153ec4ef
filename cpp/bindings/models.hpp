// The fitted models as Python holds them: owners of the arrays that lookups read.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "arrays.hpp"
#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/fitting/rmi.hpp"
#include "learnedidx/models/btree.hpp"
#include "learnedidx/training/fit_pgm.hpp"
#include "learnedidx/training/fit_rmi.hpp"
#include "learnedidx/training/fit_spline.hpp"

namespace learnedidx::bindings {

// An RMI while it is trained and after, or opened from a file. Python adds stages, then fits the leaves, once.
struct Rmi : RmiArrays, std::enable_shared_from_this<Rmi> {
  KeyType kind = KeyType::u64;
  py::object keys;              // the array that it is fitted to, until its errors are measured
  const void* data = nullptr;
  std::size_t n = 0;
  std::vector<LeafLine> lines;
  bool fitted = false, measured = false;  // errors are measured when first asked for: lookups do not need them
  py::object file = py::none();  // whose bytes the view reads, if it does

  // Measures the errors at every key, once. O(n). Needs the GIL, gives it up meanwhile.
  void measure();

  void set_errors(GroupErrors found) {
    errors = std::move(found);
    errors_view = errors.view();
    measured = true;
  }

  // Of what lookups read, in a file too.
  std::size_t bytes() const {
    if (models.empty()) return 0;
    const std::size_t leaves = models.back();
    std::size_t total = groups_of(leaves) * sizeof(ErrorBounds);
    if (view.leaf_positions) total += (leaves + 1) * sizeof(std::uint32_t);
    if (view.lines) total += leaves * sizeof(LeafLine);
    for (std::size_t i = 0; i < models.size(); ++i) total += knots_of(i) * sizeof(std::uint64_t);
    return total;
  }

  // How many knots stage number i has.
  std::size_t knots_of(std::size_t i) const {
    return (i == 0 ? static_cast<std::size_t>(view.root_bins()) : models[i - 1]) + 1;
  }
};

// A B+-tree over keys of any kind; exactly one of the trees is built.
struct AnyTree {
  KeyType kind = KeyType::u64;
  std::size_t n = 0;
  const void* data = nullptr;
  unsigned node = 16;
  std::shared_ptr<void> tree;  // BTree<K> of that kind
  py::object file = py::none();  // whose bytes it reads, if it does
  std::size_t tree_bytes = 0;
};

// A RadixSpline fitted to keys of any kind, or restored from its points and then bound to no keys.
struct Spline : std::enable_shared_from_this<Spline> {
  KeyType kind = KeyType::u64;
  std::size_t n = 0;
  py::object keys = py::none();  // what it was fitted to, until its largest error is measured
  const void* data = nullptr;    // where they lie
  RadixSpline spline;
  std::int64_t max_error = -1;   // measured when first asked for
  py::object file = py::none();  // whose bytes the view reads, if it does

  // Measures the largest error over all keys, once. O(n). Needs the GIL, gives it up meanwhile.
  std::int64_t measure();

  std::size_t bytes() const {
    const RadixSplineView& view = spline.view;
    const std::size_t table = (std::size_t{1} << view.radix_bits) + 1;
    const std::size_t corrections = view.corrections.values ? (n >> view.corrections.shift) + 2 : 0;
    return (2 * view.n_points + kWindowKeys<std::uint64_t>) * sizeof(std::uint64_t) + table * sizeof(std::uint32_t) +
           corrections;
  }
};

// A PGM-index fitted to keys of any kind, or restored from its segments and then bound to no keys.
struct PgmModel {
  KeyType kind = KeyType::u64;
  std::size_t n = 0;
  py::object keys = py::none();  // what it was fitted to, until its errors are measured
  const void* data = nullptr;    // where they lie
  Pgm pgm;
  ErrorBounds errors;            // measured when first asked for: lookups do not need them
  bool measured = false;
  py::object file = py::none();  // whose bytes the view reads, if it does

  // Of what lookups read; not of what extending it needs.
  std::size_t bytes() const {
    const PgmView& view = pgm.view;
    std::size_t total = view.splitters ? kSplitters * sizeof(std::uint64_t) : 0;
    for (const PgmLevel& level : view.levels) total += level_bytes(level);
    if (view.corrections.values)
      total += ((n + static_cast<std::size_t>(view.epsilon)) >> view.corrections.shift) + 2;
    return total;
  }

  // Measures the errors at every key and gap, once. O(n). Needs the GIL, gives it up meanwhile.
  void measure();
};

// A table of all answers over 8- or 16-bit keys; its entries are as wide as n needs.
struct Direct : std::enable_shared_from_this<Direct> {
  KeyType kind = KeyType::u8;
  std::size_t n = 0;
  const void* data = nullptr;  // where the keys lie that it was filled over; null: restored, bound to none
  std::vector<std::uint32_t> narrow;
  std::vector<std::uint64_t> wide;  // empty while n < 2^32
  bool waits = false;               // to be filled when first asked
  std::once_flag asked;
  py::object file = py::none();     // that it was opened from

  // Fills the table that waits, once. Needs no GIL.
  void fill_once() noexcept;

  // Takes the entries of a file, made to rise to n whatever they are.
  void adopt(const void* entries);
};

// Checks, the first time, the checksums of what a model reads from a file, if it does.
void verify_file_of(py::handle model);

}  // namespace learnedidx::bindings
