// The heap types under SortedList and SortedSet: one tree without values; equal keys are kept or are one.
#include "sorted_docs.hpp"
#include "sorted_take.hpp"
#include "sorted_types.hpp"

namespace learnedidx::bindings {
namespace {

using Verbs = SortedVerbs<ListObject>;
using Batch = SortedBatch<ListObject>;
using Tree = ListObject::Tree;

PyTypeObject* set_type = nullptr;

Tree& tree_of(PyObject* self) { return Verbs::tree(self); }

PyObject* none_unless(bool failed) { return failed ? nullptr : Py_NewRef(Py_None); }

int add_number(PyObject* self, const Item& item) {
  SortedHead& head = head_of(self);
  const int done = head.unique ? tree_of(self).insert_unique(item.code, {}, nullptr)
                               : tree_of(self).insert(item.code) ? 1 : -1;
  if (done > 0) {
    hold_numbers(self, item.holds);
    ++head.changes;
  }
  if (done < 0) PyErr_NoMemory();
  return done;
}

PyObject* add(PyObject* self, PyObject* v) {
  if (!may_change(self)) return nullptr;
  if (takes_text<ListObject>(self, v)) return none_unless(add_text(self, v) < 0);
  Item item;
  const Read read = holds_objects(self) ? Read::odd : read_item(v, item);
  if (read == Read::failed) return nullptr;
  if (read == Read::odd || !takes<ListObject>(self, item.holds)) return call_method(self, "_add_other", &v, 1);
  return none_unless(add_number(self, item) < 0);
}

void erase_at(PyObject* self, Py_ssize_t at) {
  const auto number = static_cast<std::size_t>(at);
  if (holds_text(self)) return erase_text(self, text_tree(self).cursor(number));
  tree_of(self).erase_at(number, nullptr);
  ++head_of(self).changes;
}

// Erases the first item equal to v: 1 if there was one, -1 with an error.
int erase(PyObject* self, PyObject* v) {
  if (is_own_text(self, v)) return erase_text(self, v);
  Sought sought;
  const Read read = read_asked(self, v, sought);
  if (read == Read::failed) return -1;
  if (read == Read::number) {
    const bool erased = sought.exact && tree_of(self).erase(sought.code, nullptr);
    head_of(self).changes += erased;
    return erased;
  }
  const Py_ssize_t at = Verbs::find(self, v);
  if (at == -2 || !may_change(self)) return -1;
  if (at >= 0) erase_at(self, at);
  return at >= 0;
}

PyObject* discard(PyObject* self, PyObject* v) {
  if (!may_change(self)) return nullptr;
  if (holds_objects(self)) return call_method(self, "_discard_object", &v, 1);
  if (erase(self, v) < 0) return nullptr;
  Py_RETURN_NONE;
}

PyObject* remove(PyObject* self, PyObject* v) {
  if (!may_change(self)) return nullptr;
  if (holds_objects(self)) return call_method(self, "_remove_object", &v, 1);
  const int erased = erase(self, v);
  if (erased < 0) return nullptr;
  if (erased) Py_RETURN_NONE;
  if (!head_of(self).unique) return PyErr_Format(PyExc_ValueError, "%R not in list", v);
  raise_key_error(v);
  return nullptr;
}

PyObject* pop(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!may_change(self)) return nullptr;
  if (holds_objects(self)) return call_method(self, "_pop_object", args, nargs, keywords);
  static const char* const names[] = {"index"};
  PyObject* given = nullptr;
  if (!read_arguments("pop", names, 1, args, nargs, keywords, &given)) return nullptr;
  Py_ssize_t at = Verbs::size(self) - 1;
  if (at < 0) return PyErr_Format(PyExc_IndexError, "pop index out of range");
  if (given && (!Verbs::read_index(self, given, at) || !may_change(self))) return nullptr;
  PyObject* number = Verbs::item_at(self, at);
  if (!number) return nullptr;
  erase_at(self, at);
  return number;
}

PyObject* subscript(PyObject* self, PyObject* index) {
  if (!may_read(self)) return nullptr;
  if (holds_objects(self)) return PyObject_GetItem(Objects(self), index);
  if (PySlice_Check(index)) return Verbs::list_of(self, index);
  Py_ssize_t at = 0;
  return Verbs::read_index(self, index, at) ? Verbs::item_at(self, at) : nullptr;
}

PyObject* item(PyObject* self, Py_ssize_t at) {
  if (!may_read(self)) return nullptr;
  if (holds_objects(self)) return PySequence_GetItem(Objects(self), at);
  if (at >= 0 && at < Verbs::size(self)) return Verbs::item_at(self, at);
  return PyErr_Format(PyExc_IndexError, "list index out of range");
}

int erase_slice(PyObject* self, PyObject* slice) {
  Py_ssize_t start = 0, stop = 0, step = 0;
  if (PySlice_Unpack(slice, &start, &stop, &step) < 0 || !may_change(self)) return -1;
  const Py_ssize_t taken = PySlice_AdjustIndices(Verbs::size(self), &start, &stop, step);
  if (taken == 0) return 0;
  if (step < 0) {
    start += (taken - 1) * step;
    step = -step;
  }
  PyObject* done = guarded([&]() -> PyObject* {
    const auto count = static_cast<std::size_t>(taken);
    if (holds_text(self)) erase_texts(self, static_cast<std::size_t>(start), count, static_cast<std::size_t>(step));
    else erase_positions<ListObject>(self, static_cast<std::size_t>(start), count, static_cast<std::size_t>(step), nullptr);
    Py_RETURN_NONE;
  });
  Py_XDECREF(done);
  return done ? 0 : -1;
}

int assign_subscript(PyObject* self, PyObject* index, PyObject* value) {
  if (value && head_of(self).unique) {
    PyErr_Format(PyExc_TypeError, "'%s' object does not support item assignment", Py_TYPE(self)->tp_name);
    return -1;
  }
  if (value) {
    PyErr_SetString(PyExc_NotImplementedError, "use ``del sl[index]`` and ``sl.add(value)`` instead");
    return -1;
  }
  if (!may_change(self)) return -1;
  if (holds_objects(self)) {
    PyObject* done = call_method(self, "_delete_object", &index, 1);
    Py_XDECREF(done);
    return done ? 0 : -1;
  }
  if (PySlice_Check(index)) return erase_slice(self, index);
  Py_ssize_t at = 0;
  if (!Verbs::read_index(self, index, at) || !may_change(self)) return -1;
  erase_at(self, at);
  return 0;
}

PyObject* clear(PyObject* self, PyObject*) {
  if (!may_change(self)) return nullptr;
  if (holds_objects(self)) return call_method(self, "_clear_objects");
  if (holds_text(self)) return clear_text(self);
  ++head_of(self).changes;
  tree_of(self).clear();
  Py_RETURN_NONE;
}

// Takes a container of objects in place of the numbers, or with None begins anew.
PyObject* become(PyObject* self, PyObject* objects) {
  if (!may_change(self)) return nullptr;
  SortedHead& head = head_of(self);
  ++head.changes;
  tree_of(self).clear();
  PyObject* old = head.objects;
  head.objects = objects == Py_None ? nullptr : Py_NewRef(objects);
  drop_text(self);
  head.holds = objects == Py_None ? Holds::ints : Holds::objects;
  Py_XDECREF(old);
  Py_RETURN_NONE;
}

// Changes numbers or text with another set.
PyObject* swap(PyObject* self, PyObject* other) {
  if (!PyObject_TypeCheck(other, set_type) || !head_of(self).unique || holds_objects(self) || holds_objects(other))
    return PyErr_Format(PyExc_TypeError, "_swap(typed set), of a typed set");
  if (!may_change(self) || !may_change(other)) return nullptr;
  tree_of(self).swap(tree_of(other));
  std::swap(head_of(self).holds, head_of(other).holds);
  std::swap(head_of(self).text, head_of(other).text);
  ++head_of(self).changes;
  ++head_of(other).changes;
  Py_RETURN_NONE;
}

PyObject* take_codes(PyObject* self, PyObject* const* args, Py_ssize_t nargs) {
  if (nargs != 2) return PyErr_Format(PyExc_TypeError, "_take_codes(codes, floats)");
  if (!may_change(self)) return nullptr;
  return guarded([&] { return take(self, codes_of(args[0]), args[1] == Py_True ? Holds::floats : Holds::ints); });
}

PyObject* take_list(PyObject* self, PyObject* list) {
  if (!PyList_Check(list)) return PyErr_Format(PyExc_TypeError, "_take_list(list)");
  if (!may_change(self)) return nullptr;
  return guarded([&]() -> PyObject* {
    Holds holds = kind_of_texts(list);
    if (holds != Holds::objects) {
      if (!takes<ListObject>(self, holds)) Py_RETURN_FALSE;
      take_texts(self, list, holds);
      Py_RETURN_TRUE;
    }
    const py::object codes = codes_of_list(list, holds);
    if (codes.is_none()) Py_RETURN_FALSE;
    return take(self, py::reinterpret_borrow<CodeArray>(codes), holds);
  });
}

PyObject* make(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* self = type->tp_alloc(type, 0);
  if (self) new (&tree_of(self)) Tree();
  return self;
}

PyObject* make_unique(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  PyObject* self = make(type, args, keywords);
  if (self) head_of(self).unique = true;
  return self;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(head_of(self).objects);
  Py_VISIT(Py_TYPE(self));
  return visit_text(self, visit, arg);
}

int clear_references(PyObject* self) {
  if (holds_objects(self)) head_of(self).holds = Holds::ints;
  Py_CLEAR(head_of(self).objects);
  return 0;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear_references(self);
  drop_text(self);
  std::destroy_at(&tree_of(self));
  type->tp_free(self);
  Py_DECREF(type);
}

PyMethodDef methods[] = {
    {"add", add, METH_O, docs::sorted_add},
    {"discard", discard, METH_O, docs::sorted_discard},
    {"remove", remove, METH_O, docs::sorted_remove},
    {"pop", as_method(pop), METH_FASTCALL | METH_KEYWORDS, docs::sorted_pop},
    {"clear", clear, METH_NOARGS, docs::sorted_clear},
    {"bisect_left", Verbs::bisect_left, METH_O, docs::sorted_bisect_left},
    {"bisect_right", Verbs::bisect_right, METH_O, docs::sorted_bisect_right},
    {"bisect", Verbs::bisect_right, METH_O, docs::sorted_bisect},
    {"count", Verbs::count, METH_O, docs::sorted_count},
    {"index", as_method(Verbs::index), METH_FASTCALL | METH_KEYWORDS, docs::sorted_index},
    {"irange", as_method(Verbs::irange), METH_FASTCALL | METH_KEYWORDS, docs::sorted_irange},
    {"islice", as_method(Verbs::islice), METH_FASTCALL | METH_KEYWORDS, docs::sorted_islice},
    {"to_numpy", Batch::to_array, METH_NOARGS, docs::sorted_to_numpy},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, nullptr},
    {"__reversed__", Verbs::reversed, METH_NOARGS, nullptr},
    {"__sizeof__", Verbs::size_of, METH_NOARGS, docs::sorted_sizeof},
    {"_check", Verbs::check, METH_NOARGS, docs::sorted_check},
    {"_become", become, METH_O, nullptr},
    {"_ranks", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(Batch::ranks)), METH_FASTCALL, nullptr},
    {"_contains_codes", Batch::contains, METH_O, nullptr},
    {"_take_codes", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(take_codes)), METH_FASTCALL, nullptr},
    {"_take_list", take_list, METH_O, nullptr},
    {"_swap", swap, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef properties[] = {{"kind", Verbs::get_kind, nullptr, docs::sorted_kind, nullptr},
                            {"_objects", Verbs::get_objects, nullptr, nullptr, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyObject* make_type(const char* name, newfunc construct) {
  PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(construct)},
                         {Py_tp_dealloc, reinterpret_cast<void*>(&dealloc)},
                         {Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
                         {Py_tp_clear, reinterpret_cast<void*>(&clear_references)},
                         {Py_tp_methods, methods},
                         {Py_tp_getset, properties},
                         {Py_tp_iter, reinterpret_cast<void*>(&Verbs::iterate)},
                         {Py_sq_contains, reinterpret_cast<void*>(&Verbs::contains)},
                         {Py_sq_length, reinterpret_cast<void*>(&Verbs::length)},
                         {Py_sq_item, reinterpret_cast<void*>(&item)},
                         {Py_mp_length, reinterpret_cast<void*>(&Verbs::length)},
                         {Py_mp_subscript, reinterpret_cast<void*>(&subscript)},
                         {Py_mp_ass_subscript, reinterpret_cast<void*>(&assign_subscript)},
                         {0, nullptr}};
  PyType_Spec spec = {name, sizeof(ListObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                      slots};
  return PyType_FromSpec(&spec);
}

}  // namespace

PyObject* make_sorted_list_type() {
  if (!SortedIterator<ListObject>::make_type("learnedidx._core.SortedIterator")) return nullptr;
  return make_type("learnedidx._core.SortedListBase", make);
}

PyObject* make_sorted_set_type() {
  PyObject* type = make_type("learnedidx._core.SortedSetBase", make_unique);
  set_type = reinterpret_cast<PyTypeObject*>(type);
  return type;
}

}  // namespace learnedidx::bindings
