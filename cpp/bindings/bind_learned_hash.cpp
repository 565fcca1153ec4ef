// _core.LearnedHash: positions of keys that are not there, its own memory or somebody else's.
#include "column.hpp"
#include "filter_work.hpp"
#include "filter_words.hpp"

namespace learnedidx::bindings {
namespace {

using HashObject = Held<LearnedHash>;

std::shared_ptr<HashObject> opened_hash(KeyType kind, Words words) { return opened<LearnedHash>(kind, std::move(words), "learned hash"); }

// build(words, cancellation): the words of a hash.
template <class Build> std::shared_ptr<HashObject> built(KeyType kind, const HashChoice& choice, Build&& build) {
  if (choice.step != 64 && choice.step != 128 && choice.step != 256) throw py::value_error("step: must be 64, 128 or 256");
  Table<std::uint64_t> words;
  HashBuilt how = HashBuilt::done;
  run_pass([&](Cancellation cancellation) { return (how = build(words, cancellation)) != HashBuilt::stopped; });
  if (how == HashBuilt::many_repeats) throw py::value_error("keys: at most 2**32 - 1 of them may equal the one before");
  if (how == HashBuilt::equal_hashes) throw py::value_error("seed: two keys have the same hash of 64 bits; take another seed");
  return opened_hash(kind, words_of(std::move(words)));
}

std::shared_ptr<HashObject> of_numbers(const py::array& keys, std::size_t numbers, unsigned step, unsigned print_bits, std::uint64_t seed) {
  require_plain(keys, "keys");
  if (numbers > static_cast<std::size_t>(keys.size())) throw py::value_error("numbers exceeds keys");
  const KeyType kind = kind_of(keys.dtype());
  const void* data = keys.data();
  const HashChoice choice{step, print_bits, seed};
  return built(kind, choice, [&](auto& words, Cancellation cancellation) { return build_hash_words(kind, data, numbers, choice, words, cancellation); });
}

std::shared_ptr<HashObject> of_strings(const Column& keys, unsigned step, unsigned print_bits, std::uint64_t seed) {
  const HashChoice choice{step, print_bits, seed};
  return built(KeyType::u64, choice,
               [&](auto& words, Cancellation cancellation) { return build_hash_words(keys.strings, choice, words, cancellation); });
}

HashVerb verb_of(const LearnedHash& hash, const std::string& how) {
  if (how == "may_find" && hash.said().print_bits == 0) throw py::value_error("fingerprint: there is none");
  if (how == "may_find") return HashVerb::may_find;
  return how == "position" ? HashVerb::position : how == "begin" ? HashVerb::begin : HashVerb::end;
}

// A hash of strings is asked for strings, and no other.
void require_kind(const LearnedHash& hash, bool strings) {
  if (hash.of_strings() != strings) throw py::type_error(strings ? "v: are strings, keys were none" : "v: are no strings, keys were");
}

// The answers to one block. What is no value of the keys' format has no position: -1.
void answer(const LearnedHash& hash, HashVerb verb, const CodeBlock& block, std::size_t count, std::int64_t* answers) {
  const bool bounds = verb == HashVerb::begin || verb == HashVerb::end;
  ask(hash, block.codes, count, verb, answers);
  for (std::size_t i = 0; i < count && !block.exact; ++i)
    if (block.fits[i] != Fit::exact) answers[i] = !bounds ? -1 : (block.fits[i] >= Fit::past ? hash.keys() : answers[i]);
}

// how: "position", "may_find": -1 for what has another fingerprint, or "begin" and "end": where the segment of the first value
// that is not below a query begins and ends.
void positions(const HashObject& object, const py::array& queries, const py::object& scale, const std::string& how, py::array out,
               std::size_t threads) {
  require_kind(object.filter, false);
  const HashVerb verb = verb_of(object.filter, how);
  require_out(out, queries.size(), sizeof(std::int64_t));
  auto* target = static_cast<std::int64_t*>(out.mutable_data());
  const Queries batch = batch_of(queries, scale);
  run_blocks(static_cast<std::size_t>(queries.size()), threads, [&](std::size_t from, std::size_t count) {
    CodeBlock block;
    load_codes(object.kind, batch, from, count, false, block);
    answer(object.filter, verb, block, count, target + from);
  });
}

// trims: NULs at the end of a string are no part of it.
void positions_of_strings(const HashObject& object, const Column& queries, bool trims, const std::string& how, py::array out, std::size_t threads) {
  require_kind(object.filter, true);
  const HashVerb verb = verb_of(object.filter, how);
  const std::size_t total = queries.strings.n;
  require_out(out, static_cast<py::ssize_t>(total), sizeof(std::int64_t));
  auto* target = static_cast<std::int64_t*>(out.mutable_data());
  run_blocks(total, threads, [&](std::size_t from, std::size_t count) { ask(object.filter, queries.strings, trims, from, count, verb, target + from); });
}

py::dict hash_said(const HashObject& object) {
  const StoredHash& said = object.filter.said();
  const auto keys = static_cast<std::uint64_t>(object.filter.keys());
  return dict_of({{"keys", keys}, {"distinct", said.keys}, {"step", said.step}, {"seed", said.seed}, {"fingerprint", said.print_bits}});
}

}  // namespace

void bind_learned_hash(py::module_& core) {
  bind_held<LearnedHash>(core, "LearnedHash")
      .def(py::init(&of_numbers), py::arg("keys"), py::arg("numbers"), py::arg("step"), py::arg("fingerprint"), py::arg("seed"))
      .def(py::init(&of_strings), py::arg("keys"), py::arg("step"), py::arg("fingerprint"), py::arg("seed"))
      .def_static("restore", [](const py::array& keys, const py::array& words) { return opened_hash(kind_of(keys.dtype()), words_of(words)); },
                  py::arg("keys"), py::arg("words"))
      .def_static("restore", [](const py::array& words) { return opened_hash(KeyType::u64, words_of(words)); }, py::arg("words"))
      .def("positions", &positions, py::arg("v"), py::arg("scale"), py::arg("how"), py::arg("out"), py::arg("threads"))
      .def("positions", &positions_of_strings, py::arg("v"), py::arg("trims"), py::arg("how"), py::arg("out"), py::arg("threads"))
      .def_property_readonly("said", &hash_said);
}

}  // namespace learnedidx::bindings
