#include "sorted_object.hpp"

namespace learnedidx::bindings {
namespace {

constexpr Py_ssize_t kMostArguments = 8;

PyObject* call_named(PyObject* self, const char* name, PyObject* const* args, Py_ssize_t nargs,
                     PyObject* keywords) {
  const Py_ssize_t total = nargs + (keywords ? PyTuple_GET_SIZE(keywords) : 0);
  if (total >= kMostArguments)
    return PyErr_Format(PyExc_TypeError, "%s() got too many arguments (%zd)", name, total);
  PyObject* all[kMostArguments] = {self};
  for (Py_ssize_t i = 0; i < total; ++i) all[i + 1] = args[i];
  PyObject* method = PyUnicode_InternFromString(name);
  if (!method) return nullptr;
  PyObject* result = PyObject_VectorcallMethod(method, all, static_cast<std::size_t>(nargs + 1), keywords);
  Py_DECREF(method);
  return result;
}

bool refuse_keyword(const char* verb, PyObject* word, bool twice) {
  PyErr_Format(PyExc_TypeError, twice ? "%s() got multiple values for argument '%U'"
                                      : "%s() got an unexpected keyword argument '%U'", verb, word);
  return false;
}

bool is_word(PyObject* word, const char* name) {
  const bool begins = PyUnicode_GET_LENGTH(word) > 0 && PyUnicode_READ_CHAR(word, 0) == static_cast<Py_UCS4>(name[0]);
  return begins && PyUnicode_CompareWithASCIIString(word, name) == 0;
}

}  // namespace

thread_local UnderWay* UnderWay::innermost = nullptr;

UnderWay::UnderWay(PyObject* self, bool changes) : self_(self), outer_(innermost), changes_(changes) {
  settle(head_of(self));
  count(head_of(self), 1);
  innermost = this;
}

UnderWay::~UnderWay() {
  settle(head_of(self_));
  count(head_of(self_), -1);
  innermost = outer_;
}

void UnderWay::count(SortedHead& head, int more) const {
  if (changes_) head.busy = more > 0;
  else head.readers += more;
}

void UnderWay::settle(SortedHead& head) {
  if (head.forks == forks_behind()) return;
  head.forks = forks_behind();
  head.busy = false;
  head.readers = 0;
  for (const UnderWay* batch = innermost; batch; batch = batch->outer_)
    if (&head_of(batch->self_) == &head) batch->count(head, 1);
}

bool refuse_busy(PyObject* self, bool to_change) {
  SortedHead& head = head_of(self);
  UnderWay::settle(head);
  if (!head.busy && (!to_change || head.readers == 0)) return true;
  PyErr_SetString(PyExc_RuntimeError,
                  "another thread is inside a batch verb of this container; "
                  "share it between threads under a lock");
  return false;
}

bool refuse_array() {
  PyErr_SetString(PyExc_TypeError,
                  "value: one value is needed, this is an array; contains(), bisect_left(), bisect_right() and "
                  "update() take arrays");
  return false;
}

PyObject* call_method(PyObject* self, const char* name, PyObject* const* args, Py_ssize_t nargs,
                      PyObject* keywords) {
  return call_named(self, name, args, nargs, keywords);
}

PyObject* call_objects(PyObject* self, const char* name, PyObject* const* args, Py_ssize_t nargs,
                       PyObject* keywords) {
  return call_named(Objects(self), name, args, nargs, keywords);
}

Py_ssize_t call_for_position(PyObject* self, const char* name, PyObject* v, bool right) {
  PyObject* args[] = {v, right ? Py_True : Py_False};
  PyObject* found = call_method(self, name, args, 2);
  if (!found) return -1;
  const Py_ssize_t position = PyNumber_AsSsize_t(found, PyExc_IndexError);
  Py_DECREF(found);
  return position;
}

void raise_key_error(PyObject* key) {
  PyObject* args = PyTuple_Pack(1, key);
  if (!args) return;
  PyErr_SetObject(PyExc_KeyError, args);
  Py_DECREF(args);
}

bool read_arguments(const char* verb, const char* const* names, Py_ssize_t most, PyObject* const* args,
                    Py_ssize_t nargs, PyObject* keywords, PyObject** values) {
  if (nargs > most) {
    PyErr_Format(PyExc_TypeError, "%s() takes at most %zd argument%s (%zd given)", verb, most, most == 1 ? "" : "s", nargs);
    return false;
  }
  for (Py_ssize_t i = 0; i < nargs; ++i) values[i] = args[i];
  const Py_ssize_t named = keywords ? PyTuple_GET_SIZE(keywords) : 0;
  for (Py_ssize_t k = 0; k < named; ++k) {
    PyObject* word = PyTuple_GET_ITEM(keywords, k);
    Py_ssize_t at = 0;
    while (at < most && !is_word(word, names[at])) ++at;
    if (at < nargs || at == most) return refuse_keyword(verb, word, at < most);
    values[at] = args[nargs + k];
  }
  return true;
}

PyCFunction as_method(PyObject* (*function)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*)) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

}  // namespace learnedidx::bindings
