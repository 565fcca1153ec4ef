// The iterator of the sorted containers: a cursor in the tree, or an iterator over objects, that raises
// when the container has changed.
#pragma once

#include <Python.h>

#include <new>

#include "sorted_ints.hpp"
#include "sorted_items.hpp"
#include "sorted_text.hpp"

namespace learnedidx::bindings {

template <class Object> struct SortedIterator {
  using Cursor = typename Object::Tree::Cursor;
  PyObject_HEAD
  PyObject* owner;  // null when exhausted
  PyObject* inner;  // over objects, or null
  std::uint64_t changes;
  const std::int64_t* now;  // keys of a leaf that come next, unless the container changes
  const std::int64_t* end;
  PyObject* const* text;  // the same of text
  PyObject* const* text_end;
  Py_ssize_t left;  // keys to come behind them
  Cursor cursor;
  SpareInts spares;
  Give give;
  bool backward;

  static PyTypeObject* type;

  static SortedIterator* of(PyObject* self) { return reinterpret_cast<SortedIterator*>(self); }
  static Object& owner_of(PyObject* self) { return *reinterpret_cast<Object*>(of(self)->owner); }

  static SortedIterator* make(PyObject* owner) {
    const std::uint64_t changes = head_of(owner).changes;  // before the garbage collector may run anything
    auto* made = PyObject_GC_New(SortedIterator, type);
    if (!made) return nullptr;
    made->owner = Py_NewRef(owner);
    made->inner = nullptr;
    made->changes = changes;
    made->left = 0;
    new (&made->cursor) Cursor{};
    new (&made->spares) SpareInts{};
    made->now = made->end = nullptr;
    made->text = made->text_end = nullptr;
    made->give = Give::keys;
    made->backward = false;
    PyObject_GC_Track(reinterpret_cast<PyObject*>(made));
    return made;
  }

  // `count` numbers from a cursor on, which is at no key if they are none.
  static PyObject* from(PyObject* owner, const Cursor& first, Py_ssize_t count, bool backward, Give give = Give::keys) {
    SortedIterator* made = make(owner);
    if (!made) return nullptr;
    made->give = give;
    made->backward = backward;
    made->left = count;
    made->cursor = first;
    return reinterpret_cast<PyObject*>(made);
  }

  // Over positions [start, stop) of the tree.
  static PyObject* over(PyObject* owner, Py_ssize_t start, Py_ssize_t stop, bool backward, Give give = Give::keys) {
    if (stop <= start) return from(owner, Cursor{}, 0, backward, give);
    const auto& tree = reinterpret_cast<Object*>(owner)->tree;
    return from(owner, tree.cursor(static_cast<std::size_t>(backward ? stop - 1 : start)), stop - start, backward, give);
  }

  // Over what `inner` gives, which is taken over; null stays null.
  static PyObject* around(PyObject* owner, PyObject* inner) {
    if (!inner) return nullptr;
    SortedIterator* made = make(owner);
    if (made) made->inner = inner;
    else Py_DECREF(inner);
    return reinterpret_cast<PyObject*>(made);
  }

  static PyObject* current(PyObject* self) {
    const SortedIterator& it = *of(self);
    if constexpr (std::is_same_v<typename Object::Tree::Reference, PyObject*>) {
      if (it.give == Give::values) return value_of(it);
      if (it.give == Give::items) {
        PyObject* key = key_of(it);
        PyObject* pair = key ? PyTuple_New(2) : nullptr;
        if (!pair) return Py_XDECREF(key), nullptr;
        // Making the pair may have run the garbage collector, and with it anything.
        if (head_of(it.owner).changes != it.changes) return Py_DECREF(pair), Py_DECREF(key), changed();
        PyTuple_SET_ITEM(pair, 0, key);
        PyTuple_SET_ITEM(pair, 1, value_of(it));
        return pair;
      }
    }
    return key_of(it);
  }

  static PyObject* key_of(const SortedIterator& it) {
    if constexpr (std::is_same_v<typename Object::Tree::Reference, PyObject*>)
      if (holds_text(it.owner)) return Py_NewRef(it.cursor.value());
    return number_of(it.cursor.key(), head_of(it.owner).holds);
  }
  static PyObject* value_of(const SortedIterator& it) {
    return holds_text(it.owner) ? value_of_text(it.owner, it.cursor.value()) : Py_NewRef(it.cursor.value());
  }

  static PyObject* changed() {
    PyErr_SetString(PyExc_RuntimeError, "the sorted container was changed during iteration");
    return nullptr;
  }

  static PyObject* next(PyObject* self) {
    SortedIterator& it = *of(self);
    if (it.now != it.end) return next_of_leaf(it);
    if (!it.owner) return nullptr;
    if (head_of(it.owner).changes != it.changes) return changed();
    if (it.text != it.text_end) return Py_NewRef(*it.text++);
    if (it.inner) return PyIter_Next(it.inner);
    if (it.left == 0) {
      Py_CLEAR(it.owner);
      return nullptr;
    }
    if (it.backward || it.give != Give::keys) return next_of_cursor(self);
    return next_leaf(it);
  }

  static PyObject* next_leaf(SortedIterator& it) {
    if constexpr (std::is_same_v<typename Object::Tree::Reference, PyObject*>)
      if (holds_text(it.owner)) return take_text(it), Py_NewRef(*it.text++);
    take_leaf(it);
    return next_of_leaf(it);
  }

  static PyObject* next_of_cursor(PyObject* self) {
    SortedIterator& it = *of(self);
    PyObject* result = current(self);
    if (!result) return nullptr;
    if (--it.left > 0) {
      if (it.backward) it.cursor.backward();
      else it.cursor.forward();
    }
    return result;
  }

  static PyObject* next_of_leaf(SortedIterator& it) {
    const SortedHead& head = head_of(it.owner);
    if (head.changes != it.changes) return changed();
    const std::int64_t code = *it.now++;
    return head.holds == Holds::ints ? it.spares.make(code) : number_of(code, head.holds);
  }

  // The keys that come from the leaf of the cursor, of which there is one at least.
  static void take_leaf(SortedIterator& it) {
    it.now = it.cursor.codes();
    it.end = it.now + leave_leaf(it);
    it.spares.try_again();
  }
  static void take_text(SortedIterator& it) {
    it.text = it.cursor.values();
    it.text_end = it.text + leave_leaf(it);
  }
  // How many keys come from the leaf of the cursor, which goes to the next one.
  static Py_ssize_t leave_leaf(SortedIterator& it) {
    auto count = static_cast<Py_ssize_t>(it.cursor.codes_left());
    if (count > it.left) count = it.left;
    it.left -= count;
    if (it.left > 0) it.cursor.next_leaf();
    return count;
  }

  static PyObject* length_hint(PyObject* self, PyObject*) {
    const SortedIterator& it = *of(self);
    if (!it.owner || head_of(it.owner).changes != it.changes) return PyLong_FromLong(0);
    return PyLong_FromSsize_t(it.left + (it.end - it.now) + (it.text_end - it.text));
  }

  static int traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(of(self)->owner);
    Py_VISIT(of(self)->inner);
    Py_VISIT(Py_TYPE(self));
    return 0;
  }

  static int clear(PyObject* self) {
    of(self)->now = of(self)->end = nullptr;
    of(self)->text = of(self)->text_end = nullptr;
    of(self)->spares.drop();
    Py_CLEAR(of(self)->owner);
    Py_CLEAR(of(self)->inner);
    return 0;
  }

  static void dealloc(PyObject* self) {
    PyTypeObject* own = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(own);
  }

  // Makes the type, once; false with an error.
  static bool make_type(const char* name) {
    static PyMethodDef methods[] = {{"__length_hint__", &length_hint, METH_NOARGS, nullptr},
                                    {nullptr, nullptr, 0, nullptr}};
    static PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(&dealloc)},
                                  {Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
                                  {Py_tp_clear, reinterpret_cast<void*>(&clear)},
                                  {Py_tp_iter, reinterpret_cast<void*>(&PyObject_SelfIter)},
                                  {Py_tp_iternext, reinterpret_cast<void*>(&next)},
                                  {Py_tp_methods, methods},
                                  {0, nullptr}};
    PyType_Spec spec = {name, sizeof(SortedIterator), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
    type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    return type != nullptr;
  }
};

template <class Object> PyTypeObject* SortedIterator<Object>::type = nullptr;

}  // namespace learnedidx::bindings
