#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL learnedidx_numpy_api  // one table of NumPy for this file and small_batch.cpp
#include <Python.h>

#include <cstring>

#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>

#include "column.hpp"
#include "rows.hpp"
#include "scalars.hpp"

namespace learnedidx::bindings {
namespace {

using Form = ScalarQuery::Form;

bool read_int(PyObject* v, const KeyMeaning& keys, ScalarQuery& query) {
  int overflow = 0;
  query.form = Form::i64;
  query.i = PyLong_AsLongLongAndOverflow(v, &overflow);
  if (overflow == 0) return !(query.i == -1 && PyErr_Occurred());
  if (keys.real) return false;  // Python compares it exactly
  query.form = Form::u64;
  if (overflow > 0) {
    query.u = PyLong_AsUnsignedLongLong(v);
    if (!PyErr_Occurred()) return true;
    PyErr_Clear();
    query.u = 0;
    query.fixed = true;
    query.fit = Fit::past;
  } else {  // below every integer key
    query.form = Form::i64;
    query.i = std::numeric_limits<std::int64_t>::min();
    query.fixed = true;
    query.fit = Fit::rounded;
  }
  return true;
}

bool signed_query(long long value, ScalarQuery& query) {
  query.form = Form::i64;
  query.i = value;
  return true;
}

bool unsigned_query(unsigned long long value, ScalarQuery& query) {
  query.form = Form::u64;
  query.u = value;
  return true;
}

bool real_query(double value, ScalarQuery& query) {
  query.form = Form::f64;
  query.f = value;
  return true;
}

bool read_number(PyObject* v, PyTypeObject* type, ScalarQuery& query) {
  if (type == &PyULongArrType_Type) return unsigned_query(PyArrayScalar_VAL(v, ULong), query);
  if (type == &PyLongArrType_Type) return signed_query(PyArrayScalar_VAL(v, Long), query);
  if (type == &PyUIntArrType_Type) return unsigned_query(PyArrayScalar_VAL(v, UInt), query);
  if (type == &PyIntArrType_Type) return signed_query(PyArrayScalar_VAL(v, Int), query);
  if (type == &PyFloatArrType_Type) return real_query(static_cast<double>(PyArrayScalar_VAL(v, Float)), query);
  if (type == &PyULongLongArrType_Type) return unsigned_query(PyArrayScalar_VAL(v, ULongLong), query);
  if (type == &PyLongLongArrType_Type) return signed_query(PyArrayScalar_VAL(v, LongLong), query);
  if (type == &PyUShortArrType_Type) return unsigned_query(PyArrayScalar_VAL(v, UShort), query);
  if (type == &PyShortArrType_Type) return signed_query(PyArrayScalar_VAL(v, Short), query);
  if (type == &PyUByteArrType_Type) return unsigned_query(PyArrayScalar_VAL(v, UByte), query);
  if (type == &PyByteArrType_Type) return signed_query(PyArrayScalar_VAL(v, Byte), query);
  if (type == &PyBoolArrType_Type) return unsigned_query(PyArrayScalar_VAL(v, Bool), query);
  return false;
}

bool read_time(PyObject* v, const KeyMeaning& keys, ScalarQuery& query) {
  PyTypeObject* wanted = keys.family == KeyMeaning::Family::datetime ? &PyDatetimeArrType_Type
                                                                     : &PyTimedeltaArrType_Type;
  if (keys.aware || Py_TYPE(v) != wanted) return false;
  const auto* scalar = reinterpret_cast<const PyDatetimeScalarObject*>(v);  // one layout for both
  if (scalar->obval != kNotATime &&
      (static_cast<int>(scalar->obmeta.base) != keys.unit || scalar->obmeta.num != keys.unit_count))
    return false;
  query.form = Form::time;
  query.i = scalar->obval;
  return true;
}

constexpr ObjectForm kObjects[] = {
    {"UUID", "uuid", "bytes", 16}, {"IPv4Address", "ipaddress", "packed", 4}, {"IPv6Address", "ipaddress", "packed", 16}};

// Is v of that very class? Others may mean more than their bytes, as an address with a scope does.
bool is_object(PyObject* v, const ObjectForm& form) {
  if (std::strcmp(Py_TYPE(v)->tp_name, form.name) != 0) return false;
  PyObject* module = PyObject_GetAttrString(reinterpret_cast<PyObject*>(Py_TYPE(v)), "__module__");
  bool right = module && PyUnicode_Check(module) && PyUnicode_CompareWithASCIIString(module, form.module) == 0;
  Py_XDECREF(module);
  PyObject* scope = right && form.name[3] == '6' ? PyObject_GetAttrString(v, "scope_id") : nullptr;
  right = right && (!scope || scope == Py_None);
  Py_XDECREF(scope);
  PyErr_Clear();
  return right;
}

// The bytes of an object, or bytes as many, in memory that the thread's next ones take.
bool read_object(PyObject* v, const ObjectForm& form, ScalarQuery& query) {
  thread_local char memory[16];
  PyObject* bytes = PyBytes_Check(v) ? Py_NewRef(v) : is_object(v, form) ? PyObject_GetAttrString(v, form.bytes) : nullptr;
  const bool right = bytes && PyBytes_Check(bytes) && PyBytes_GET_SIZE(bytes) == form.width;
  if (right) std::memcpy(memory, PyBytes_AS_STRING(bytes), static_cast<std::size_t>(form.width));
  Py_XDECREF(bytes);
  PyErr_Clear();
  query.string = slice_of(memory, static_cast<std::size_t>(form.width));
  return right;
}

bool read_string(PyObject* v, const KeyMeaning& keys, ScalarQuery& query) {
  query.form = Form::string;
  if (keys.objects) return read_object(v, *keys.objects, query);
  if (keys.family == KeyMeaning::Family::bytes && PyBytes_Check(v)) {
    query.string = slice_of(PyBytes_AS_STRING(v), static_cast<std::size_t>(PyBytes_GET_SIZE(v)));
    return true;
  }
  if (keys.family != KeyMeaning::Family::text || !PyUnicode_Check(v)) return false;
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(v, &size);
  if (data) query.string = slice_of(data, static_cast<std::size_t>(size));
  else PyErr_Clear();  // Python says what is wrong with it
  return data != nullptr;
}

}  // namespace

void import_numpy() {
  if (_import_array() < 0) throw pybind11::error_already_set();
}

const ObjectForm* objects_of(const std::string& name) {
  for (const ObjectForm& form : kObjects)
    if (name == form.name) return &form;
  return nullptr;
}

KeyMeaning meaning_of(PyObject* array) {
  KeyMeaning meaning;
  PyArray_Descr* dtype = PyArray_DESCR(reinterpret_cast<PyArrayObject*>(array));
  meaning.real = dtype->kind == 'f';
  if (dtype->kind != 'M' && dtype->kind != 'm') return meaning;
  meaning.family = dtype->kind == 'M' ? KeyMeaning::Family::datetime : KeyMeaning::Family::timedelta;
  const auto& unit =
      reinterpret_cast<const PyArray_DatetimeDTypeMetaData*>(PyDataType_C_METADATA(dtype))->meta;
  meaning.unit = static_cast<int>(unit.base);
  meaning.unit_count = unit.num;
  meaning.uneven = dtype->kind == 'M' && (unit.base == NPY_FR_Y || unit.base == NPY_FR_M);
  return meaning;
}

PyObject* new_array(Py_ssize_t count, bool floats, void*& data) {
  npy_intp shape[] = {count};
  PyObject* array = PyArray_SimpleNew(1, shape, floats ? NPY_FLOAT64 : NPY_INT64);
  if (array) data = PyArray_DATA(reinterpret_cast<PyArrayObject*>(array));
  return array;
}

PyObject* view_of(PyObject* array) { return PyArray_View(reinterpret_cast<PyArrayObject*>(array), nullptr, nullptr); }

bool is_array(PyObject* v) { return PyArray_Check(v); }

bool is_numpy_number(PyObject* v) { return PyArray_IsScalar(v, Integer) || PyArray_IsScalar(v, Floating); }

bool read_scalar(PyObject* v, const KeyMeaning& keys, ScalarQuery& query, Beginning beginning) {
  if (keys.family == KeyMeaning::Family::rows) return read_row(v, *keys.rows, query, beginning);
  if (keys.family >= KeyMeaning::Family::text) return read_string(v, keys, query);
  if (keys.family != KeyMeaning::Family::number) return read_time(v, keys, query);
  if (PyLong_CheckExact(v)) return read_int(v, keys, query);
  if (read_number(v, Py_TYPE(v), query)) return true;
  if (PyLong_Check(v)) return read_int(v, keys, query);
  if (PyFloat_Check(v)) return real_query(PyFloat_AS_DOUBLE(v), query);
  return false;
}

ScalarQuery fixed_query(const pybind11::object& value, int fit) {
  ScalarQuery query;
  if (pybind11::isinstance<Column>(value)) {
    const Strings& one = value.cast<const Column&>().strings;
    if (one.n != 1) throw pybind11::value_error("v: a column of one string");
    query.form = Form::string;
    query.string = string_at(one, 0);
    return query;
  }
  query.fixed = true;
  query.fit = static_cast<Fit>(fit);
  if (pybind11::isinstance<pybind11::float_>(value)) {
    query.form = Form::f64;
    query.f = value.cast<double>();
  } else if (value.attr("__ge__")(0).cast<bool>()) {
    query.form = Form::u64;
    query.u = value.cast<std::uint64_t>();
  } else {
    query.i = value.cast<std::int64_t>();
  }
  return query;
}

}  // namespace learnedidx::bindings
