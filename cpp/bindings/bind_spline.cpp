// _core.Spline: a RadixSpline over keys of any kind.
#include <pybind11/stl.h>

#include <utility>

#include "bindings.hpp"
#include "models.hpp"

namespace learnedidx::bindings {
namespace {

using U64Array = py::array_t<std::uint64_t, py::array::c_style | py::array::forcecast>;

void require_radix_bits(unsigned radix_bits) {
  if (radix_bits > kMostRadixBits) throw py::value_error("radix_bits must be in [1, 24], or 0: chosen");
}

// The number of points fits the table, which holds 32 bits of it.
void require_few(std::size_t n_points) {
  if (n_points >= (std::uint64_t{1} << 32)) throw py::value_error("epsilon: more than 2**32 points; use a larger one");
}

void require_points(const U64Array& coordinates, const U64Array& positions, const OrdinalDomain& domain) {
  const auto count = static_cast<std::size_t>(coordinates.size());
  const bool right = positions.size() == coordinates.size() &&
                     are_points(coordinates.data(), positions.data(), count, domain);
  if (!right || positions.data()[count - 1] >> 48)
    throw py::value_error("points: damaged: they do not ascend over the domain");
  require_few(count);
}

std::shared_ptr<Spline> fit(const py::array& keys, std::size_t numbers, std::uint64_t epsilon, unsigned radix_bits) {
  require_plain(keys, "keys");
  require_radix_bits(radix_bits);
  if (epsilon < 1) throw py::value_error("epsilon must be at least 1");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  auto made = std::make_shared<Spline>();
  made->kind = kind_of(keys.dtype());
  made->n = numbers;
  made->keys = keys;
  made->data = keys.data();
  const Kernels& kernels = active_kernels();
  SplinePoints points;
  OrdinalDomain domain;
  run_pass([&](Cancellation cancellation) {
    return visit_key_type(made->kind, [&](auto tag) {
      const auto* from = static_cast<const decltype(tag)*>(made->data);
      domain = numbers ? ordinals_over(from[0], from[numbers - 1]) : ordinals_over(tag, tag);
      if (numbers) return fit_spline(from, numbers, domain, epsilon, kernels, points, made->spline.open, cancellation);
      points.add(0, 0);
      points.add(domain.top, 0);
      return true;
    });
  });
  if (!are_points(points.coordinates.data(), points.positions.data(), points.coordinates.size(), domain))
    throw py::value_error("keys: changed while the model was fitted");
  require_few(points.coordinates.size());
  lay_out(made->spline, points, domain, epsilon < numbers ? epsilon : numbers, radix_bits);
  run_pass([&](Cancellation cancellation) {
    return numbers == 0 || visit_key_type(made->kind, [&](auto tag) {
      return fit_corrections(made->spline, static_cast<const decltype(tag)*>(made->data), numbers, cancellation);
    });
  });
  return made;
}

// A spline from its points, bound to no keys; `keys` has their dtype only. Good for predictions.
std::shared_ptr<Spline> restore(const py::array& keys, const std::pair<std::uint64_t, std::uint64_t>& ends,
                                const U64Array& coordinates, const U64Array& positions, std::uint64_t epsilon,
                                unsigned radix_bits, std::int64_t max_error) {
  require_radix_bits(radix_bits);
  const OrdinalDomain domain{ends.first, ends.second};
  require_points(coordinates, positions, domain);
  auto made = std::make_shared<Spline>();
  made->kind = kind_of(keys.dtype());
  made->max_error = max_error < 0 ? 0 : max_error;
  const SplinePoints points{{coordinates.data(), coordinates.data() + coordinates.size()},
                            {positions.data(), positions.data() + positions.size()}};
  lay_out(made->spline, points, domain, epsilon, radix_bits);
  return made;
}

// Predicted positions of queries of any format that can be compared with the keys; `corrected`: as
// lookups correct them to place their windows.
py::array_t<double> predict(const Spline& made, const py::array& queries, const py::object& scale, bool corrected) {
  const Queries batch = batch_of(queries, scale);
  py::array_t<double> out(queries.size());
  double* target = out.mutable_data();
  const RadixSplineView& view = made.spline.view;
  run_pieces(static_cast<std::size_t>(queries.size()), 1, [&](std::size_t from, std::size_t count) {
    visit_key_type(made.kind, [&](auto tag) {
      QueryBlock<decltype(tag)> block;
      for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
        const std::size_t m = end - from < kQueryBlock ? end - from : kQueryBlock;
        load_block(batch, from, m, false, block);
        for (std::size_t i = 0; i < m; ++i) {
          const std::uint64_t position = spline_prediction(block.values[i], view);
          target[from + i] = to_double(corrected ? corrected_position(position, view) : position);
          if (block.fits[i] >= Fit::past) target[from + i] = to_double(view.positions[view.n_points - 1]);  // their end
        }
      }
    });
  });
  return out;
}

py::array of_points(const std::shared_ptr<Spline>& made, const std::uint64_t* data) {
  return read_only_view(data, {static_cast<py::ssize_t>(made->spline.view.n_points)}, made);
}

py::tuple points(const std::shared_ptr<Spline>& made) {
  const RadixSplineView& view = made->spline.view;
  return py::make_tuple(of_points(made, view.coordinates.aligned()), of_points(made, view.positions.aligned()));
}

py::array radix_table(const std::shared_ptr<Spline>& made) {
  const RadixSplineView& view = made->spline.view;
  return read_only_view(view.radix_table.aligned(), {(py::ssize_t{1} << view.radix_bits) + 1}, made);
}

}  // namespace

std::int64_t Spline::measure() {
  if (max_error >= 0) return max_error;
  const py::object alive = keys;  // another thread may finish first
  const void* from = data;
  const Kernels& kernels = active_kernels();
  std::int64_t found = 0;
  run_pass([&](Cancellation cancellation) {
    return n == 0 || visit_key_type(kind, [&](auto tag) {
      return measure_spline(static_cast<const decltype(tag)*>(from), n, spline.view, kernels, found, cancellation);
    });
  });
  keys = py::none();
  return max_error = found;
}

void bind_spline(py::module_& core) {
  py::class_<Spline, std::shared_ptr<Spline>>(core, "Spline")
      .def(py::init(&fit), py::arg("keys"), py::arg("numbers"), py::arg("epsilon"), py::arg("radix_bits"))
      .def_static("restore", &restore, py::arg("keys"), py::arg("domain"), py::arg("coordinates"),
                  py::arg("positions"), py::arg("epsilon"), py::arg("radix_bits"), py::arg("max_error"))
      .def("predict", &predict, py::arg("v"), py::arg("scale"), py::arg("corrected"))
      .def_property_readonly("points", &points)
      .def_property_readonly("radix_table", &radix_table)
      .def_property_readonly("domain", [](const Spline& made) {
        return std::make_pair(made.spline.view.domain.low, made.spline.view.domain.top);
      })
      .def_property_readonly("max_error", &Spline::measure)
      .def_property_readonly("n", [](const Spline& made) { return made.n; })
      .def_property_readonly("radix_bits", [](const Spline& made) { return made.spline.view.radix_bits; })
      .def_property_readonly("nbytes", [](const Spline& made) { return made.bytes(); });
}

}  // namespace learnedidx::bindings
