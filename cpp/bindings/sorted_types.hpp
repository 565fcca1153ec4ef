// The heap types of the sorted containers, which the classes of learnedidx/containers derive from.
#pragma once

#include <pybind11/pybind11.h>

#include "sorted_codes.hpp"
#include "sorted_object.hpp"

namespace learnedidx::bindings {

using ListObject = SortedObject<Codes<Nothing>>;    // SortedList and SortedSet
using DictObject = SortedObject<Codes<PyObject*>>;  // SortedDict: values are owned references

PyObject* make_sorted_list_type();
PyObject* make_sorted_set_type();
PyObject* make_sorted_dict_type();

}  // namespace learnedidx::bindings
