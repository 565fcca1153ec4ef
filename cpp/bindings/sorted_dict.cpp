// The heap type under SortedDict: a tree whose values are owned references. A reference that is given up
// is released last of all, when the tree is whole again: a finalizer may come back.
#include "sorted_dict.hpp"

#include "sorted_docs.hpp"

namespace learnedidx::bindings {
namespace {

using Verbs = DictVerbs;
using Batch = SortedBatch<DictObject>;

PyTypeObject* plain_type = nullptr;  // its instances hold references in their values alone

// The value of a key; null without an error if there is none, with one if key cannot be read.
PyObject* find_value(PyObject* self, PyObject* key) {
  if (holds_text(self)) return value_of_text(self, key);
  Sought sought;
  const Read read = read_sought(key, head_of(self).holds, sought);
  if (read == Read::failed) return nullptr;
  if (read == Read::number) {
    PyObject** value = sought.exact ? dict_tree(self).find(sought.code) : nullptr;
    return value ? Py_NewRef(*value) : nullptr;
  }
  const Py_ssize_t at = Verbs::find(self, key);
  return at < 0 ? nullptr : value_at(self, at);
}

PyObject* missing(PyObject* self, PyObject* key) {
  if (Py_TYPE(self) != plain_type) {
    PyObject* own = PyObject_GetAttrString(reinterpret_cast<PyObject*>(Py_TYPE(self)), "__missing__");
    if (own) {
      Py_DECREF(own);
      return call_method(self, "__missing__", &key, 1);
    }
    PyErr_Clear();
  }
  raise_key_error(key);
  return nullptr;
}

PyObject* subscript(PyObject* self, PyObject* key) {
  if (!may_read(self)) return nullptr;
  if (holds_objects(self)) {
    PyObject* const args[] = {key};
    const int known = PySequence_Contains(Objects(self), key);
    if (known < 0) return nullptr;
    return known ? call_objects(self, "__getitem__", args, 1) : missing(self, key);
  }
  PyObject* value = find_value(self, key);
  return value || PyErr_Occurred() ? value : missing(self, key);
}

// Gives another value to the key at a position.
int set_held(PyObject* self, Py_ssize_t at, PyObject* value) {
  if (!holds_text(self)) return replace(self, dict_tree(self).value_at(static_cast<std::size_t>(at)), value), 0;
  PyObject* const key = Verbs::item_at(self, at);
  const int done = put_text(self, key, value);
  Py_DECREF(key);
  return done;
}

int set_other(PyObject* self, PyObject* key, PyObject* value) {
  const Py_ssize_t at = Verbs::find(self, key);  // perhaps one equal to it is there
  if (at == -2 || !may_change(self)) return -1;
  if (at >= 0 && !holds_objects(self)) return set_held(self, at, value);
  PyObject* const args[] = {key, value};
  PyObject* done = call_method(self, "_set_other", args, 2);
  Py_XDECREF(done);
  return done ? 0 : -1;
}

int set(PyObject* self, PyObject* key, PyObject* value) {
  if (takes_text<DictObject>(self, key)) return put_text(self, key, value);
  Item item;
  const Read read = read_item(key, item);
  if (read == Read::failed) return -1;
  if (read == Read::number && takes<DictObject>(self, item.holds)) return put(self, item, value);
  return set_other(self, key, value);
}

// Takes the item at a position out: its value.
PyObject* take_out_at(PyObject* self, Py_ssize_t at) {
  const auto number = static_cast<std::size_t>(at);
  PyObject* value = nullptr;
  if (holds_text(self)) return erase_text(self, text_tree(self).cursor(number), &value), value;
  dict_tree(self).erase_at(number, &value);
  ++head_of(self).changes;
  return value;
}

// Takes a key out: its value, or null; with an error if the key cannot be read.
PyObject* take_out(PyObject* self, PyObject* key) {
  PyObject* value = nullptr;
  if (is_own_text(self, key)) return erase_text(self, key, &value), value;
  Sought sought;
  const Read read = read_asked(self, key, sought);
  if (read == Read::failed) return nullptr;
  if (read == Read::number) {
    if (!sought.exact || !dict_tree(self).erase(sought.code, &value)) return nullptr;
    ++head_of(self).changes;
    return value;
  }
  const Py_ssize_t at = Verbs::find(self, key);
  return at < 0 || !may_change(self) ? nullptr : take_out_at(self, at);
}

int assign_subscript(PyObject* self, PyObject* key, PyObject* value) {
  if (!may_change(self)) return -1;
  if (holds_objects(self)) {
    PyObject* const args[] = {key, value};
    PyObject* done = value ? call_method(self, "_set_object", args, 2) : call_method(self, "_delete_object", args, 1);
    Py_XDECREF(done);
    return done ? 0 : -1;
  }
  if (value) return set(self, key, value);
  PyObject* old = take_out(self, key);
  if (!old && !PyErr_Occurred()) raise_key_error(key);
  Py_XDECREF(old);
  return old ? 0 : -1;
}

// Are the arguments text of the kind that is held, and perhaps a default?
bool asks_plainly(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  return !keywords && nargs > 0 && nargs < 3 && is_own_text(self, args[0]);
}

// The value of a key among text, or else a default.
PyObject* text_or(PyObject* self, PyObject* key, PyObject* absent) {
  PyObject* value = value_of_text(self, key);
  return value || PyErr_Occurred() ? value : Py_NewRef(absent);
}

// The same among anything; an array of keys has an array of values.
PyObject* value_or(PyObject* self, PyObject* const (&given)[2]) {
  if (holds_text(self) && !is_array(given[0])) return text_or(self, given[0], given[1]);
  Sought sought;
  const Read read = read_asked(self, given[0], sought);
  if (read == Read::odd) return call_method(self, "_get_other", given, 2);
  if (read == Read::failed) return nullptr;
  PyObject** value = sought.exact ? dict_tree(self).find(sought.code) : nullptr;
  return Py_NewRef(value ? *value : given[1]);
}

PyObject* get(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!may_read(self)) return nullptr;
  if (asks_plainly(self, args, nargs, keywords)) return text_or(self, args[0], nargs == 2 ? args[1] : Py_None);
  static const char* const names[] = {"key", "default"};
  PyObject* given[] = {nullptr, Py_None};
  if (!read_arguments("get", names, 2, args, nargs, keywords, given)) return nullptr;
  if (!given[0]) return PyErr_Format(PyExc_TypeError, "get() misses its argument 'key'");
  return value_or(self, given);
}

PyObject* setdefault(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!may_change(self)) return nullptr;
  static const char* const names[] = {"key", "default"};
  PyObject* given[] = {nullptr, Py_None};
  if (!read_arguments("setdefault", names, 2, args, nargs, keywords, given)) return nullptr;
  if (!given[0]) return PyErr_Format(PyExc_TypeError, "setdefault() misses its argument 'key'");
  if (holds_objects(self)) return call_method(self, "_setdefault_object", given, 2);
  PyObject* value = find_value(self, given[0]);
  if (value || PyErr_Occurred()) return value;
  return assign_subscript(self, given[0], given[1]) < 0 ? nullptr : Py_NewRef(given[1]);
}

PyObject* pop(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!may_change(self)) return nullptr;
  if (holds_objects(self)) return call_method(self, "_pop_object", args, nargs, keywords);
  static const char* const names[] = {"key", "default"};
  PyObject* given[] = {nullptr, nullptr};
  if (!read_arguments("pop", names, 2, args, nargs, keywords, given)) return nullptr;
  if (!given[0]) return PyErr_Format(PyExc_TypeError, "pop() misses its argument 'key'");
  PyObject* value = take_out(self, given[0]);
  if (value || PyErr_Occurred()) return value;
  if (given[1]) return Py_NewRef(given[1]);
  raise_key_error(given[0]);
  return nullptr;
}

// The argument of popitem and peekitem as a position; false with an error.
bool read_position(PyObject* self, const char* verb, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords,
                   Py_ssize_t& at) {
  static const char* const names[] = {"index"};
  PyObject* given = nullptr;
  if (!read_arguments(verb, names, 1, args, nargs, keywords, &given)) return false;
  at = Verbs::size(self) - 1;
  if (given) return Verbs::read_index(self, given, at);
  if (at < 0) PyErr_SetString(PyExc_IndexError, "list index out of range");
  return at >= 0;
}

PyObject* peekitem(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!may_read(self)) return nullptr;
  if (holds_objects(self)) return call_objects(self, "peekitem", args, nargs, keywords);
  Py_ssize_t at = 0;
  return read_position(self, "peekitem", args, nargs, keywords, at) ? pick(self, at, Give::items) : nullptr;
}

PyObject* popitem(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!may_change(self)) return nullptr;
  if (holds_objects(self)) return call_method(self, "_popitem_object", args, nargs, keywords);
  if (Verbs::size(self) == 0) return PyErr_Format(PyExc_KeyError, "popitem(): dictionary is empty");
  Py_ssize_t at = 0;
  if (!read_position(self, "popitem", args, nargs, keywords, at) || !may_change(self)) return nullptr;
  const std::uint64_t before = head_of(self).changes;
  PyObject* pair = pick(self, at, Give::items);
  if (!pair) return nullptr;
  if (head_of(self).changes != before) return Py_DECREF(pair), SortedIterator<DictObject>::changed();
  Py_DECREF(take_out_at(self, at));
  return pair;
}

PyObject* clear(PyObject* self, PyObject*) {
  if (!may_change(self)) return nullptr;
  if (holds_objects(self)) return call_method(self, "_clear_objects");
  if (holds_text(self)) return clear_text(self);
  ++head_of(self).changes;
  release_all(self);
  Py_RETURN_NONE;
}

PyObject* become(PyObject* self, PyObject* objects) {
  if (!may_change(self)) return nullptr;
  SortedHead& head = head_of(self);
  ++head.changes;
  PyObject* old = head.objects;
  head.objects = objects == Py_None ? nullptr : Py_NewRef(objects);
  Text* const text = head.text;
  head.text = nullptr;
  head.holds = objects == Py_None ? Holds::ints : Holds::objects;
  if (!PyObject_GC_IsTracked(self)) PyObject_GC_Track(self);
  if (text) release_text(text);
  release_all(self);
  Py_XDECREF(old);
  Py_RETURN_NONE;
}

PyObject* make(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* self = type->tp_alloc(type, 0);
  if (!self) return nullptr;
  new (&dict_tree(self)) DictTree();
  head_of(self).unique = head_of(self).maps = true;
  if (type == plain_type) PyObject_GC_UnTrack(self);  // until a value may be part of a cycle, as dict
  return self;
}

PyObject* declare_plain(PyObject* type, PyObject*) {
  plain_type = reinterpret_cast<PyTypeObject*>(type);
  Py_RETURN_NONE;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(head_of(self).objects);
  Py_VISIT(Py_TYPE(self));
  // While another thread changes the tree its values look as if they were referred to from elsewhere.
  UnderWay::settle(head_of(self));
  const std::size_t size = head_of(self).busy ? 0 : dict_tree(self).size();
  if (size == 0) return visit_text(self, visit, arg);
  auto cursor = dict_tree(self).cursor(0);
  for (std::size_t i = 0; i < size; ++i) {
    Py_VISIT(cursor.value());
    if (i + 1 < size) cursor.forward();
  }
  return 0;
}

int clear_references(PyObject* self) {
  if (holds_objects(self)) head_of(self).holds = Holds::ints;
  ++head_of(self).changes;
  if (holds_text(self)) drop_text(self);
  release_all(self);
  Py_CLEAR(head_of(self).objects);
  return 0;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  // In place, with a small frame: thousands of them may be on the stack when nested dicts fall apart.
  release_values(dict_tree(self));
  if (holds_text(self)) drop_text(self);
  Py_CLEAR(head_of(self).objects);
  std::destroy_at(&dict_tree(self));
  type->tp_free(self);
  Py_DECREF(type);
}

PyCFunction fast(PyObject* (*function)(PyObject*, PyObject* const*, Py_ssize_t)) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef methods[] = {
    {"get", as_method(get), METH_FASTCALL | METH_KEYWORDS, docs::sorted_get},
    {"setdefault", as_method(setdefault), METH_FASTCALL | METH_KEYWORDS, docs::sorted_setdefault},
    {"pop", as_method(pop), METH_FASTCALL | METH_KEYWORDS, docs::sorted_pop_key},
    {"popitem", as_method(popitem), METH_FASTCALL | METH_KEYWORDS, docs::sorted_popitem},
    {"peekitem", as_method(peekitem), METH_FASTCALL | METH_KEYWORDS, docs::sorted_peekitem},
    {"clear", clear, METH_NOARGS, docs::sorted_clear},
    {"bisect_left", Verbs::bisect_left, METH_O, docs::sorted_bisect_left},
    {"bisect_right", Verbs::bisect_right, METH_O, docs::sorted_bisect_right},
    {"bisect", Verbs::bisect_right, METH_O, docs::sorted_bisect},
    {"index", as_method(Verbs::index), METH_FASTCALL | METH_KEYWORDS, docs::sorted_index},
    {"irange", as_method(Verbs::irange), METH_FASTCALL | METH_KEYWORDS, docs::sorted_irange},
    {"islice", as_method(Verbs::islice), METH_FASTCALL | METH_KEYWORDS, docs::sorted_islice},
    {"to_numpy", Batch::to_array, METH_NOARGS, docs::sorted_to_numpy},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, nullptr},
    {"__reversed__", Verbs::reversed, METH_NOARGS, nullptr},
    {"__sizeof__", Verbs::size_of, METH_NOARGS, docs::sorted_sizeof},
    {"_check", Verbs::check, METH_NOARGS, docs::sorted_check},
    {"_become", become, METH_O, nullptr},
    {"_declare_plain", declare_plain, METH_NOARGS | METH_CLASS, nullptr},
    {"_iterate", fast(iterate_over), METH_FASTCALL, nullptr},
    {"_pick", fast(pick_any), METH_FASTCALL, nullptr},
    {"_erase", erase_any, METH_O, nullptr},
    {"_ranks", fast(Batch::ranks), METH_FASTCALL, nullptr},
    {"_contains_codes", Batch::contains, METH_O, nullptr},
    {"_values_of_codes", fast(values_of_codes), METH_FASTCALL, nullptr},
    {"_take_pairs", take_pairs, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef properties[] = {{"kind", Verbs::get_kind, nullptr, docs::sorted_kind, nullptr},
                            {"_objects", Verbs::get_objects, nullptr, nullptr, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

}  // namespace

PyObject* make_sorted_dict_type() {
  if (!SortedIterator<DictObject>::make_type("learnedidx._core.SortedItemIterator")) return nullptr;
  PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(&make)},
                         {Py_tp_dealloc, reinterpret_cast<void*>(&dealloc)},
                         {Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
                         {Py_tp_clear, reinterpret_cast<void*>(&clear_references)},
                         {Py_tp_methods, methods},
                         {Py_tp_getset, properties},
                         {Py_tp_iter, reinterpret_cast<void*>(&Verbs::iterate)},
                         {Py_sq_contains, reinterpret_cast<void*>(&Verbs::contains)},
                         {Py_mp_length, reinterpret_cast<void*>(&Verbs::length)},
                         {Py_mp_subscript, reinterpret_cast<void*>(&subscript)},
                         {Py_mp_ass_subscript, reinterpret_cast<void*>(&assign_subscript)},
                         {0, nullptr}};
  PyType_Spec spec = {"learnedidx._core.SortedDictBase", sizeof(DictObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};
  return PyType_FromSpec(&spec);
}

}  // namespace learnedidx::bindings
