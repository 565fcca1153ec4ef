// _core.kernels: which rows there are, which one is used.
#include <cstdlib>
#include <string>

#include "arrays.hpp"
#include "bindings.hpp"
#include "learnedidx/kernels/rows.hpp"

namespace learnedidx::bindings {
namespace {

enum class Decided : std::uint8_t { no, l1, l2 };

std::atomic<std::size_t> active{0};  // number of the row in use
std::atomic<Decided> decided{Decided::no};

Hint hint_in_use() { return decided.load(std::memory_order_relaxed) == Decided::l1 ? Hint::l1 : Hint::l2; }

// Every row with every hint.
struct Copies {
  Kernels rows[kRows][2];
  std::size_t count = 0;

  Copies() {
    const KernelRows found = available_kernels();
    count = found.count;
    for (std::size_t i = 0; i < count; ++i)
      for (const Hint hint : {Hint::l1, Hint::l2}) {
        Kernels& row = rows[i][static_cast<std::size_t>(hint)];
        row = *found.rows[i];
        row.hint = hint;
      }
  }
};

const Copies& copies() {
  static const Copies all;
  return all;
}

std::string row_names() {
  std::string names;
  for (std::size_t i = 0; i < copies().count; ++i) names += (i ? ", " : "") + std::string(copies().rows[i][0].name);
  return names;
}

std::size_t named_row(const std::string& name, const char* where) {
  for (std::size_t i = 0; i < copies().count; ++i)
    if (name == copies().rows[i][0].name) return i;
  throw py::value_error(std::string(where) + "='" + name +
                        "' is no kernel row of this processor; choose one of: " + row_names());
}

void choose_row() {
  const char* forced = std::getenv("LEARNEDIDX_KERNELS");
  active = forced && *forced ? named_row(forced, "LEARNEDIDX_KERNELS") : copies().count - 1;
}

void use_hint(const py::object& name) {
  const std::string word = name.is_none() ? "" : name.cast<std::string>();
  if (!word.empty() && word != "l1" && word != "l2") throw py::value_error("name must be 'l1', 'l2' or None");
  decided = word.empty() ? Decided::no : (word == "l1" ? Decided::l1 : Decided::l2);
}

py::object hint_name() {
  if (!hint_is_decided()) return py::none();
  return py::str(hint_in_use() == Hint::l1 ? "l1" : "l2");
}

}  // namespace

bool hint_is_decided() { return decided.load(std::memory_order_relaxed) != Decided::no; }

void decide_hint(Hint hint) { decided = hint == Hint::l1 ? Decided::l1 : Decided::l2; }

const Kernels& active_kernels(Hint hint) {
  return copies().rows[active.load(std::memory_order_relaxed)][static_cast<std::size_t>(hint)];
}

const Kernels& active_kernels() { return active_kernels(hint_in_use()); }

void bind_kernels(py::module_& core) {
  choose_row();
  auto kernels = core.def_submodule("kernels", "The kernel rows of this processor.");
  kernels.def("available", [] {
    py::list names;
    for (std::size_t i = 0; i < copies().count; ++i) names.append(copies().rows[i][0].name);
    return names;
  });
  kernels.def("active", [] { return active_kernels().name; });
  kernels.def("use", [](const std::string& name) { active = named_row(name, "name"); }, py::arg("name"));
  kernels.def("hint", &hint_name);
  kernels.def("use_hint", &use_hint, py::arg("name").none(true));
}

}  // namespace learnedidx::bindings
