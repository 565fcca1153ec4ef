// Values of SortedDict by position and by array: what its views and batch verbs stand on.
#pragma once

#include "sorted_batch.hpp"
#include "sorted_types.hpp"

namespace learnedidx::bindings {

using DictTree = DictObject::Tree;
using DictVerbs = SortedVerbs<DictObject>;

inline DictTree& dict_tree(PyObject* self) { return DictVerbs::tree(self); }

inline PyObject* value_at(PyObject* self, Py_ssize_t at) {
  if (holds_text(self)) return value_of_text(self, text_tree(self).value_at(static_cast<std::size_t>(at)));
  return Py_NewRef(dict_tree(self).value_at(static_cast<std::size_t>(at)));
}

// From now on the garbage collector looks at this dict, if `value` may be part of a cycle.
inline void track(PyObject* self, PyObject* value) {
  if (PyObject_IS_GC(value) && !PyObject_GC_IsTracked(self)) PyObject_GC_Track(self);
}

inline void replace(PyObject* self, PyObject*& place, PyObject* value) {
  PyObject* old = place;
  place = Py_NewRef(value);
  track(self, value);
  Py_DECREF(old);  // may run anything
}

// Inserts a number, or replaces its value; -1 with an error.
int put(PyObject* self, const Item& item, PyObject* value);

// Gives up the references of a tree that nobody sees any more.
void release_values(DictTree& tree);

// Empties the tree, then gives up its references.
void release_all(PyObject* self);

// What is at a position: key, value or both.
PyObject* pick(PyObject* self, Py_ssize_t at, Give give);

PyObject* iterate_over(PyObject* self, PyObject* const* args, Py_ssize_t nargs);    // (give, backward)
PyObject* pick_any(PyObject* self, PyObject* const* args, Py_ssize_t nargs);        // (index or slice, give)
PyObject* erase_any(PyObject* self, PyObject* index);                               // index or slice
PyObject* values_of_codes(PyObject* self, PyObject* const* args, Py_ssize_t nargs);  // (codes, known, default)
PyObject* take_pairs(PyObject* self, PyObject* dict);

}  // namespace learnedidx::bindings
