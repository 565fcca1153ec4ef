// _core.Pgm: a PGM-index over keys of any kind.
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "bindings.hpp"
#include "models.hpp"

namespace learnedidx::bindings {
namespace {

using U64Array = py::array_t<std::uint64_t, py::array::c_style | py::array::forcecast>;
using RealArray = py::array_t<double, py::array::c_style | py::array::forcecast>;

constexpr std::int64_t kMostEpsilon = std::int64_t{1} << 40;  // beyond any number of keys

std::shared_ptr<PgmModel> fit(const py::array& keys, std::size_t numbers, std::int64_t epsilon) {
  require_plain(keys, "keys");
  if (epsilon < 1) throw py::value_error("epsilon must be at least 1");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  auto made = std::make_shared<PgmModel>();
  made->kind = kind_of(keys.dtype());
  made->n = numbers;
  made->keys = keys;
  made->data = keys.data();
  const Kernels& kernels = active_kernels();
  run_pass([&](Cancellation cancellation) {
    return visit_key_type(made->kind, [&](auto tag) {
      return fit_pgm(made->pgm, static_cast<const decltype(tag)*>(made->data), numbers,
                     std::min(epsilon, kMostEpsilon), kernels, cancellation);
    });
  });
  return made;
}

bool ascend(const U64Array& coordinates, std::uint64_t top) {
  const std::uint64_t* x = coordinates.data();
  const auto count = coordinates.size();
  if (count < 1 || x[0] != 0 || x[count - 1] > top) return false;
  return std::adjacent_find(x, x + count, [](std::uint64_t a, std::uint64_t b) { return a >= b; }) == x + count;
}

bool are_lines(const RealArray& slopes, const RealArray& positions) {
  constexpr double most = 0x1p45;  // what is no number fails every comparison
  const auto rises = [](double slope) { return slope >= 0 && slope < most; };
  const auto near = [](double position) { return std::fabs(position) < most; };
  return std::all_of(slopes.data(), slopes.data() + slopes.size(), rises) &&
         std::all_of(positions.data(), positions.data() + positions.size(), near);
}

// Segments as a pickle has them: ordinals ascend from 0 inside the domain, lines are finite and never fall.
void require_segments(const U64Array& coordinates, const RealArray& slopes, const RealArray& positions,
                      const OrdinalDomain& domain) {
  const bool even = slopes.size() == coordinates.size() && positions.size() == coordinates.size();
  if (!even || !ascend(coordinates, domain.top) || !are_lines(slopes, positions))
    throw py::value_error("segments: damaged: they do not ascend over the domain");
}

// A model from its segments, bound to no keys; `keys` has their dtype only. Good for predictions.
std::shared_ptr<PgmModel> restore(const py::array& keys, std::size_t numbers, std::int64_t epsilon,
                                  const std::pair<std::uint64_t, std::uint64_t>& ends, const U64Array& coordinates,
                                  const RealArray& slopes, const RealArray& positions,
                                  const std::pair<std::int64_t, std::int64_t>& errors) {
  const OrdinalDomain domain{ends.first, ends.second};
  require_segments(coordinates, slopes, positions, domain);
  if (epsilon < 1 || numbers >> 44) throw py::value_error("segments: damaged: epsilon or number of keys");
  auto made = std::make_shared<PgmModel>();
  made->kind = kind_of(keys.dtype());
  Segments segments;
  for (py::ssize_t i = 0; i < coordinates.size(); ++i) {
    segments.firsts.push_back(coordinates.data()[i]);
    segments.lines.push_back({slopes.data()[i], positions.data()[i]});
    segments.lengths.push_back(0x1p64);  // narrow only where nothing is lost
  }
  lay_out(made->pgm, std::move(segments), numbers, domain, std::min(epsilon, kMostEpsilon));
  made->errors = {errors.first, errors.second};
  made->measured = true;
  return made;
}

// Predicted positions of queries of any format that can be compared with the keys; `corrected`: as
// lookups move them to place their windows.
// What lies after all numbers is at their end.
double end_of(const PgmView& view) { return view.levels.back().line_at(view.levels.back().segments).position; }

py::array_t<double> predict(const PgmModel& made, const py::array& queries, const py::object& scale, bool corrected) {
  const Queries batch = batch_of(queries, scale);
  py::array_t<double> out(queries.size());
  double* target = out.mutable_data();
  const PgmView& view = made.pgm.view;
  run_pieces(static_cast<std::size_t>(queries.size()), 1, [&](std::size_t from, std::size_t count) {
    visit_key_type(made.kind, [&](auto tag) {
      QueryBlock<decltype(tag)> block;
      for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
        const std::size_t m = end - from < kQueryBlock ? end - from : kQueryBlock;
        load_block(batch, from, m, false, block);
        for (std::size_t i = 0; i < m; ++i) {
          const auto position = static_cast<std::uint64_t>(pgm_position(ordinal(block.values[i], view.domain), view));
          target[from + i] = to_double(corrected ? corrected_position(position, view) : position);
          if (block.fits[i] >= Fit::past) target[from + i] = end_of(view);
        }
      }
    });
  });
  return out;
}

// The lines of the last level, as numbers: one of two columns.
py::array_t<double> column(const PgmModel& made, double Line::*part) {
  const PgmLevel& level = made.pgm.view.levels.back();
  py::array_t<double> out(static_cast<py::ssize_t>(level.segments));
  for (std::size_t i = 0; i < level.segments; ++i) out.mutable_data()[i] = level.line_at(i).*part;
  out.attr("setflags")(py::arg("write") = false);
  return out;
}

py::array_t<std::uint64_t> coordinates(const PgmModel& made) {
  const PgmLevel& level = made.pgm.view.levels.back();
  py::array_t<std::uint64_t> out(static_cast<py::ssize_t>(level.segments));
  for (std::size_t i = 0; i < level.segments; ++i) out.mutable_data()[i] = level.before[i] + 1;
  out.attr("setflags")(py::arg("write") = false);
  return out;
}

}  // namespace

void PgmModel::measure() {
  if (measured) return;
  ErrorBounds found;
  const Kernels& kernels = active_kernels();
  const py::object alive = keys;  // another thread may finish first
  const void* from = data;
  run_pass([&](Cancellation cancellation) {
    return n == 0 || visit_key_type(kind, [&](auto tag) {
      return measure_pgm(static_cast<const decltype(tag)*>(from), n, pgm.view, kernels, found, cancellation);
    });
  });
  if (measured) return;  // another thread was faster, and its errors may be in use
  errors = found;
  measured = true;
  keys = py::none();
}

void bind_pgm(py::module_& core) {
  py::class_<PgmModel, std::shared_ptr<PgmModel>>(core, "Pgm")
      .def(py::init(&fit), py::arg("keys"), py::arg("numbers"), py::arg("epsilon"))
      .def_static("restore", &restore, py::arg("keys"), py::arg("numbers"), py::arg("epsilon"), py::arg("domain"),
                  py::arg("coordinates"), py::arg("slopes"), py::arg("positions"), py::arg("errors"))
      .def("predict", &predict, py::arg("v"), py::arg("scale"), py::arg("corrected"))
      .def("measure", &PgmModel::measure)
      .def_property_readonly("coordinates", &coordinates)
      .def_property_readonly("slopes", [](const PgmModel& made) { return column(made, &Line::slope); })
      .def_property_readonly("positions", [](const PgmModel& made) { return column(made, &Line::position); })
      .def_property_readonly("segments", [](const PgmModel& made) {
        std::vector<std::size_t> counts;
        for (const PgmLevel& level : made.pgm.view.levels) counts.push_back(level.segments);
        return counts;
      })
      .def_property_readonly("domain", [](const PgmModel& made) {
        return std::make_pair(made.pgm.view.domain.low, made.pgm.view.domain.top);
      })
      .def_property_readonly("errors", [](PgmModel& made) {
        made.measure();
        return std::make_pair(made.errors.over, made.errors.under);
      })
      .def_property_readonly("n", [](const PgmModel& made) { return made.n; })
      .def_property_readonly("nbytes", [](const PgmModel& made) { return made.bytes(); });
}

}  // namespace learnedidx::bindings
