// _core.LearnedHash: positions of keys that are not there, its own memory or somebody else's.
#include "bindings.hpp"
#include "filter_words.hpp"
#include "learnedidx/filters/build_hash.hpp"
#include "learnedidx/filters/distinct_codes.hpp"

namespace learnedidx::bindings {
namespace {

struct HashObject {
  KeyType kind = KeyType::u64;
  Words words;
  LearnedHash hash;
};

std::shared_ptr<HashObject> opened(KeyType kind, Words words) {
  auto object = std::make_shared<HashObject>();
  object->kind = kind;
  object->words = std::move(words);
  if (!object->hash.open(object->words.data, object->words.bytes)) throw py::value_error("words: damaged: no learned hash");
  return object;
}

// Distinct codes of the numbers among sorted keys, and of those that equal the one before. False if stopped.
bool read_codes(const void* data, KeyType kind, std::size_t numbers, Table<std::uint64_t>& codes, Table<std::uint64_t>& repeats,
                Cancellation cancellation) {
  return visit_key_type(kind, [&](auto tag) {
    const auto* keys = static_cast<const decltype(tag)*>(data);
    if (!distinct_codes(keys, numbers, codes, cancellation)) return false;
    return codes.size() == numbers || repeated_codes(keys, numbers, repeats, cancellation);
  });
}

std::shared_ptr<HashObject> build(const py::array& keys, std::size_t numbers, unsigned step, unsigned print_bits, std::uint64_t seed) {
  require_plain(keys, "keys");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  if (step != 64 && step != 128 && step != 256) throw py::value_error("step: must be 64, 128 or 256");
  const KeyType kind = kind_of(keys.dtype());
  const void* data = keys.data();
  Table<std::uint64_t> words;
  bool fits = true;
  run_pass([&](Cancellation cancellation) {
    Table<std::uint64_t> codes, repeats;
    if (!read_codes(data, kind, numbers, codes, repeats, cancellation)) return false;
    fits = repeats.size() <= kMostRepeats;
    return !fits || HashBuilder(codes, step, print_bits, seed, cancellation, std::move(repeats)).build(words);
  });
  if (!fits) throw py::value_error("keys: at most 2**32 - 1 of them may equal the one before");
  return opened(kind, words_of(std::move(words)));
}

// Calls use(codes, fits, from, count) for blocks of queries.
template <class Use> void for_blocks(const HashObject& object, const py::array& queries, const py::object& scale, std::size_t threads, Use&& use) {
  const Queries batch = batch_of(queries, scale);
  visit_key_type(object.kind, [&](auto tag) {
    using K = decltype(tag);
    run_pieces(static_cast<std::size_t>(queries.size()), threads, [&](std::size_t from, std::size_t count) {
      QueryBlock<K> block;
      std::uint64_t codes[kQueryBlock];
      for (const std::size_t end = from + count; from < end; from += kQueryBlock) {
        const std::size_t m = std::min(kQueryBlock, end - from);
        load_block(batch, from, m, false, block);
        for (std::size_t i = 0; i < m; ++i) codes[i] = key_code(block.values[i]);
        use(codes, block.fits, from, m);
      }
    });
  });
}

// how: "position", "may_find": -1 for what has another fingerprint, or "begin" and "end": where the segment of the first value
// that is not below a query begins and ends. What is no value of the keys' format has no position: -1.
void positions(const HashObject& object, const py::array& queries, const py::object& scale, const std::string& how, py::array out,
               std::size_t threads) {
  const bool ends = how == "end", bounds = ends || how == "begin", proved = how == "may_find";
  const StoredHash& said = object.hash.said();
  if (proved && said.print_bits == 0) throw py::value_error("fingerprint: there is none");
  require_out(out, queries.size(), sizeof(std::int64_t));
  auto* target = static_cast<std::int64_t*>(out.mutable_data());
  const std::int64_t n = object.hash.keys();
  for_blocks(object, queries, scale, threads, [&](const std::uint64_t* codes, const Fit* fits, std::size_t from, std::size_t m) {
    std::int64_t* answers = target + from;
    if (bounds) object.hash.bounds(codes, m, ends, answers);
    else object.hash.positions(codes, m, proved, answers);
    for (std::size_t i = 0; i < m; ++i)
      if (fits[i] != Fit::exact) answers[i] = !bounds ? -1 : (fits[i] >= Fit::past ? n : answers[i]);
  });
}

py::dict described(const HashObject& object) {
  const StoredHash& said = object.hash.said();
  py::dict fields;
  fields["keys"] = object.hash.keys();
  fields["distinct"] = said.keys;
  fields["step"] = said.step;
  fields["seed"] = said.seed;
  fields["fingerprint"] = said.print_bits;
  return fields;
}

}  // namespace

void bind_learned_hash(py::module_& core) {
  py::class_<HashObject, std::shared_ptr<HashObject>>(core, "LearnedHash")
      .def(py::init(&build), py::arg("keys"), py::arg("numbers"), py::arg("step"), py::arg("fingerprint"), py::arg("seed"))
      .def_static("restore", [](const py::array& keys, const py::array& words) { return opened(kind_of(keys.dtype()), words_of(words)); },
                  py::arg("keys"), py::arg("words"))
      .def("positions", &positions, py::arg("v"), py::arg("scale"), py::arg("how"), py::arg("out"), py::arg("threads"))
      .def_property_readonly("words", [](const HashObject& object) { return bytes_of(object.words); })
      .def_property_readonly("said", &described);
}

}  // namespace learnedidx::bindings
