// Joins of tables: the walk over rows that have groups, and values taken at rows.
#include <algorithm>
#include <cstring>
#include <vector>

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

constexpr std::size_t kRowsAhead = 64;  // which are prefetched: a quarter less time than without, of 10 M values

// out[i] = values[rows[i]] for i from `first` on, zero bits for rows that are not there; adds to `lost` which i these are. `out`
// may lie over the rows, which are read first: so one thread takes each piece, once.
template <class T>
void take(const T* values, std::size_t n, const std::int64_t* rows, std::size_t first, std::size_t count, unsigned char* out,
          std::vector<std::int64_t>& lost) {
  const auto row = [&](std::size_t i) { return static_cast<std::uint64_t>(rows[i]); };
  std::int64_t missing[kQueryBlock];
  for (const std::size_t end = first + count; first < end;) {
    const std::size_t stop = std::min(end, first + kQueryBlock);
    std::size_t misses = 0;
    for (std::size_t i = first; i < stop; ++i) {
      if (i + kRowsAhead < end && row(i + kRowsAhead) < n) prefetch(values + row(i + kRowsAhead));
      const bool is_there = row(i) < n;
      const T value = is_there ? values[row(i)] : T{};
      missing[misses] = static_cast<std::int64_t>(i);  // stays if the next line counts it
      misses += static_cast<std::size_t>(!is_there);
      std::memcpy(out + i * sizeof(T), &value, sizeof value);
    }
    lost.insert(lost.end(), missing, missing + misses);
    first = stop;
  }
}

template <class T> void take_all(const py::array& values, const Rows& rows, py::array& out, std::vector<std::int64_t>& lost) {
  const T* const from = static_cast<const T*>(values.data());
  auto* const to = static_cast<unsigned char*>(out.mutable_data());
  const std::int64_t* const at = rows.data();
  const auto n = static_cast<std::size_t>(values.size());
  run_pieces(static_cast<std::size_t>(rows.size()), 1,
             [&](std::size_t first, std::size_t count) { take<T>(from, n, at, first, count, to, lost); });
}

// Values of 1, 2, 4 or 8 bytes, whatever they are. Returns where rows are not there.
Rows take_rows(const py::array& values, const Rows& rows, py::array out) {
  require_plain(values, "values");
  require_out(out, rows.size(), values.itemsize());
  std::vector<std::int64_t> lost;
  switch (values.itemsize()) {
    case 1: take_all<std::uint8_t>(values, rows, out, lost); break;
    case 2: take_all<std::uint16_t>(values, rows, out, lost); break;
    case 4: take_all<std::uint32_t>(values, rows, out, lost); break;
    case 8: take_all<std::uint64_t>(values, rows, out, lost); break;
    default: throw py::type_error("values: must be of 1, 2, 4 or 8 bytes");
  }
  return Rows(static_cast<py::ssize_t>(lost.size()), lost.data());
}

}  // namespace

void bind_join(py::module_& core) {
  core.def("rows_of_groups", &rows_of_groups, py::arg("right").noconvert(), py::arg("left").noconvert(), py::arg("places").noconvert(),
           py::arg("count"), py::arg("after"));
  core.def("take_rows", &take_rows, py::arg("values").noconvert(), py::arg("rows").noconvert(), py::arg("out").noconvert());
}

}  // namespace learnedidx::bindings
