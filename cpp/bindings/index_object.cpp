#include "index_object.hpp"

#include "arrays.hpp"
#include "models.hpp"
#include "small_batch.hpp"
#include "verb_docs.hpp"

namespace learnedidx::bindings {
namespace {

PyTypeObject* index_type = nullptr;

IndexObject* as_index(PyObject* self) { return reinterpret_cast<IndexObject*>(self); }

bool is_built(PyObject* self) {
  if (as_index(self)->index) return true;
  PyErr_SetString(PyExc_ValueError, "this index was not built: its constructor did not finish");
  return false;
}

bool is_bound(PyObject* self) {
  if (!is_built(self)) return false;
  if (!as_index(self)->without_keys) return true;
  PyErr_SetString(PyExc_ValueError,
                  "this index was opened without its keys and answers bounds() only; "
                  "open it with them: lx.open(path, keys=keys)");
  return false;
}

// Python's turn: self._<verb>(*args, **kwargs).
PyObject* ask_python(PyObject* self, const char* name, PyObject* const* args, Py_ssize_t nargs,
                     PyObject* keywords) {
  constexpr Py_ssize_t most = 12;
  const Py_ssize_t total = nargs + (keywords ? PyTuple_GET_SIZE(keywords) : 0);
  if (total >= most) {
    PyErr_Format(PyExc_TypeError, "%s() got too many arguments (%zd)", name + 1, total);
    return nullptr;
  }
  PyObject* all[most] = {self};
  for (Py_ssize_t i = 0; i < total; ++i) all[i + 1] = args[i];
  PyObject* method = PyUnicode_InternFromString(name);
  if (!method) return nullptr;
  PyObject* result = PyObject_VectorcallMethod(method, all, static_cast<std::size_t>(nargs + 1), keywords);
  Py_DECREF(method);
  return result;
}

// -1: neither "left" nor "right".
int side_of(PyObject* side) {
  if (!PyUnicode_Check(side)) return -1;
  if (PyUnicode_CompareWithASCIIString(side, "left") == 0) return 0;
  return PyUnicode_CompareWithASCIIString(side, "right") == 0 ? 1 : -1;
}

// The side of a call (v, side="left") without other arguments; -1 leaves the call to Python.
int plain_side(PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  const Py_ssize_t named = keywords ? PyTuple_GET_SIZE(keywords) : 0;
  if (nargs == 1 && named == 0) return 0;
  if (nargs == 2 && named == 0) return side_of(args[1]);
  if (nargs == 1 && named == 1 &&
      PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(keywords, 0), "side") == 0)
    return side_of(args[1]);
  return -1;
}

bool is_plain_call(Py_ssize_t nargs, PyObject* keywords) {
  return nargs == 1 && (!keywords || PyTuple_GET_SIZE(keywords) == 0);
}

// Answers v, a scalar or a small array; null without an error leaves it to Python.
PyObject* answer(PyObject* self, PyObject* v, bool right, Verb verb, Beginning beginning = Beginning::none) {
  const IndexObject& object = *as_index(self);
  ScalarQuery query;
  if (!read_scalar(v, object.meaning, query, beginning)) return answer_small_batch(object, v, right, verb);
  const std::int64_t found = verb > Verb::find ? object.index->near_one(query, verb, active_kernels())
                                               : object.index->search_one(query, right, verb, active_kernels());
  if (found == kOpen) return nullptr;
  return verb == Verb::contains ? PyBool_FromLong(static_cast<long>(found)) : PyLong_FromLongLong(found);
}

std::int64_t search_one(PyObject* self, const ScalarQuery& query, bool right, Verb verb) {
  return as_index(self)->index->search_one(query, right, verb, active_kernels());
}

// A verb of one argument and no options; the one that asks for the right side takes beginnings of rows.
PyObject* plain_verb(PyObject* self, const char* name, bool right, Verb verb, PyObject* const* args, Py_ssize_t nargs,
                     PyObject* keywords) {
  if (!is_bound(self)) return nullptr;
  if (is_plain_call(nargs, keywords)) {
    PyObject* result = answer(self, args[0], right, verb, right ? Beginning::after : Beginning::none);
    if (result || PyErr_Occurred()) return result;
  }
  return ask_python(self, name, args, nargs, keywords);
}

PyObject* searchsorted(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!is_bound(self)) return nullptr;
  const int side = plain_side(args, nargs, keywords);
  if (side >= 0) {
    PyObject* result = answer(self, args[0], side == 1, Verb::position);
    if (result || PyErr_Occurred()) return result;
  }
  return ask_python(self, "_searchsorted", args, nargs, keywords);
}

PyObject* rank(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  return plain_verb(self, "_rank", true, Verb::position, args, nargs, keywords);
}

// The verb that a method names; find for none that the core answers alone.
Verb verb_of_method(PyObject* word, const KeyMeaning& keys) {
  if (!PyUnicode_Check(word)) return Verb::find;
  const auto is = [&](const char* name) { return PyUnicode_CompareWithASCIIString(word, name) == 0; };
  if (is("pad")) return Verb::pad;
  if (is("backfill")) return Verb::backfill;
  return is("nearest") && !keys.uneven && keys.family < KeyMeaning::Family::text ? Verb::nearest : Verb::find;
}

// What a call (v, method=None) without other arguments asks for; false leaves it to Python.
bool plain_method(PyObject* const* args, Py_ssize_t nargs, PyObject* keywords, const KeyMeaning& keys, Verb& verb) {
  const Py_ssize_t named = keywords ? PyTuple_GET_SIZE(keywords) : 0;
  verb = Verb::find;
  if (nargs == 1 && named == 0) return true;
  if (nargs < 1 || nargs + named != 2) return false;
  if (named == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(keywords, 0), "method") != 0) return false;
  verb = verb_of_method(args[1], keys);
  return verb != Verb::find;
}

PyObject* find(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!is_bound(self)) return nullptr;
  Verb verb;
  if (plain_method(args, nargs, keywords, as_index(self)->meaning, verb)) {
    PyObject* result = answer(self, args[0], verb == Verb::pad, verb);
    if (result || PyErr_Occurred()) return result;
  }
  return ask_python(self, "_find", args, nargs, keywords);
}

PyObject* contains(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  return plain_verb(self, "_contains", false, Verb::contains, args, nargs, keywords);
}

// An end of a range: its position, or false if it is for Python to read.
bool read_end(PyObject* self, PyObject* end, bool right, Py_ssize_t open, std::int64_t& position) {
  if (end == Py_None) {
    position = open;
    return true;
  }
  ScalarQuery query;
  if (!read_scalar(end, as_index(self)->meaning, query, right ? Beginning::after : Beginning::before)) return false;
  position = search_one(self, query, right, Verb::position);
  return true;
}

// Which ends are searched on the right side; false leaves the word to Python.
bool read_inclusive(PyObject* word, bool& right_of_low, bool& right_of_high) {
  if (!PyUnicode_Check(word)) return false;
  const auto is = [&](const char* name) { return PyUnicode_CompareWithASCIIString(word, name) == 0; };
  right_of_low = is("right") || is("neither");
  right_of_high = is("right") || is("both");
  return right_of_low || right_of_high || is("left");
}

// The inclusive of a call (lo, hi, inclusive="left") without other arguments.
bool plain_inclusive(PyObject* const* args, Py_ssize_t nargs, PyObject* keywords, bool& right_of_low,
                     bool& right_of_high) {
  const Py_ssize_t named = keywords ? PyTuple_GET_SIZE(keywords) : 0;
  if (nargs < 2 || nargs + named > 3) return false;
  if (nargs + named == 2) return true;
  if (named == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(keywords, 0), "inclusive") != 0)
    return false;
  return read_inclusive(args[2], right_of_low, right_of_high);
}

// range and count of two scalars.
bool read_range(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords,
                std::int64_t& start, std::int64_t& stop) {
  bool right_of_low = false, right_of_high = false;
  if (!plain_inclusive(args, nargs, keywords, right_of_low, right_of_high)) return false;
  if (!read_end(self, args[0], right_of_low, 0, start)) return false;
  if (!read_end(self, args[1], right_of_high, as_index(self)->length, stop)) return false;
  if (stop < start) stop = start;
  return true;
}

PyObject* range(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!is_bound(self)) return nullptr;
  std::int64_t start = 0, stop = 0;
  if (!read_range(self, args, nargs, keywords, start, stop))
    return ask_python(self, "_range", args, nargs, keywords);
  PyObject* from = PyLong_FromLongLong(start);
  PyObject* to = from ? PyLong_FromLongLong(stop) : nullptr;
  PyObject* result = to ? PySlice_New(from, to, nullptr) : nullptr;
  Py_XDECREF(from);
  Py_XDECREF(to);
  return result;
}

PyObject* count(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!is_bound(self)) return nullptr;
  std::int64_t start = 0, stop = 0;
  if (read_range(self, args, nargs, keywords, start, stop)) return PyLong_FromLongLong(stop - start);
  return ask_python(self, "_count", args, nargs, keywords);
}

PyObject* bounds(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!is_built(self)) return nullptr;
  ScalarQuery query;
  const int side = plain_side(args, nargs, keywords);
  if (side < 0 || !read_scalar(args[0], as_index(self)->meaning, query))
    return ask_python(self, "_bounds", args, nargs, keywords);
  try {
    measured_index(self);
  } catch (py::error_already_set& error) {
    error.restore();
    return nullptr;
  } catch (const std::exception&) {
    return PyErr_NoMemory();
  }
  const Bounds b = as_index(self)->index->bounds_one(query, side == 1);
  return Py_BuildValue("(LL)", static_cast<long long>(b.low), static_cast<long long>(b.high));
}

int sq_contains(PyObject* self, PyObject* v) {
  if (!is_bound(self)) return -1;
  ScalarQuery query;
  if (read_scalar(v, as_index(self)->meaning, query))
    return static_cast<int>(search_one(self, query, false, Verb::contains));
  PyObject* found = ask_python(self, "_in", &v, 1, nullptr);
  if (!found) return -1;
  const int answer = PyObject_IsTrue(found);
  Py_DECREF(found);
  return answer;
}

Py_ssize_t length(PyObject* self) { return is_built(self) ? as_index(self)->length : -1; }

PyObject* item(PyObject* self, PyObject* i) {
  return is_bound(self) ? PyObject_GetItem(as_index(self)->keys, i) : nullptr;
}

PyObject* iterate(PyObject* self) {
  return is_bound(self) ? PyObject_GetIter(as_index(self)->keys) : nullptr;
}

// A view for each caller: who sets its shape or dtype changes no other.
PyObject* get_keys(PyObject* self, void*) {
  if (!is_bound(self)) return nullptr;
  PyObject* keys = as_index(self)->keys;
  return is_array(keys) && !as_index(self)->meaning.aware ? view_of(keys) : PyObject_GetAttrString(self, "_source");
}

// np.asarray(index) are the keys; dtype= and copy= are for the array to read.
PyObject* as_array(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* keywords) {
  if (!is_bound(self)) return nullptr;
  PyObject* own = as_index(self)->keys;
  PyObject* keys = is_array(own) ? view_of(own) : get_keys(self, nullptr);
  if (!keys) return nullptr;
  PyObject* result = ask_python(keys, "__array__", args, nargs, keywords);
  Py_DECREF(keys);
  return result;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(as_index(self)->keys);
  Py_VISIT(as_index(self)->model);
  Py_VISIT(Py_TYPE(self));
  return 0;
}

int clear(PyObject* self) {
  delete as_index(self)->index;
  as_index(self)->index = nullptr;
  Py_CLEAR(as_index(self)->keys);
  Py_CLEAR(as_index(self)->model);
  return 0;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear(self);
  type->tp_free(self);
  Py_DECREF(type);
}

#define LIDX_VERB(name) \
  {#name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&name)), METH_FASTCALL | METH_KEYWORDS, docs::name}

const PyMethodDef as_array_method = {"__array__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&as_array)),
                                         METH_FASTCALL | METH_KEYWORDS, docs::as_array};

PyMethodDef methods[] = {LIDX_VERB(searchsorted), LIDX_VERB(contains), LIDX_VERB(find),
                         LIDX_VERB(rank),         LIDX_VERB(range),    LIDX_VERB(count),
                         LIDX_VERB(bounds),       as_array_method,         {nullptr, nullptr, 0, nullptr}};

PyGetSetDef properties[] = {{"keys", get_keys, nullptr, docs::keys, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(&PyType_GenericNew)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(&dealloc)},
                       {Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
                       {Py_tp_clear, reinterpret_cast<void*>(&clear)},
                       {Py_tp_methods, methods},
                       {Py_tp_getset, properties},
                       {Py_tp_iter, reinterpret_cast<void*>(&iterate)},
                       {Py_sq_contains, reinterpret_cast<void*>(&sq_contains)},
                       {Py_sq_length, reinterpret_cast<void*>(&length)},
                       {Py_mp_length, reinterpret_cast<void*>(&length)},
                       {Py_mp_subscript, reinterpret_cast<void*>(&item)},
                       {0, nullptr}};

PyType_Spec spec = {"learnedidx._core.IndexBase", sizeof(IndexObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};

}  // namespace

IndexObject& any_index_object(pybind11::handle self) {
  if (!PyObject_TypeCheck(self.ptr(), index_type)) throw pybind11::type_error("index: not a LearnedIndex");
  return *as_index(self.ptr());
}

IndexObject& index_object(pybind11::handle self) {
  any_index_object(self);
  if (!is_bound(self.ptr())) throw pybind11::error_already_set();
  return *as_index(self.ptr());
}

IndexObject& measured_index(pybind11::handle self) {
  IndexObject& object = any_index_object(self);
  if (!is_built(self.ptr())) throw pybind11::error_already_set();
  const py::handle model = object.model;
  if (object.without_keys) verify_file_of(model);
  if (py::isinstance<Rmi>(model)) model.cast<Rmi&>().measure();
  else if (py::isinstance<PgmModel>(model)) model.cast<PgmModel&>().measure();
  return object;
}

PyObject* make_index_type(PyObject*) {
  PyObject* type = PyType_FromSpec(&spec);
  index_type = reinterpret_cast<PyTypeObject*>(type);
  return type;
}

}  // namespace learnedidx::bindings
