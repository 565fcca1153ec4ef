// Joins of tables with groups: one walk over the rows of both.
#include <algorithm>

#include "arrays.hpp"
#include "bindings.hpp"
#include "learnedidx/base/aligned_table.hpp"

namespace learnedidx::bindings {
namespace {

using Rows = py::array_t<std::int64_t, py::array::c_style>;

constexpr std::size_t kRowsAPiece = std::size_t{1} << 16;  // between questions whether to stop, and those up to the next place

// Rows of right and their groups, and the row of each group that the walk met last. Groups that are none are passed over.
class LastOfGroups {
 public:
  LastOfGroups(const Rows& groups, std::size_t count) : groups_(groups.data()), last_(count) {
    std::fill(last_.begin(), last_.end(), std::int64_t{-1});
  }

  void meet(std::size_t row) {
    const auto group = static_cast<std::uint64_t>(groups_[row]);
    if (group < last_.size()) last_[group] = static_cast<std::int64_t>(row);
  }
  std::int64_t of(std::int64_t group) const {
    return static_cast<std::uint64_t>(group) < last_.size() ? last_[static_cast<std::size_t>(group)] : -1;
  }

 private:
  const std::int64_t* groups_;
  Table<std::int64_t> last_;
};

// Of the rows of left, whose places ascend: the last row that has been met when their place is reached.
bool walk(const Rows& left, const Rows& places, std::size_t n, bool after, LastOfGroups& last, std::int64_t* out,
          Cancellation cancellation) {
  const auto m = static_cast<std::size_t>(left.size());
  std::size_t met = after ? n : 0, steps = 0;
  for (std::size_t i = 0; i < m; ++i) {
    const std::size_t row = after ? m - 1 - i : i;
    const auto place = static_cast<std::size_t>(std::min(static_cast<std::uint64_t>(places.data()[row]), std::uint64_t{n}));
    for (; after ? met > place : met < place; ++steps) last.meet(after ? --met : met++);
    out[row] = last.of(left.data()[row]);
    if (++steps < kRowsAPiece) continue;
    if (cancellation.requested()) return false;
    steps = 0;
  }
  return true;
}

// For each row of left the last row of right before its place, or the first from there on, in its group; -1: none.
Rows rows_of_groups(const Rows& right, const Rows& left, const Rows& places, std::size_t count, bool after) {
  if (places.size() != left.size()) throw py::value_error("places: another number of rows than left");
  Rows out(left.size());
  LastOfGroups last(right, count);
  std::int64_t* const target = out.mutable_data();
  const auto n = static_cast<std::size_t>(right.size());
  run_pass([&](Cancellation cancellation) { return walk(left, places, n, after, last, target, cancellation); });
  return out;
}

}  // namespace

void bind_join(py::module_& core) {
  core.def("rows_of_groups", &rows_of_groups, py::arg("right").noconvert(), py::arg("left").noconvert(), py::arg("places").noconvert(),
           py::arg("count"), py::arg("after"));
}

}  // namespace learnedidx::bindings
