// What module.cpp lists: one function for each group of names.
#pragma once

#include <pybind11/pybind11.h>

namespace learnedidx::bindings {

void bind_kernels(pybind11::module_& core);
void bind_keys(pybind11::module_& core);
void bind_join(pybind11::module_& core);
void bind_rmi(pybind11::module_& core);
void bind_btree(pybind11::module_& core);
void bind_pgm(pybind11::module_& core);
void bind_spline(pybind11::module_& core);
void bind_direct(pybind11::module_& core);
void bind_extend(pybind11::module_& core);
void bind_index(pybind11::module_& core);
void bind_trace(pybind11::module_& core);
void bind_file(pybind11::module_& core);
void bind_plan(pybind11::module_& core);
void bind_strings(pybind11::module_& core);
void bind_sorted(pybind11::module_& core);
void bind_column(pybind11::module_& core);
void bind_arrow(pybind11::module_& core);
void bind_rows(pybind11::module_& core);
void bind_filters(pybind11::module_& core);
void bind_point_filter(pybind11::module_& core);
void bind_learned_hash(pybind11::module_& core);
void bind_learned_filter(pybind11::module_& core);

}  // namespace learnedidx::bindings
