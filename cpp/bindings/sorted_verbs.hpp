// Verbs that every sorted container has: positions, iterators, slices. Each answers from the tree, or
// asks the container of objects, or, for a value that no code stands for, Python.
#pragma once

#include "scalars.hpp"
#include "sorted_iterator.hpp"
#include "sorted_text.hpp"

namespace learnedidx::bindings {

template <class Object> struct SortedVerbs {
  using Iterator = SortedIterator<Object>;
  using Cursor = typename Object::Tree::Cursor;

  static auto& tree(PyObject* self) { return reinterpret_cast<Object*>(self)->tree; }
  static Py_ssize_t size(PyObject* self) {
    return static_cast<Py_ssize_t>(holds_text(self) ? text_tree(self).size() : tree(self).size());
  }

  static Py_ssize_t length(PyObject* self) {
    if (!may_read(self)) return -1;
    return holds_objects(self) ? PyObject_Size(Objects(self)) : size(self);
  }

  static Py_ssize_t rank(PyObject* self, const Sought& sought, bool right) {
    if (sought.past) return size(self);
    return static_cast<Py_ssize_t>(tree(self).rank(sought.code, right && sought.exact));
  }

  // Turns a wrong index into IndexError, a negative one into its position; false with the error. The size is
  // read behind the index, whose __index__ may have changed the container.
  static bool read_index(PyObject* self, PyObject* index, Py_ssize_t& position) {
    if (!PyIndex_Check(index)) {
      PyErr_Format(PyExc_TypeError, "index: an integer or a slice is needed, not %.200s", Py_TYPE(index)->tp_name);
      return false;
    }
    position = PyNumber_AsSsize_t(index, PyExc_IndexError);
    if ((position == -1 && PyErr_Occurred()) || !may_read(self)) return false;
    if (position < 0) position += size(self);
    if (position >= 0 && position < size(self)) return true;
    PyErr_SetString(PyExc_IndexError, "list index out of range");
    return false;
  }

  // Position of v among what is held: how many are below it, or not above it; -1 with an error.
  static Py_ssize_t position(PyObject* self, PyObject* v, bool right) {
    Sought sought;
    if (is_own_text(self, v)) return static_cast<Py_ssize_t>(text_of(self).order.rank(v, right));
    const Read read = read_asked(self, v, sought);
    if (read == Read::number) return rank(self, sought, right);
    if (is_array(v)) return refuse_array(), -1;
    return read == Read::odd ? call_for_position(self, "_rank_other", v, right) : -1;
  }

  // Position of the first number equal to v, -1 if there is none, -2 with an error.
  static Py_ssize_t find(PyObject* self, PyObject* v) {
    if (holds_text(self)) return find_text(self, v);
    Sought sought;
    const Read read = read_sought(v, head_of(self).holds, sought);
    if (read == Read::failed) return -2;
    if (read == Read::number) {
      if (!sought.exact) return -1;
      const auto at = tree(self).rank(sought.code, false);
      return at < tree(self).size() && tree(self).key_at(at) == sought.code ? static_cast<Py_ssize_t>(at) : -1;
    }
    return find_other(self, v);
  }

  static Py_ssize_t find_text(PyObject* self, PyObject* v) {
    if (!is_held_kind(self, v)) return find_other(self, v);
    std::size_t below = 0;
    return text_of(self).order.find(v, &below) ? static_cast<Py_ssize_t>(below) : -1;
  }

  // The same for a value that only Python compares.
  static Py_ssize_t find_other(PyObject* self, PyObject* v) {
    if (!head_of(self).unique && is_array(v)) return refuse_array(), -2;
    const Py_ssize_t found = call_for_position(self, "_find_other", v, false);
    if ((found == -1 && PyErr_Occurred()) || !may_read(self)) return -2;
    return found < size(self) ? found : -1;
  }

  static int contains(PyObject* self, PyObject* v) {
    if (!may_read(self)) return -1;
    if (finds_text(self, v)) return contains_text(self, v);
    if (holds_objects(self)) return PySequence_Contains(Objects(self), v);
    Sought sought;
    const Read read = read_asked(self, v, sought);
    if (read == Read::number) return sought.exact && tree(self).contains(sought.code);
    const Py_ssize_t found = read == Read::odd ? find(self, v) : -2;
    return found == -2 ? -1 : found >= 0;
  }

  static PyObject* bisect(PyObject* self, PyObject* v, bool right) {
    if (!may_read(self)) return nullptr;
    const bool objects = holds_objects(self);
    if (objects && !is_array(v)) return call_objects(self, right ? "bisect_right" : "bisect_left", &v, 1);
    if (is_own_text(self, v)) return PyLong_FromSize_t(text_of(self).order.rank(v, right));
    Sought sought;
    const Read read = read_asked(self, v, sought);
    if (read == Read::number) return PyLong_FromSsize_t(rank(self, sought, right));
    PyObject* args[] = {v, right ? Py_True : Py_False};
    return read == Read::odd ? call_method(self, "_rank_other", args, 2) : nullptr;
  }

  static PyObject* bisect_left(PyObject* self, PyObject* v) { return bisect(self, v, false); }
  static PyObject* bisect_right(PyObject* self, PyObject* v) { return bisect(self, v, true); }

  static PyObject* count(PyObject* self, PyObject* v) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return call_objects(self, "count", &v, 1);
    if (head_of(self).unique) {
      const int found = contains(self, v);
      return found < 0 ? nullptr : PyLong_FromLong(found);
    }
    const Py_ssize_t low = position(self, v, false);
    if (low == -1 && PyErr_Occurred()) return nullptr;
    const Py_ssize_t high = position(self, v, true);
    if (high == -1 && PyErr_Occurred()) return nullptr;
    return PyLong_FromSsize_t(high - low);
  }

  static PyObject* not_in_list(PyObject* v) { return PyErr_Format(PyExc_ValueError, "%R is not in list", v); }

  // An end of index(): None is the end of the container, a negative one counts from behind.
  static bool read_end(PyObject* end, Py_ssize_t length, Py_ssize_t open, Py_ssize_t& position) {
    position = open;
    if (end == Py_None) return true;
    position = PyNumber_AsSsize_t(end, nullptr);
    if (position == -1 && PyErr_Occurred()) return false;
    if (position < 0) position += length;
    position = position < 0 ? 0 : position > length ? length : position;
    return true;
  }

  static PyObject* index(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return call_objects(self, "index", args, nargs, keywords);
    static const char* const names[] = {"value", "start", "stop"};
    PyObject* given[] = {nullptr, Py_None, Py_None};
    if (!read_arguments("index", names, 3, args, nargs, keywords, given)) return nullptr;
    if (!given[0]) return PyErr_Format(PyExc_TypeError, "index() misses its argument 'value'");
    Py_ssize_t start = 0, stop = 0;
    if (!read_end(given[1], size(self), 0, start) || !read_end(given[2], size(self), size(self), stop)) return nullptr;
    if (!may_read(self)) return nullptr;
    return index_between(self, given[0], start, stop);
  }

  static PyObject* index_between(PyObject* self, PyObject* v, Py_ssize_t start, Py_ssize_t stop) {
    const Py_ssize_t first = stop > start ? find(self, v) : -1;
    if (first == -2) return nullptr;
    if (first < 0 || first >= stop) return not_in_list(v);
    if (first >= start) return PyLong_FromSsize_t(first);
    const Py_ssize_t last = position(self, v, true);
    if (last == -1 && PyErr_Occurred()) return nullptr;
    return last > start ? PyLong_FromSsize_t(start) : not_in_list(v);
  }

  // An iterator over positions [start, stop).
  static PyObject* over(PyObject* self, Py_ssize_t start, Py_ssize_t stop, bool backward, Give give = Give::keys) {
    return holds_text(self) ? iterate_text(self, start, stop, backward, give)
                            : Iterator::over(self, start, stop, backward, give);
  }

  static PyObject* iterate(PyObject* self) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return Iterator::around(self, PyObject_GetIter(Objects(self)));
    return over(self, 0, size(self), false);
  }

  static PyObject* reversed(PyObject* self, PyObject*) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return Iterator::around(self, call_objects(self, "__reversed__"));
    return over(self, 0, size(self), true);
  }

  static PyObject* islice(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return Iterator::around(self, call_objects(self, "islice", args, nargs, keywords));
    static const char* const names[] = {"start", "stop", "reverse"};
    PyObject* given[] = {Py_None, Py_None, Py_False};
    if (!read_arguments("islice", names, 3, args, nargs, keywords, given)) return nullptr;
    PyObject* slice = PySlice_New(given[0], given[1], nullptr);
    if (!slice) return nullptr;
    Py_ssize_t start = 0, stop = 0, step = 0;
    const int bad = PySlice_Unpack(slice, &start, &stop, &step);
    Py_DECREF(slice);
    const int backward = bad < 0 ? -1 : PyObject_IsTrue(given[2]);
    if (backward < 0 || !may_read(self)) return nullptr;
    PySlice_AdjustIndices(size(self), &start, &stop, step);
    return over(self, start, stop, backward == 1);
  }

  static PyObject* irange(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords);  // in sorted_range.hpp

  // `count` numbers from a cursor on as an array, backward from behind; in sorted_batch.hpp.
  static PyObject* array_of(PyObject* self, const Cursor& from, Py_ssize_t count, bool backward);

  static PyObject* item_at(PyObject* self, Py_ssize_t at) {
    if (holds_text(self)) return Py_NewRef(text_tree(self).value_at(static_cast<std::size_t>(at)));
    return number_of(tree(self).key_at(static_cast<std::size_t>(at)), head_of(self).holds);
  }

  // The numbers of a slice as a list.
  static PyObject* list_of(PyObject* self, PyObject* slice) {
    Py_ssize_t start = 0, stop = 0, step = 0;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0 || !may_read(self)) return nullptr;
    const Py_ssize_t taken = PySlice_AdjustIndices(size(self), &start, &stop, step);
    PyObject* list = PyList_New(taken);
    if (!list || taken == 0) return list;
    if (start + (taken - 1) * step >= size(self) || start >= size(self))  // the garbage collector ran
      return Py_DECREF(list), Iterator::changed();
    if (!fill(self, list, start, step)) Py_CLEAR(list);
    return list;
  }

  static bool fill(PyObject* self, PyObject* list, Py_ssize_t start, Py_ssize_t step) {
    if (holds_text(self))
      return fill_from(self, text_tree(self), list, start, step, [](const auto& at) { return Py_NewRef(at.value()); });
    return fill_from(self, tree(self), list, start, step,
                     [self](const Cursor& at) { return number_of(at.key(), head_of(self).holds); });
  }

  // Fills a list with what make(cursor) gives, `step` positions apart; false with an error. Runs no Python but for handlers
  // of signals.
  template <class Tree, class Make>
  static bool fill_from(PyObject* self, const Tree& tree, PyObject* list, Py_ssize_t start, Py_ssize_t step, Make&& make) {
    const Py_ssize_t taken = PyList_GET_SIZE(list);
    auto cursor = tree.cursor(static_cast<std::size_t>(start));
    ReadPoll poll(self);
    for (Py_ssize_t i = 0; i < taken; ++i) {
      PyObject* made = poll.may_continue(i) ? make(cursor) : nullptr;
      if (!made) return false;
      PyList_SET_ITEM(list, i, made);
      if (i + 1 == taken) break;
      if (step == 1) cursor.forward();
      else if (step == -1) cursor.backward();
      else cursor = tree.cursor(static_cast<std::size_t>(start + (i + 1) * step));
    }
    return true;
  }

  static PyObject* get_kind(PyObject* self, void*) {
    static const char* const names[] = {"int", "float", "object", "str", "bytes"};
    return PyUnicode_InternFromString(names[static_cast<std::size_t>(head_of(self).holds)]);
  }

  static PyObject* get_objects(PyObject* self, void*) {
    PyObject* objects = head_of(self).objects;
    return Py_NewRef(objects ? objects : Py_None);
  }

  static PyObject* check(PyObject* self, PyObject*) {
    if (!may_read(self)) return nullptr;
    if (holds_objects(self)) return call_objects(self, "_check");
    if (holds_text(self)) return check_text(self);
    const char* const wrong = tree(self).check();
    if (wrong) return PyErr_Format(PyExc_AssertionError, "the tree of this container is damaged: %s", wrong);
    Py_RETURN_NONE;
  }

  static PyObject* size_of(PyObject* self, PyObject*) {
    return PyLong_FromSize_t(sizeof(Object) + tree(self).bytes() + bytes_of_text(self));
  }
};

}  // namespace learnedidx::bindings
