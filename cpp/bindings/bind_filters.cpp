// _core.RangeFilter: a filter of its own, or one in memory that somebody else owns.
#include "filter_work.hpp"
#include "filter_words.hpp"

namespace learnedidx::bindings {
namespace {

using RangeObject = Held<RangeFilter>;

std::shared_ptr<RangeObject> opened_range(KeyType kind, Words words) { return opened<RangeFilter>(kind, std::move(words), "range filter"); }

std::shared_ptr<RangeObject> build_range(const py::array& keys, std::size_t numbers, int choice, double bits, std::uint64_t seed) {
  require_plain(keys, "keys");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  if (numbers > kMostFilterKeys) throw py::value_error("keys: a filter holds at most 2**32 - 1");
  const KeyType kind = kind_of(keys.dtype());
  const void* data = keys.data();
  Table<std::uint64_t> words;
  run_pass([&](Cancellation cancellation) {
    Table<std::uint64_t> codes;
    return read_codes(kind, data, numbers, codes, cancellation) && build_words(codes, static_cast<RangeChoice>(choice), bits, seed, words, cancellation);
  });
  return opened_range(kind, words_of(std::move(words)));
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

// The code of one value, and how it fits.
struct Code {
  std::uint64_t code = 0;
  Fit fit = Fit::exact;
};

Code fixed_code(KeyType kind, const End& end) {
  if (!end.one) return {};
  return visit_key_type(kind, [&](auto tag) -> Code {
    using K = decltype(tag);
    const Converted<K> value{end.value.cast<K>(), static_cast<Fit>(end.fit)}, asked = end.right ? next_above(value) : value;
    return {key_code(asked.value), asked.fit};
  });
}

enum class Asked : std::uint8_t { point, from, up_to };

// One end of an interval, which is empty if an end of it is none; low ends say so by 1, high ends by 0.
LIDX_INLINE void place(Code c, Asked asked, std::uint64_t& a, std::uint64_t& b) {
  constexpr std::uint64_t top = ~std::uint64_t{0};
  if (asked == Asked::point) {
    a = c.fit == Fit::exact ? c.code : 1;
    b = c.fit == Fit::exact ? c.code : 0;
  } else if (asked == Asked::from) {
    if (c.fit < Fit::past) a = std::max(a, c.code);  // which is 1 if the high end left none
    else a = 1, b = 0;
  } else if (c.fit >= Fit::past) {
    b = top;
  } else {
    if (c.code > 0) b = c.code - 1;
    else a = 1, b = 0;
  }
}

// Intervals of codes of [from, from + count), at most kQueryBlock: high ends first, since a low end may make one empty.
void load_end(KeyType kind, const End& end, Code one, Asked asked, std::size_t from, std::size_t count, CodeBlock& block, std::uint64_t* a,
              std::uint64_t* b) {
  if (end.open) return;
  if (!end.one) load_codes(kind, end.batch, from, count, end.right, block);
  for (std::size_t i = 0; i < count; ++i) place(end.one ? one : Code{block.codes[i], block.exact ? Fit::exact : block.fits[i]}, asked, a[i], b[i]);
}

// Answers pieces of a batch.
void answer(const RangeObject& object, const End& low, const End& high, bool point, bool* out, std::size_t total, std::size_t threads) {
  const Code one_low = fixed_code(object.kind, low), one_high = fixed_code(object.kind, high);
  run_blocks(total, threads, [&](std::size_t from, std::size_t count) {
    CodeBlock block;
    std::uint64_t a[kQueryBlock], b[kQueryBlock];
    std::fill_n(a, count, 0);
    std::fill_n(b, count, ~std::uint64_t{0});
    load_end(object.kind, high, one_high, Asked::up_to, from, count, block, a, b);
    load_end(object.kind, low, one_low, point ? Asked::point : Asked::from, from, count, block, a, b);
    ask(object.filter, a, b, count, out + from);
  });
}

// out[i]: may a key lie in range number i, or be lo[i]?
void may_contain_range(const RangeObject& object, const py::object& lo, const py::object& hi, bool point, py::array out, std::size_t threads) {
  const End low = end_of(lo), high = end_of(hi);
  const auto total = static_cast<std::size_t>(out.size());
  for (const End* end : {&low, &high})
    require_out(out, static_cast<py::ssize_t>(end->open || end->one ? total : end->count), 1);
  answer(object, low, high, point, static_cast<bool*>(out.mutable_data()), total, threads);
}

py::dict range_said(const RangeObject& object) {
  const StoredRangeFilter& said = object.filter.said();
  return dict_of({{"strategy", said.strategy}, {"keys", said.keys}, {"n", said.n}, {"universe", said.universe}, {"seed", said.seed}, {"segments", said.segments},
                  {"low_bits", said.low_bits}});
}

}  // namespace

void bind_filters(py::module_& core) {
  bind_held<RangeFilter>(core, "RangeFilter")
      .def(py::init(&build_range), py::arg("keys"), py::arg("numbers"), py::arg("choice"), py::arg("bits"), py::arg("seed"))
      .def_static("restore", [](const py::array& keys, const py::array& words) { return opened_range(kind_of(keys.dtype()), words_of(words)); },
                  py::arg("keys"), py::arg("words"))
      .def("may_contain", &may_contain_range, py::arg("lo"), py::arg("hi"), py::arg("point"), py::arg("out"), py::arg("threads"))
      .def_property_readonly("said", &range_said);
}

}  // namespace learnedidx::bindings
