// What a container of text holds: references to the objects in their order and, in a set or a dict, a set or dict of
// Python, which answers what is asked by hash. Both hold the same objects whenever Python code may run.
#pragma once

#include <Python.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sorted_codes.hpp"
#include "sorted_object.hpp"
#include "text_codes.hpp"

namespace learnedidx::bindings {

// Text to be inserted. It owns references, until an order has taken it.
struct TextItem {
  std::int64_t code;
  PyObject* text;
};
struct TextItems : std::vector<TextItem> {
  TextItems() = default;
  TextItems(const TextItems&) = delete;
  TextItems& operator=(const TextItems&) = delete;
  ~TextItems() {
    for (const TextItem& item : *this) Py_DECREF(item.text);
  }
};

// References in the order of their text. What changes it leaves the counts of references alone, so that it needs no GIL;
// false, and nothing has changed, if memory runs out or cancellation says no.
class TextOrder {
 public:
  using Tree = Codes<PyObject*>;
  using Cursor = Tree::Cursor;

  Tree tree;

  // How many texts are below this one, or not above it.
  std::size_t rank(PyObject* text, bool right) const noexcept;
  // The first that equals this one; no key if there is none. How many are below goes to `below`, unless null.
  Cursor find(PyObject* text, std::size_t* below = nullptr) const noexcept;

  // Behind all that equal it. Places are stale afterwards in any case.
  bool insert(PyObject* text) noexcept;
  // The same for many, which it puts in order perhaps.
  bool insert_all(TextItems& items, Cancellation cancellation);
  // Takes out the one that was inserted last of those that equal it.
  void take_back(PyObject* text) noexcept;

  // Null, or what is wrong.
  const char* check() const noexcept;

 private:
  struct Spot {
    Cursor at;
    std::size_t before;  // texts of the run before it
  };
  Spot in_run(const Cursor& first, PyObject* text, bool right) const noexcept;
  bool insert_beside(const Cursor& first, PyObject* text) noexcept;
  bool insert_each(const TextItems& items, Cancellation cancellation) noexcept;
  bool merge(const TextItems& items, const TextCodes& codes, bool anew, Cancellation cancellation);
  void learn() noexcept;

  TextCodes codes_;
  std::size_t ties_ = 0;  // texts that were compared because codes were equal, since codes were chosen
};

// Text of a container.
struct Text {
  TextOrder order;
  PyObject* table = nullptr;  // of a set: a set; of a dict: a dict; of a list null
};

inline Text& text_of(PyObject* self) { return *head_of(self).text; }
inline TextOrder::Tree& text_tree(PyObject* self) { return text_of(self).order.tree; }

// Is this a str whose characters can be read? (Until Python 3.12 an extension may make others, which are as objects here.)
inline bool is_exact_str(PyObject* v) {
#if PY_VERSION_HEX < 0x030C0000
  return PyUnicode_CheckExact(v) && PyUnicode_IS_READY(v);
#else
  return PyUnicode_CheckExact(v);
#endif
}

// The kind of text that an object is; `objects` if it is none.
inline Holds text_kind(PyObject* v) {
  return is_exact_str(v) ? Holds::strs : PyBytes_CheckExact(v) ? Holds::bytes : Holds::objects;
}
// Is this text of the kind that is held?
inline bool is_held_kind(PyObject* self, PyObject* v) {
  return head_of(self).holds == Holds::strs ? is_exact_str(v) : PyBytes_CheckExact(v);
}

// Is this text among text of its kind?
inline bool is_own_text(PyObject* self, PyObject* v) { return holds_text(self) && is_held_kind(self, v); }

// The kind that all items of a list, or all keys of a dict, are; `objects` if there is none.
Holds kind_of_texts(PyObject* list);
Holds kind_of_text_keys(PyObject* dict);

// Gives up all references of text that no container has any more.
void release_text(Text* text);
// Gives up the text of a container, which holds numbers from now on.
void drop_text(PyObject* self);
// From now on a container holds numbers of this kind; it held such, or none.
inline void hold_numbers(PyObject* self, Holds holds) {
  if (holds_text(self)) drop_text(self);
  head_of(self).holds = holds;
}
int visit_text(PyObject* self, visitproc visit, void* arg);
// Bytes that text takes beside its objects.
std::size_t bytes_of_text(PyObject* self);
// AssertionError, or None.
PyObject* check_text(PyObject* self);

// Whether a set or a dict holds what equals v, or a list v, which is of the kind that it holds; -1 with an error.
inline bool finds_text(PyObject* self, PyObject* v) {
  return holds_text(self) && (head_of(self).unique || is_held_kind(self, v));
}
int contains_text(PyObject* self, PyObject* v);
// The value of a key in a dict, a new reference; null without an error if there is none.
PyObject* value_of_text(PyObject* self, PyObject* key);

// An iterator over positions [start, stop).
PyObject* iterate_text(PyObject* self, Py_ssize_t start, Py_ssize_t stop, bool backward, Give give);

// Inserts text into a container that takes it: 1 if it was inserted, 0 if a set held it, -1 with an error.
int add_text(PyObject* self, PyObject* text);
// The same with a value, which takes the place of another one; -1 with an error.
int put_text(PyObject* self, PyObject* key, PyObject* value);
// None, or null with an error.
PyObject* clear_text(PyObject* self);

// Takes out what is at a cursor; its value goes to `value`, a new reference, null in a list or a set.
void erase_text(PyObject* self, const TextOrder::Cursor& at, PyObject** value = nullptr);
// Takes out the text that equals this one, of the kind that is held; false if there is none.
bool erase_text(PyObject* self, PyObject* text, PyObject** value = nullptr);
// Takes out `count` texts from `low` on, `step` > 0 apart. Throws bad_alloc before anything has changed.
void erase_texts(PyObject* self, std::size_t low, std::size_t count, std::size_t step);

// Inserts the items of a list, or of a dict, all of one kind that the container takes: all, or none and it throws.
void take_texts(PyObject* self, PyObject* list, Holds kind);
void take_text_pairs(PyObject* self, PyObject* dict, Holds kind);

}  // namespace learnedidx::bindings
