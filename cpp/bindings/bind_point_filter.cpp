// _core.PointFilter: a filter of numbers or strings, its own or in memory that somebody else owns.
#include "column.hpp"
#include "filter_work.hpp"
#include "filter_words.hpp"

namespace learnedidx::bindings {
namespace {

using PointObject = Held<PointFilter>;

// Who asks says of what kind keys are.
std::shared_ptr<PointObject> opened_point(Words words) { return opened<PointFilter>(KeyType::u64, std::move(words), "point filter"); }

// bits_per_key: of a split block.
template <class Hash> std::shared_ptr<PointObject> build_point(unsigned layout, double bits_per_key, std::uint64_t seed, Hash&& hash) {
  Table<std::uint64_t> words;
  run_pass([&](Cancellation cancellation) {
    Table<std::uint64_t> hashes;
    return hash(hashes, cancellation) && build_words(hashes, static_cast<PointLayout>(layout), bits_per_key, seed, words, cancellation);
  });
  return opened_point(words_of(std::move(words)));
}

std::shared_ptr<PointObject> point_of_numbers(const py::array& keys, unsigned layout, double bits_per_key, std::uint64_t seed) {
  require_plain(keys, "keys");
  const bool times = keys.dtype().kind() == 'M' || keys.dtype().kind() == 'm';
  const auto n = static_cast<std::size_t>(keys.size());
  const void* data = keys.data();
  const KeyType kind = kind_of(keys.dtype());
  return build_point(layout, bits_per_key, seed, [&](auto& hashes, Cancellation cancellation) {
    return read_hashes(kind, data, n, times, seed, hashes, cancellation);
  });
}

std::shared_ptr<PointObject> point_of_strings(const Column& keys, unsigned layout, double bits_per_key, std::uint64_t seed) {
  return build_point(layout, bits_per_key, seed,
               [&](auto& hashes, Cancellation cancellation) { return read_hashes(keys.strings, seed, hashes, cancellation); });
}

// Of keys of the dtype: a query that is none of their values is no member.
void may_contain_numbers(const PointObject& object, const py::array& of_dtype, const py::array& queries, const py::object& scale, py::array out,
                 std::size_t threads) {
  const Queries batch = batch_of(queries, scale);
  const auto total = static_cast<std::size_t>(queries.size());
  require_out(out, static_cast<py::ssize_t>(total), 1);
  bool* target = static_cast<bool*>(out.mutable_data());
  const std::uint64_t seed = object.filter.said().seed;
  const KeyType kind = kind_of(of_dtype.dtype());
  run_blocks(total, threads, [&](std::size_t from, std::size_t count) {
    CodeBlock block;
    load_hashes(kind, batch, from, count, seed, block);
    ask(object.filter, block.codes, count, target + from);
    for (std::size_t i = 0; i < count && !block.exact; ++i) target[from + i] &= block.fits[i] == Fit::exact;
  });
}

// trims: NULs at the end of a string are no part of it.
void may_contain_strings(const PointObject& object, const Column& queries, bool trims, py::array out, std::size_t threads) {
  const std::size_t total = queries.strings.n;
  require_out(out, static_cast<py::ssize_t>(total), 1);
  bool* target = static_cast<bool*>(out.mutable_data());
  const std::uint64_t seed = object.filter.said().seed;
  run_blocks(total, threads, [&](std::size_t from, std::size_t count) {
    std::uint64_t hashes[kQueryBlock];
    load_hashes(queries.strings, trims, from, count, seed, hashes);
    ask(object.filter, hashes, count, target + from);
  });
}

py::dict point_said(const PointObject& object) {
  const StoredPointFilter& said = object.filter.said();
  return dict_of({{"layout", said.layout}, {"keys", said.keys}, {"blocks", said.blocks}, {"seed", said.seed}});
}

}  // namespace

void bind_point_filter(py::module_& core) {
  bind_held<PointFilter>(core, "PointFilter")
      .def(py::init(&point_of_numbers), py::arg("keys"), py::arg("layout"), py::arg("bits_per_key"), py::arg("seed"))
      .def(py::init(&point_of_strings), py::arg("keys"), py::arg("layout"), py::arg("bits_per_key"), py::arg("seed"))
      .def_static("restore", [](const py::array& words) { return opened_point(words_of(words)); }, py::arg("words"))
      .def("may_contain", &may_contain_numbers, py::arg("of_dtype"), py::arg("v"), py::arg("scale"), py::arg("out"), py::arg("threads"))
      .def("may_contain", &may_contain_strings, py::arg("v"), py::arg("trims"), py::arg("out"), py::arg("threads"))
      .def_property_readonly("said", &point_said);
}

}  // namespace learnedidx::bindings
