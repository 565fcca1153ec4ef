// Lookups that are written down: of one query with its steps, of many with their counts.
#include "arrays.hpp"
#include "bindings.hpp"
#include "index_object.hpp"
#include "scalars.hpp"

namespace learnedidx::bindings {
namespace {

const char* name_of(Visit visit) {
  constexpr const char* names[] = {"stage", "table", "points", "segments", "node", "leaf", "correction",
                                   "window", "neighbour", "bisect", "look", "gallop", "layer", "tie"};
  return names[static_cast<std::size_t>(visit)];
}

// The columns of a row of counts, in the order of `counts_of`.
constexpr const char* kColumns[] = {"leaf", "predicted", "window_low", "window_high", "proven", "answer",
                                    "retries", "gallop_reads", "model_lines", "key_lines"};
constexpr std::size_t kCounts = std::size(kColumns);

void write_counts(const Trace& t, std::int64_t* row) {
  const std::int64_t counts[kCounts] = {t.leaf, t.predicted, t.window_low, t.window_high, std::int64_t{t.proven}, t.answer,
                                        t.retries, t.gallop_reads, t.model_lines.count(), t.key_lines.count()};
  for (std::size_t i = 0; i < kCounts; ++i) row[i] = counts[i];
}

// (counts, steps) of one lookup; a step is (kind, at, low, high, reads, lines).
py::tuple trace(const py::object& self, const py::object& value, int fit, bool right) {
  const Trace t = index_object(self).index->trace(fixed_query(value, fit), right, active_kernels());
  py::array_t<std::int64_t> counts(kCounts);
  write_counts(t, counts.mutable_data());
  py::list steps;
  for (const TraceStep& s : t.steps) steps.append(py::make_tuple(name_of(s.kind), s.at, s.low, s.high, s.reads, s.lines));
  return py::make_tuple(counts, steps);
}

ScalarQuery query_of(double key) { return {ScalarQuery::Form::f64, 0, 0, key}; }
ScalarQuery query_of(std::int64_t key) { return {ScalarQuery::Form::i64, 0, key}; }
ScalarQuery query_of(std::uint64_t key) { return {ScalarQuery::Form::u64, key}; }

// A row of counts for each query of the keys' own dtype, none of which is NaN or NaT.
py::array_t<std::int64_t> trace_counts(const py::object& self, const py::array& queries, bool right) {
  const AnyIndex& index = *index_object(self).index;
  require_plain(queries, "v");
  const Kernels& kernels = active_kernels();
  const auto total = static_cast<std::size_t>(queries.size());
  py::array_t<std::int64_t> out({queries.size(), static_cast<py::ssize_t>(kCounts)});
  std::int64_t* rows = out.mutable_data();
  const void* data = queries.data();
  const KeyType kind = kind_of(queries.dtype());
  run_pieces(total, 1, [&](std::size_t from, std::size_t count) {
    visit_key_type(kind, [&](auto tag) {
      using K = decltype(tag);
      const auto* each = static_cast<const K*>(data);
      for (std::size_t i = from; i < from + count; ++i)
        write_counts(index.trace(query_of(static_cast<Wide<K>>(each[i])), right, kernels), rows + i * kCounts);
    });
  });
  return out;
}

}  // namespace

void bind_trace(py::module_& core) {
  core.def("trace", &trace, py::arg("index"), py::arg("value"), py::arg("fit"), py::arg("right"));
  core.def("trace_counts", &trace_counts, py::arg("index"), py::arg("v"), py::arg("right"));
  py::list columns;
  for (const char* column : kColumns) columns.append(column);
  core.attr("trace_columns") = py::tuple(columns);
}

}  // namespace learnedidx::bindings
