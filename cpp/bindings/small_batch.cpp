#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NO_IMPORT_ARRAY
#define PY_ARRAY_UNIQUE_SYMBOL learnedidx_numpy_api
#include <Python.h>

#include <numpy/arrayobject.h>

#include "arrays.hpp"
#include "small_batch.hpp"

namespace learnedidx::bindings {
namespace {

constexpr npy_intp kSmall = 4096;
// The core writes positions of 64 bits, into arrays of intp too.
static_assert(sizeof(npy_intp) == sizeof(std::int64_t), "learnedidx needs a Python of 64 bits");

// The kind of a type that is a plain number on its own.
bool number_kind(int type, KeyType& kind) {
  constexpr int types[] = {NPY_BOOL, NPY_UINT8, NPY_UINT16, NPY_UINT32, NPY_UINT64, NPY_INT8,
                           NPY_INT16, NPY_INT32, NPY_INT64, NPY_FLOAT, NPY_DOUBLE};
  constexpr KeyType kinds[] = {KeyType::u8, KeyType::u8, KeyType::u16, KeyType::u32, KeyType::u64, KeyType::i8,
                            KeyType::i16, KeyType::i32, KeyType::i64, KeyType::f32, KeyType::f64};
  for (std::size_t i = 0; i < sizeof types / sizeof *types; ++i) {
    if (types[i] != type) continue;
    kind = kinds[i];
    return true;
  }
  return false;
}

// Describes v if the core may read it as it lies.
bool read_batch(const IndexObject& index, PyArrayObject* v, Queries& batch) {
  if (PyArray_NDIM(v) == 0 || PyArray_SIZE(v) > kSmall || !PyArray_ISCARRAY_RO(v)) return false;
  batch.data = PyArray_DATA(v);
  if (index.meaning.family == KeyMeaning::Family::number) return number_kind(PyArray_TYPE(v), batch.kind);
  batch.kind = KeyType::i64;
  batch.times = true;
  return PyArray_EquivTypes(PyArray_DESCR(v), PyArray_DESCR(reinterpret_cast<PyArrayObject*>(index.keys)));
}

}  // namespace

PyObject* answer_small_batch(const IndexObject& index, PyObject* v, bool right, Verb verb) {
  if (!PyArray_CheckExact(v)) return nullptr;
  auto* array = reinterpret_cast<PyArrayObject*>(v);
  Queries batch;
  if (!read_batch(index, array, batch)) return nullptr;
  std::atomic<bool> open{false};
  batch.open = &open;
  PyObject* out = PyArray_SimpleNew(PyArray_NDIM(array), PyArray_DIMS(array), verb == Verb::contains ? NPY_BOOL : NPY_INTP);
  if (!out) return nullptr;
  index.index->search(batch, 0, static_cast<std::size_t>(PyArray_SIZE(array)), right, verb, active_kernels(),
                      PyArray_DATA(reinterpret_cast<PyArrayObject*>(out)));
  if (open) Py_CLEAR(out);
  return out;
}

}  // namespace learnedidx::bindings
