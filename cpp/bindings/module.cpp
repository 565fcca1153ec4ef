#include "bindings.hpp"

PYBIND11_MODULE(_core, core) {
  using namespace learnedidx::bindings;
  core.doc() = "The C++ core of learnedidx. Python decides, this loops.";
#if defined(__clang__)
  core.attr("compiler") = "Clang " __clang_version__;
#elif defined(__GNUC__)
  core.attr("compiler") = "GCC " __VERSION__;
#else
  core.attr("compiler") = "unknown";
#endif
  bind_kernels(core);
  bind_keys(core);
  bind_join(core);
  bind_rmi(core);
  bind_btree(core);
  bind_pgm(core);
  bind_spline(core);
  bind_direct(core);
  bind_extend(core);
  bind_index(core);
  bind_trace(core);
  bind_file(core);
  bind_plan(core);
  bind_strings(core);
  bind_sorted(core);
  bind_column(core);
  bind_arrow(core);
  bind_rows(core);
  bind_filters(core);
  bind_point_filter(core);
  bind_learned_hash(core);
  bind_learned_filter(core);
}
