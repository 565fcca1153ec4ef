// _core.LearnedFilter: a filter of strings with scores, and what its scores are made of.
#include <algorithm>

#include "column.hpp"
#include "filter_words.hpp"
#include "filter_work.hpp"

namespace learnedidx::bindings {
namespace {

using LearnedObject = Held<LearnedFilter>;
template <class T> using Plain = py::array_t<T, py::array::c_style>;

// Copied here, for NumPy gives up the GIL while it copies: a thread that the end of Python finds there would unwind
// what holds objects.
template <class Values> auto array_of(const Values& values) {
  Plain<typename Values::value_type> out(static_cast<py::ssize_t>(values.size()));
  std::copy_n(values.data(), values.size(), out.mutable_data());
  return out;
}

std::shared_ptr<LearnedObject> opened_learned(Words words) { return opened<LearnedFilter>(KeyType::u64, std::move(words), "learned filter"); }

unsigned checked_bits(unsigned bits) {
  if (bits < kLeastGramBits || bits > kMostGramBits) throw py::value_error("bits: must be from 6 to 16");
  return bits;
}

unsigned bits_of(const Plain<std::int8_t>& weights) {
  unsigned bits = kLeastGramBits;
  while (bits < kMostGramBits && std::ptrdiff_t{1} << bits < weights.size()) ++bits;
  if (std::ptrdiff_t{1} << bits != weights.size()) throw py::value_error("weights: must be 2^6 to 2^16");
  return bits;
}

std::shared_ptr<LearnedObject> build_learned(const Column& keys, const Plain<std::int8_t>& weights, const Plain<std::int32_t>& borders,
                                             const Plain<std::uint8_t>& bits, std::uint64_t seed) {
  StoredLearnedFilter said{};
  said.layout = kLearnedLayout;
  said.gram_bits = bits_of(weights);
  said.seed = seed;
  if (bits.size() < 1 || bits.size() > kMostRegions || borders.size() != bits.size() - 1) throw py::value_error("bits: 1 to 8 regions, a border between two");
  said.regions = static_cast<std::uint32_t>(bits.size());
  std::copy_n(borders.data(), borders.size(), said.borders);
  std::copy_n(bits.data(), bits.size(), said.bits);
  const std::int8_t* of_grams = weights.data();
  Table<std::uint64_t> words;
  run_pass([&](Cancellation cancellation) { return build_words(keys.strings, said, of_grams, words, cancellation); });
  return opened_learned(words_of(std::move(words)));
}

void may_contain(const LearnedObject& object, const Column& queries, bool trims, py::array out, std::size_t threads) {
  require_out(out, static_cast<py::ssize_t>(queries.strings.n), 1);
  bool* target = static_cast<bool*>(out.mutable_data());
  run_blocks(queries.strings.n, threads, [&](std::size_t from, std::size_t count) {
    ask(object.filter, queries.strings, trims, from, count, target + from);
  });
}

Plain<std::uint8_t> regions(const LearnedObject& object, const Column& queries) {
  Plain<std::uint8_t> out(static_cast<py::ssize_t>(queries.strings.n));
  std::uint8_t* target = out.mutable_data();
  run_blocks(queries.strings.n, 1, [&](std::size_t from, std::size_t count) {
    for (std::size_t i = from; i < from + count; ++i) target[i] = static_cast<std::uint8_t>(object.filter.region(string_at(queries.strings, i)));
  });
  return out;
}

py::dict learned_said(const LearnedObject& object) {
  const StoredLearnedFilter& said = object.filter.said();
  py::dict fields = dict_of({{"keys", said.keys}, {"weights", std::uint64_t{1} << said.gram_bits}, {"seed", said.seed}});
  py::list bits, counts;
  for (unsigned r = 0; r < said.regions; ++r) {
    bits.append(said.bits[r]);
    counts.append(said.count[r]);
  }
  fields["bits"] = bits;
  fields["counts"] = counts;
  return fields;
}

Plain<double> weights_of(const Column& keys, const Column& absent, unsigned bits, std::uint64_t seed) {
  std::vector<double> weights;
  checked_bits(bits);
  run_pass([&](Cancellation cancellation) { return learn_weights(keys.strings, absent.strings, bits, seed, weights, cancellation); });
  return array_of(weights);
}

Plain<std::int32_t> scores_of(const Column& strings, const Plain<std::int8_t>& weights) {
  Plain<std::int32_t> out(static_cast<py::ssize_t>(strings.strings.n));
  std::int32_t* target = out.mutable_data();
  const unsigned bits = bits_of(weights);
  const std::int8_t* of_grams = weights.data();
  run_pass([&](Cancellation cancellation) { return score_all(strings.strings, of_grams, bits, target, cancellation); });
  return out;
}

Plain<std::uint64_t> hashes_of(const Column& strings, std::uint64_t seed) {
  Table<std::uint64_t> hashes;
  run_pass([&](Cancellation cancellation) { return read_hashes(strings.strings, seed, hashes, cancellation); });
  return array_of(hashes);
}

py::tuple grams_of(const Column& strings, unsigned bits) {
  Table<std::int32_t> grams;
  Plain<std::int64_t> starts(static_cast<py::ssize_t>(strings.strings.n) + 1);
  std::int64_t* target = starts.mutable_data();
  checked_bits(bits);
  run_pass([&](Cancellation cancellation) { return number_grams(strings.strings, bits, grams, target, cancellation); });
  return py::make_tuple(array_of(grams), starts);
}

}  // namespace

void bind_learned_filter(py::module_& core) {
  bind_held<LearnedFilter>(core, "LearnedFilter")
      .def(py::init(&build_learned), py::arg("keys"), py::arg("weights"), py::arg("borders"), py::arg("bits"), py::arg("seed"))
      .def_static("restore", [](const py::array& words) { return opened_learned(words_of(words)); }, py::arg("words"))
      .def("may_contain", &may_contain, py::arg("v"), py::arg("trims"), py::arg("out"), py::arg("threads"))
      .def("regions", &regions, py::arg("v"))
      .def_property_readonly("said", &learned_said);
  core.def("ngram_weights", &weights_of, py::arg("keys"), py::arg("absent"), py::arg("bits"), py::arg("seed"));
  core.def("ngram_scores", &scores_of, py::arg("strings"), py::arg("weights"));
  core.def("ngrams", &grams_of, py::arg("strings"), py::arg("bits"));
  core.def("hashes", &hashes_of, py::arg("strings"), py::arg("seed"));
}

}  // namespace learnedidx::bindings
