// _core.LearnedHash: positions of keys that are not there, its own memory or somebody else's.
#include "filter_work.hpp"
#include "filter_words.hpp"

namespace learnedidx::bindings {
namespace {

using HashObject = Held<LearnedHash>;

std::shared_ptr<HashObject> opened_hash(KeyType kind, Words words) { return opened<LearnedHash>(kind, std::move(words), "learned hash"); }

std::shared_ptr<HashObject> build_hash(const py::array& keys, std::size_t numbers, unsigned step, unsigned print_bits, std::uint64_t seed) {
  require_plain(keys, "keys");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  if (step != 64 && step != 128 && step != 256) throw py::value_error("step: must be 64, 128 or 256");
  const KeyType kind = kind_of(keys.dtype());
  const void* data = keys.data();
  Table<std::uint64_t> words;
  bool fits = true;
  run_pass([&](Cancellation cancellation) {
    Table<std::uint64_t> codes, repeats;
    if (!read_codes(kind, data, numbers, codes, &repeats, cancellation)) return false;
    fits = repeats.size() <= kMostRepeats;
    return !fits || build_words(codes, repeats, step, print_bits, seed, words, cancellation);
  });
  if (!fits) throw py::value_error("keys: at most 2**32 - 1 of them may equal the one before");
  return opened_hash(kind, words_of(std::move(words)));
}

// The answers to one block. What is no value of the keys' format has no position: -1.
void answer(const LearnedHash& hash, const std::string& how, const CodeBlock& block, std::size_t count, std::int64_t* answers) {
  const bool ends = how == "end", bounds = ends || how == "begin";
  if (bounds) ask_bounds(hash, block.codes, count, ends, answers);
  else ask_positions(hash, block.codes, count, how == "may_find", answers);
  for (std::size_t i = 0; i < count && !block.exact; ++i)
    if (block.fits[i] != Fit::exact) answers[i] = !bounds ? -1 : (block.fits[i] >= Fit::past ? hash.keys() : answers[i]);
}

// how: "position", "may_find": -1 for what has another fingerprint, or "begin" and "end": where the segment of the first value
// that is not below a query begins and ends.
void positions(const HashObject& object, const py::array& queries, const py::object& scale, const std::string& how, py::array out,
               std::size_t threads) {
  if (how == "may_find" && object.filter.said().print_bits == 0) throw py::value_error("fingerprint: there is none");
  require_out(out, queries.size(), sizeof(std::int64_t));
  auto* target = static_cast<std::int64_t*>(out.mutable_data());
  const Queries batch = batch_of(queries, scale);
  run_blocks(static_cast<std::size_t>(queries.size()), threads, [&](std::size_t from, std::size_t count) {
    CodeBlock block;
    load_codes(object.kind, batch, from, count, false, block);
    answer(object.filter, how, block, count, target + from);
  });
}

py::dict hash_said(const HashObject& object) {
  const StoredHash& said = object.filter.said();
  const auto keys = static_cast<std::uint64_t>(object.filter.keys());
  return dict_of({{"keys", keys}, {"distinct", said.keys}, {"step", said.step}, {"seed", said.seed}, {"fingerprint", said.print_bits}});
}

}  // namespace

void bind_learned_hash(py::module_& core) {
  bind_held<LearnedHash>(core, "LearnedHash")
      .def(py::init(&build_hash), py::arg("keys"), py::arg("numbers"), py::arg("step"), py::arg("fingerprint"), py::arg("seed"))
      .def_static("restore", [](const py::array& keys, const py::array& words) { return opened_hash(kind_of(keys.dtype()), words_of(words)); },
                  py::arg("keys"), py::arg("words"))
      .def("positions", &positions, py::arg("v"), py::arg("scale"), py::arg("how"), py::arg("out"), py::arg("threads"))
      .def_property_readonly("said", &hash_said);
}

}  // namespace learnedidx::bindings
