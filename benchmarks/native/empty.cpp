// The least that a call from Python to C with one argument can cost: empty(x) -> None.

#include <Python.h>

static PyObject* empty(PyObject*, PyObject*) { Py_RETURN_NONE; }

static PyMethodDef methods[] = {{"empty", empty, METH_O, "Do nothing."}, {nullptr, nullptr, 0, nullptr}};

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "empty", nullptr, 0, methods, nullptr, nullptr, nullptr, nullptr};

PyMODINIT_FUNC PyInit_empty(void) { return PyModule_Create(&definition); }
