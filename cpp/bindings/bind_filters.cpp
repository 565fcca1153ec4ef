// _core.RangeFilter: a filter of its own, or one in memory that somebody else owns.
#include "bindings.hpp"
#include "filter_words.hpp"
#include "learnedidx/filters/build_range.hpp"

namespace learnedidx::bindings {
namespace {

struct RangeObject {
  KeyType kind = KeyType::u64;
  Words words;
  RangeFilter filter;
};

std::shared_ptr<RangeObject> opened(KeyType kind, Words words) {
  auto object = std::make_shared<RangeObject>();
  object->kind = kind;
  object->words = std::move(words);
  if (!object->filter.open(object->words.data, object->words.bytes)) throw py::value_error("words: damaged: no range filter");
  return object;
}

std::shared_ptr<RangeObject> build(const py::array& keys, std::size_t numbers, int choice, double bits, std::uint64_t seed) {
  require_plain(keys, "keys");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  if (numbers > kMostFilterKeys) throw py::value_error("keys: a filter holds at most 2**32 - 1");
  const KeyType kind = kind_of(keys.dtype());
  const void* data = keys.data();
  Table<std::uint64_t> words;
  run_pass([&](Cancellation cancellation) {
    Table<std::uint64_t> codes;
    const bool read = visit_key_type(kind, [&](auto tag) {
      return distinct_codes(static_cast<const decltype(tag)*>(data), numbers, codes, cancellation);
    });
    return read && RangeBuilder(codes, static_cast<RangeChoice>(choice), bits, seed, cancellation).build(words);
  });
  return opened(kind, words_of(std::move(words)));
}

// One end of ranges: open, one value with its Fit, or a batch.
struct End {
  bool open = true, one = false, right = false;
  Queries batch;
  py::object value;
  int fit = 0;
  std::size_t count = 1;
};

// None; (value, fit, right); or (queries, scale, right).
End end_of(const py::object& end) {
  End read;
  if (end.is_none()) return read;
  const auto parts = end.cast<py::tuple>();
  read.open = false;
  read.one = !py::isinstance<py::array>(parts[0]);
  read.right = parts[2].cast<bool>();
  if (read.one) {
    read.value = parts[0];
    read.fit = parts[1].cast<int>();
    return read;
  }
  const auto queries = parts[0].cast<py::array>();
  read.batch = batch_of(queries, parts[1]);
  read.count = static_cast<std::size_t>(queries.size());
  return read;
}

template <class K> Converted<K> fixed_value(const End& end) {
  const Converted<K> value{end.value.cast<K>(), static_cast<Fit>(end.fit)};
  return end.right ? next_above(value) : value;
}

enum class Asked : std::uint8_t { point, from, up_to };

// The code of one end. An interval is empty if an end of it is none; low ends say so by 1, high ends by 0.
template <class K> LIDX_INLINE void place(Converted<K> c, Asked asked, std::uint64_t& a, std::uint64_t& b) {
  const std::uint64_t code = key_code(c.value);
  constexpr std::uint64_t top = ~std::uint64_t{0};
  if (asked == Asked::point) {
    a = c.fit == Fit::exact ? code : 1;
    b = c.fit == Fit::exact ? code : 0;
  } else if (asked == Asked::from) {
    if (c.fit < Fit::past) a = std::max(a, code);  // which is 1 if the high end left none
    else a = 1, b = 0;
  } else if (c.fit >= Fit::past) {
    b = top;
  } else {
    if (code > 0) b = code - 1;
    else a = 1, b = 0;
  }
}

// Intervals of codes of [from, from + count), at most kQueryBlock: high ends first, since a low end may make one empty.
template <class K> void load_end(const End& end, const Converted<K>& one, Asked asked, std::size_t from, std::size_t count, QueryBlock<K>& block,
                                 std::uint64_t* a, std::uint64_t* b) {
  if (end.open) return;
  if (!end.one) load_block(end.batch, from, count, end.right, block);
  for (std::size_t i = 0; i < count; ++i) place(end.one ? one : Converted<K>{block.values[i], block.fits[i]}, asked, a[i], b[i]);
}

// Answers pieces of a batch whose keys are of type K.
template <class K> void answer(const RangeObject& object, const End& low, const End& high, bool point, bool* out, std::size_t total,
                               std::size_t threads) {
  const Converted<K> one_low = low.one ? fixed_value<K>(low) : Converted<K>{}, one_high = high.one ? fixed_value<K>(high) : Converted<K>{};
  run_pieces(total, threads, [&](std::size_t from, std::size_t count) {
    QueryBlock<K> block;
    std::uint64_t a[kQueryBlock], b[kQueryBlock];
    for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
      const std::size_t m = std::min(kQueryBlock, end - from);
      std::fill_n(a, m, 0);
      std::fill_n(b, m, ~std::uint64_t{0});
      load_end(high, one_high, Asked::up_to, from, m, block, a, b);
      load_end(low, one_low, point ? Asked::point : Asked::from, from, m, block, a, b);
      object.filter.any(a, b, m, out + from);
    }
  });
}

// out[i]: may a key lie in range number i, or be lo[i]?
void may_contain(const RangeObject& object, const py::object& lo, const py::object& hi, bool point, py::array out, std::size_t threads) {
  const End low = end_of(lo), high = end_of(hi);
  const auto total = static_cast<std::size_t>(out.size());
  for (const End* end : {&low, &high})
    require_out(out, static_cast<py::ssize_t>(end->open || end->one ? total : end->count), 1);
  bool* target = static_cast<bool*>(out.mutable_data());
  visit_key_type(object.kind, [&](auto tag) { answer<decltype(tag)>(object, low, high, point, target, total, threads); });
}

py::dict described(const RangeObject& object) {
  const StoredRangeFilter& said = object.filter.said();
  py::dict fields;
  fields["strategy"] = said.strategy;
  fields["keys"] = said.keys;
  fields["n"] = said.n;
  fields["universe"] = said.universe;
  fields["seed"] = said.seed;
  fields["segments"] = said.segments;
  fields["low_bits"] = said.low_bits;
  return fields;
}

}  // namespace

void bind_filters(py::module_& core) {
  py::class_<RangeObject, std::shared_ptr<RangeObject>>(core, "RangeFilter")
      .def(py::init(&build), py::arg("keys"), py::arg("numbers"), py::arg("choice"), py::arg("bits"), py::arg("seed"))
      .def_static("restore", [](const py::array& keys, const py::array& words) { return opened(kind_of(keys.dtype()), words_of(words)); },
                  py::arg("keys"), py::arg("words"))
      .def("may_contain", &may_contain, py::arg("lo"), py::arg("hi"), py::arg("point"), py::arg("out"), py::arg("threads"))
      .def_property_readonly("words", [](const RangeObject& object) { return bytes_of(object.words); })
      .def_property_readonly("said", &described);
}

}  // namespace learnedidx::bindings
