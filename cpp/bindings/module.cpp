#include "bindings.hpp"

PYBIND11_MODULE(_core, core) {
  using namespace learnedidx::bindings;
  core.doc() = "The C++ core of learnedidx. Python decides, this loops.";
  bind_kernels(core);
  bind_keys(core);
  bind_rmi(core);
  bind_btree(core);
  bind_index(core);
}
