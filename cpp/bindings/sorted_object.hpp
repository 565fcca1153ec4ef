// What the heap types of the sorted containers share: their memory, their states, and the way back to
// Python for everything that typed leaves cannot hold.
#pragma once

#include <Python.h>

#include <cstdint>

#include "forks.hpp"
#include "without_gil.hpp"

namespace learnedidx::bindings {

// What a container holds. Numbers live in the tree as 64-bit codes. Text, all of it str or all bytes, lives beside the tree,
// which is empty then; objects live in a container of sortedcontainers.
enum class Holds : std::uint8_t { ints, floats, objects, strs, bytes };

struct Text;

// What an iterator or a view gives of the items of a dict.
enum class Give : std::uint8_t { keys, values, items };

struct SortedHead {
  PyObject_HEAD
  PyObject* objects;      // the container of sortedcontainers, null unless objects are held
  Text* text;             // null unless text is held
  std::uint64_t changes;  // counts mutations: iterators compare it
  std::int32_t readers;   // batch lookups under way without the GIL
  unsigned forks;         // that lay behind the process when readers and busy were written
  Holds holds;
  bool busy;    // a batch is changing the tree without the GIL
  bool unique;  // equal keys are one
  bool maps;    // a dict
};

template <class T> struct SortedObject {
  using Tree = T;
  SortedHead head;
  Tree tree;
};

inline SortedHead& head_of(PyObject* self) { return *reinterpret_cast<SortedHead*>(self); }

// A batch of this thread during which the GIL is given up: it keeps writers out of a container, and if it changes
// the tree, readers too. Batches of other threads end at a fork.
class UnderWay {
 public:
  UnderWay(PyObject* self, bool changes);
  ~UnderWay();
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

  // Forgets the batches that a fork ended.
  static void settle(SortedHead& head);

 private:
  void count(SortedHead& head, int more) const;

  PyObject* self_;
  UnderWay* outer_;  // a signal handler may begin a batch inside another one
  bool changes_;
  static thread_local UnderWay* innermost;
};

// Polls for Ctrl-C in a loop that reads a container with the GIL: while other threads run, none may change it.
class ReadPoll {
 public:
  explicit ReadPoll(PyObject* self) : self_(self) {}

  // Whether the loop may go on to number i. It asks before every 2^16th.
  bool may_continue(Py_ssize_t i) {
    if (i % (Py_ssize_t{1} << 16) != 0 || i == 0) return true;
    const UnderWay reading(self_, false);
    return gil_.may_continue();
  }

 private:
  PyObject* self_;
  GilPoll gil_;
};

// Raises that another thread is in the way and returns false, unless a fork ended its batch.
bool refuse_busy(PyObject* self, bool to_change);

// Raises that a verb takes one value, and which take arrays.
bool refuse_array();

// May the tree be read? (Whether it is the tree that holds the keys is another question.)
inline bool may_read(PyObject* self) { return !head_of(self).busy || refuse_busy(self, false); }

inline bool may_change(PyObject* self) {
  return (!head_of(self).busy && head_of(self).readers == 0) || refuse_busy(self, true);
}

inline bool holds_objects(PyObject* self) { return head_of(self).holds == Holds::objects; }
inline bool holds_text(PyObject* self) { return head_of(self).text != nullptr; }

// The container that holds the objects, for as long as a call into it may replace it.
class Objects {
 public:
  explicit Objects(PyObject* self) : objects_(head_of(self).objects) { Py_INCREF(objects_); }
  Objects(const Objects&) = delete;
  Objects& operator=(const Objects&) = delete;
  ~Objects() {
    if (PyGILState_Check()) Py_DECREF(objects_);  // else Python ends, and this daemon thread
  }
  operator PyObject*() const { return objects_; }

 private:
  PyObject* objects_;
};

// self.name(*args, **keywords); null with an error.
PyObject* call_method(PyObject* self, const char* name, PyObject* const* args = nullptr, Py_ssize_t nargs = 0,
                      PyObject* keywords = nullptr);

// The method of the same name of the container that holds the objects.
PyObject* call_objects(PyObject* self, const char* name, PyObject* const* args = nullptr, Py_ssize_t nargs = 0,
                       PyObject* keywords = nullptr);

// self.name(v, right) as a number; -1 with an error.
Py_ssize_t call_for_position(PyObject* self, const char* name, PyObject* v, bool right);

// KeyError(key), also for a tuple.
void raise_key_error(PyObject* key);

// Reads the first arguments and keywords of a call into `values`, by `names`; absent ones stay as they are.
bool read_arguments(const char* verb, const char* const* names, Py_ssize_t most, PyObject* const* args,
                    Py_ssize_t nargs, PyObject* keywords, PyObject** values);

PyCFunction as_method(PyObject* (*function)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*));

}  // namespace learnedidx::bindings
