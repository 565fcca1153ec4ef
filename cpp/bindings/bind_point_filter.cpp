// _core.PointFilter: a filter of numbers or strings, its own or in memory that somebody else owns.
#include "bindings.hpp"
#include "column.hpp"
#include "filter_words.hpp"
#include "learnedidx/filters/point_filter.hpp"

namespace learnedidx::bindings {
namespace {

struct PointObject {
  Words words;
  PointFilter filter;
};

std::shared_ptr<PointObject> opened(Words words) {
  auto object = std::make_shared<PointObject>();
  object->words = std::move(words);
  if (!object->filter.open(object->words.data, object->words.bytes)) throw py::value_error("words: damaged: no point filter");
  return object;
}

constexpr std::size_t kHashesAPiece = std::size_t{1} << 16;

// Hashes of keys that are no NaN or NaT, without those equal to the one before. False if stopped.
template <class K> bool hash_keys(const K* keys, std::size_t n, bool times, std::uint64_t seed, Table<std::uint64_t>& hashes,
                                  Cancellation cancellation) {
  hashes.resize(n);
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    hashes[count] = hash_of(keys[i], seed);
    count += !is_missing(keys[i], times) && (count == 0 || hashes[count] != hashes[count - 1]);
    if (i % kHashesAPiece == 0 && cancellation.requested()) return false;
  }
  hashes.resize(count);
  return true;
}

bool hash_keys(const Strings& keys, std::uint64_t seed, Table<std::uint64_t>& hashes, Cancellation cancellation) {
  hashes.resize(keys.n);
  return visit_strings(keys, [&](const auto& column) {
    for (std::size_t i = 0; i < keys.n; ++i) {
      const Slice string = column[i];
      hashes[i] = Xxh64::of_bytes(string.data, string.size, seed);
      if (i % kHashesAPiece == 0 && cancellation.requested()) return false;
    }
    return true;
  });
}

// bits_per_key: of a split block.
template <class Hash> std::shared_ptr<PointObject> build(unsigned layout, double bits_per_key, std::uint64_t seed, Hash&& hash) {
  Table<std::uint64_t> words;
  run_pass([&](Cancellation cancellation) {
    Table<std::uint64_t> hashes;
    if (!hash(hashes, cancellation)) return false;
    const double blocks = std::ceil(static_cast<double>(hashes.size()) * bits_per_key / (8 * kBlockBytes));
    const auto wanted = static_cast<std::uint64_t>(std::min(std::max(blocks, 1.0), static_cast<double>(kMostBlocks)));
    return build_point_filter(hashes, static_cast<PointLayout>(layout), wanted, seed, words, cancellation);
  });
  return opened(words_of(std::move(words)));
}

std::shared_ptr<PointObject> of_numbers(const py::array& keys, unsigned layout, double bits_per_key, std::uint64_t seed) {
  require_plain(keys, "keys");
  const bool times = keys.dtype().kind() == 'M' || keys.dtype().kind() == 'm';
  const auto n = static_cast<std::size_t>(keys.size());
  const void* data = keys.data();
  const KeyType kind = kind_of(keys.dtype());
  return build(layout, bits_per_key, seed, [&](auto& hashes, Cancellation cancellation) {
    return visit_key_type(kind, [&](auto tag) {
      return hash_keys(static_cast<const decltype(tag)*>(data), n, times, seed, hashes, cancellation);
    });
  });
}

std::shared_ptr<PointObject> of_strings(const Column& keys, unsigned layout, double bits_per_key, std::uint64_t seed) {
  return build(layout, bits_per_key, seed,
               [&](auto& hashes, Cancellation cancellation) { return hash_keys(keys.strings, seed, hashes, cancellation); });
}

// Of keys of the dtype: a query that is none of their values is no member.
void may_contain(const PointObject& object, const py::array& of_dtype, const py::array& queries, const py::object& scale, py::array out,
                 std::size_t threads) {
  const Queries batch = batch_of(queries, scale);
  const auto total = static_cast<std::size_t>(queries.size());
  require_out(out, static_cast<py::ssize_t>(total), 1);
  bool* target = static_cast<bool*>(out.mutable_data());
  const std::uint64_t seed = object.filter.said().seed;
  visit_key_type(kind_of(of_dtype.dtype()), [&](auto tag) {
    using K = decltype(tag);
    run_pieces(total, threads, [&](std::size_t from, std::size_t count) {
      QueryBlock<K> block;
      std::uint64_t hashes[kQueryBlock];
      for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
        const std::size_t m = std::min(kQueryBlock, end - from);
        const K* plain = plain_queries<K>(batch, from, m, false, nullptr);
        if (!plain) load_block(batch, from, m, false, block);
        hash_all(plain ? plain : block.values, m, seed, hashes);
        object.filter.test(hashes, m, target + from);
        for (std::size_t i = 0; i < m && !plain; ++i) target[from + i] &= block.fits[i] == Fit::exact;
      }
    });
  });
}

void may_contain_strings(const PointObject& object, const Column& queries, py::array out, std::size_t threads) {
  const std::size_t total = queries.strings.n;
  require_out(out, static_cast<py::ssize_t>(total), 1);
  bool* target = static_cast<bool*>(out.mutable_data());
  const std::uint64_t seed = object.filter.said().seed;
  visit_strings(queries.strings, [&](const auto& column) {
    run_pieces(total, threads, [&](std::size_t from, std::size_t count) {
      std::uint64_t hashes[kQueryBlock];
      for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
        const std::size_t m = std::min(kQueryBlock, end - from);
        for (std::size_t i = 0; i < m; ++i) {
          const Slice string = column[from + i];
          hashes[i] = Xxh64::of_bytes(string.data, string.size, seed);
        }
        object.filter.test(hashes, m, target + from);
      }
    });
  });
}

py::dict described(const PointObject& object) {
  const StoredPointFilter& said = object.filter.said();
  py::dict fields;
  fields["layout"] = said.layout;
  fields["keys"] = said.keys;
  fields["blocks"] = said.blocks;
  fields["seed"] = said.seed;
  return fields;
}

}  // namespace

void bind_point_filter(py::module_& core) {
  py::class_<PointObject, std::shared_ptr<PointObject>>(core, "PointFilter")
      .def(py::init(&of_numbers), py::arg("keys"), py::arg("layout"), py::arg("bits_per_key"), py::arg("seed"))
      .def(py::init(&of_strings), py::arg("keys"), py::arg("layout"), py::arg("bits_per_key"), py::arg("seed"))
      .def_static("restore", [](const py::array& words) { return opened(words_of(words)); }, py::arg("words"))
      .def("may_contain", &may_contain, py::arg("of_dtype"), py::arg("v"), py::arg("scale"), py::arg("out"), py::arg("threads"))
      .def("may_contain", &may_contain_strings, py::arg("v"), py::arg("out"), py::arg("threads"))
      .def_property_readonly("words", [](const PointObject& object) { return bytes_of(object.words); })
      .def_property_readonly("said", &described);
}

}  // namespace learnedidx::bindings
