// _core.Direct: the positions of all values of an 8- or 16-bit format.
#include "bindings.hpp"
#include "learnedidx/lookup/direct_index.hpp"
#include "models.hpp"

namespace learnedidx::bindings {
namespace {

using U64Array = py::array_t<std::uint64_t, py::array::c_style | py::array::forcecast>;

// Calls f with a value of the narrow type that `kind` stands for.
template <class F> auto visit_narrow(KeyType kind, F&& f) {
  switch (kind) {
    case KeyType::u8: return f(std::uint8_t{});
    case KeyType::u16: return f(std::uint16_t{});
    case KeyType::i8: return f(std::int8_t{});
    case KeyType::i16: return f(std::int16_t{});
    default: throw py::value_error("keys: a direct table needs keys of 8 or 16 bits");
  }
}

// Calls f(entries, slots) with a fresh table of the right width.
template <class F> std::shared_ptr<Direct> made(KeyType kind, std::size_t n, F&& f) {
  auto direct = std::make_shared<Direct>();
  direct->kind = kind;
  direct->n = n;
  visit_narrow(kind, [&](auto tag) {
    constexpr std::size_t slots = kSlots<decltype(tag)>;
    if (n < (std::uint64_t{1} << 32)) f(tag, direct->narrow = std::vector<std::uint32_t>(slots));
    else f(tag, direct->wide = std::vector<std::uint64_t>(slots));
  });
  return direct;
}

std::shared_ptr<Direct> fill(const py::array& keys, std::size_t numbers) {
  require_plain(keys, "keys");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  const void* data = keys.data();
  auto direct = made(kind_of(keys.dtype()), numbers, [&](auto tag, auto& table) {
    const WithoutGil released;
    fill_direct(static_cast<const decltype(tag)*>(data), numbers, table.data());
  });
  direct->data = data;
  return direct;
}

template <class Entry> void copy_rising(const void* entries, std::size_t n, std::vector<Entry>& table) {
  const auto from = UnalignedArray<Entry>::at(entries);
  const auto end = static_cast<Entry>(n);
  Entry so_far = 0;
  for (std::size_t slot = 0; slot < table.size(); ++slot) {
    const Entry entry = from[slot] < end ? from[slot] : end;
    so_far = entry > so_far ? entry : so_far;
    table[slot] = so_far;
  }
  table[table.size() - 2] = table[table.size() - 1] = end;
}

std::shared_ptr<Direct> restore(const py::array& keys, const U64Array& positions) {
  const auto count = static_cast<std::size_t>(positions.size());
  const std::uint64_t* from = positions.data();
  const std::size_t n = count ? static_cast<std::size_t>(from[count - 1]) : 0;
  if (n >> 48) throw py::value_error("positions: damaged: too large");
  return made(kind_of(keys.dtype()), n, [&](auto, auto& table) {
    using Entry = typename std::decay_t<decltype(table)>::value_type;
    if (count + 1 != table.size()) throw py::value_error("positions: damaged: wrong length");
    std::uint64_t so_far = 0;
    for (std::size_t slot = 0; slot < count; ++slot) {
      so_far = from[slot] > so_far ? from[slot] : so_far;
      table[slot] = static_cast<Entry>(so_far < n ? so_far : n);
    }
    table[count] = static_cast<Entry>(n);
  });
}

py::array_t<std::int64_t> predict(Direct& direct, const py::array& queries, const py::object& scale) {
  const Queries batch = batch_of(queries, scale);
  const auto count = static_cast<std::size_t>(queries.size());
  py::array_t<std::int64_t> out(queries.size());
  std::int64_t* target = out.mutable_data();
  const Kernels& kernels = active_kernels();
  direct.fill_once();
  visit_narrow(direct.kind, [&](auto tag) {
    const auto answer = [&](const AnyIndex& index) {
      run_pieces(count, 1, [&](std::size_t from, std::size_t m) {
        index.search(batch, from, m, false, Verb::position, kernels, target);
      });
    };
    using K = decltype(tag);
    if (direct.wide.empty()) answer(DirectIndex<K, std::uint32_t>(direct.narrow.data()));
    else answer(DirectIndex<K, std::uint64_t>(direct.wide.data()));
  });
  return out;
}

// Without the last entry, which only repeats the one before.
py::array positions(const std::shared_ptr<Direct>& direct) {
  direct->fill_once();
  const auto shown = [&](const auto& table) {
    return read_only_view(table.data(), {static_cast<py::ssize_t>(table.size()) - 1}, direct);
  };
  return direct->wide.empty() ? shown(direct->narrow) : shown(direct->wide);
}

std::size_t bytes(const Direct& direct) {
  return direct.narrow.size() * sizeof(std::uint32_t) + direct.wide.size() * sizeof(std::uint64_t);
}

}  // namespace

void Direct::fill_once() noexcept {
  std::call_once(asked, [&] {
    if (!waits) return;
    visit_key_type(kind, [&](auto tag) {
      using K = decltype(tag);
      if constexpr (kIsNarrow<K>) {
        const auto* keys = static_cast<const K*>(data);
        if (wide.empty()) fill_direct(keys, n, narrow.data());
        else fill_direct(keys, n, wide.data());
      }
    });
  });
}

void Direct::adopt(const void* entries) {
  if (wide.empty()) copy_rising(entries, n, narrow);
  else copy_rising(entries, n, wide);
}

void bind_direct(py::module_& core) {
  py::class_<Direct, std::shared_ptr<Direct>>(core, "Direct")
      .def(py::init(&fill), py::arg("keys"), py::arg("numbers"))
      .def_static("restore", &restore, py::arg("keys"), py::arg("positions"))
      .def("predict", &predict, py::arg("v"), py::arg("scale"))
      .def_property_readonly("positions", &positions)
      .def_property_readonly("n", [](const Direct& direct) { return direct.n; })
      .def_property_readonly("nbytes", &bytes);
}

}  // namespace learnedidx::bindings
