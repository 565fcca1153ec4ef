// Changes of text in a container: of the order and of the table beside it. What a set or dict of Python does with exact str
// or bytes runs no code of Python's; values and foreign objects may, and are released when both are whole.
#include "sorted_text.hpp"

#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "sorted_dict.hpp"

namespace learnedidx::bindings {
namespace {

using Cursor = TextOrder::Cursor;

Text* make_text(PyObject* self) {
  const SortedHead& head = head_of(self);
  std::unique_ptr<Text> text(new (std::nothrow) Text);
  if (!text) return PyErr_NoMemory(), nullptr;
  if (head.unique) text->table = head.maps ? PyDict_New() : PySet_New(nullptr);
  return head.unique && !text->table ? nullptr : text.release();
}

// Makes a container that takes text of this kind hold it; false with an error.
bool hold_text(PyObject* self, Holds kind) {
  if (!holds_text(self)) head_of(self).text = make_text(self);
  if (!holds_text(self)) return false;
  head_of(self).holds = kind;
  return true;
}

// References that are given up last of all.
struct Released : std::vector<PyObject*> {
  Released() = default;
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;
  ~Released() {
    for (PyObject* object : *this) Py_DECREF(object);
  }
};

// The table, for as long as a call may run code of Python's, which may replace it.
class Table {
 public:
  explicit Table(PyObject* self) : table_(Py_NewRef(text_of(self).table)) {}
  ~Table() { Py_DECREF(table_); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  operator PyObject*() const { return table_; }

 private:
  PyObject* table_;
};

Py_ssize_t size_of_table(PyObject* table) { return PyAnySet_Check(table) ? PySet_GET_SIZE(table) : PyDict_Size(table); }

// Puts text into the order, which a table knows already: 1, or -1 and the table forgets it.
int add_to_order(PyObject* self, PyObject* text) {
  ++head_of(self).changes;  // places are stale, whatever comes of it
  if (text_of(self).order.insert(text)) {
    Py_INCREF(text);
    return 1;
  }
  PyObject* const table = text_of(self).table;
  if (table && (head_of(self).maps ? PyDict_DelItem(table, text) : PySet_Discard(table, text)) < 0) PyErr_Clear();
  PyErr_NoMemory();
  return -1;
}

// Takes text out of the table; its value, a new reference, or null.
PyObject* take_from_table(PyObject* self, PyObject* text) {
  PyObject* const table = text_of(self).table;
  if (!table) return nullptr;
  PyObject* value = head_of(self).maps ? Py_XNewRef(PyDict_GetItemWithError(table, text)) : nullptr;
  if ((head_of(self).maps ? PyDict_DelItem(table, text) : PySet_Discard(table, text)) < 0) PyErr_Clear();
  return value;
}

// What a batch has put into the table so far, taken out again unless it is kept.
class Entered {
 public:
  explicit Entered(PyObject* self) : self_(self) {}
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;
  ~Entered() {
    for (const TextItem& item : items) Py_XDECREF(take_from_table(self_, item.text));
    for (std::size_t i = replaced_.size(); !kept_ && i-- > 0;)
      if (PyDict_SetItem(text_of(self_).table, replaced_[i].first, replaced_[i].second) < 0) PyErr_Clear();
    for (const auto& [key, old] : replaced_) {
      Py_DECREF(key);
      Py_DECREF(old);
    }
  }

  // Throws what went wrong.
  void enter(PyObject* text, PyObject* value) {
    items.push_back({0, Py_NewRef(text)});
    bool is_new = false;
    try {
      is_new = enter_table(text_of(self_).table, text, value);
    } catch (...) {
      forget_last();
      throw;
    }
    if (!is_new) forget_last();
  }
  // The same for all items of a dict, if there are none before: the table is a copy of it, which is made faster.
  bool enter_copy(PyObject* dict) {
    PyObject*& table = text_of(self_).table;
    if (PyDict_Size(table) > 0) return false;
    items.reserve(static_cast<std::size_t>(PyDict_Size(dict)));
    PyObject* const copy = PyDict_Copy(dict);
    if (!copy) throw py::error_already_set();
    Py_SETREF(table, copy);
    PyObject *key = nullptr, *value = nullptr;
    Py_ssize_t at = 0;
    while (PyDict_Next(table, &at, &key, &value)) items.push_back({0, Py_NewRef(key)});
    return true;
  }
  // All of it stays, and the order has taken the references.
  void keep() {
    items.clear();
    kept_ = true;
  }

  TextItems items;  // those that are new

 private:
  void forget_last() {
    Py_DECREF(items.back().text);
    items.pop_back();
  }

  // Is it new?
  bool enter_table(PyObject* table, PyObject* text, PyObject* value) {
    if (!table) return true;
    const Py_ssize_t before = size_of_table(table);
    PyObject* const old = value ? PyDict_SetDefault(table, text, value) : nullptr;
    if (value ? !old : PySet_Add(table, text) < 0) throw py::error_already_set();
    if (size_of_table(table) > before) return true;
    if (value && old != value) {
      replaced_.emplace_back(text, old);
      Py_INCREF(text);
      Py_INCREF(old);
      if (PyDict_SetItem(table, text, value) < 0) throw py::error_already_set();
    }
    return false;
  }

  PyObject* self_;
  std::vector<std::pair<PyObject*, PyObject*>> replaced_;  // references to keys and to what they had
  bool kept_ = false;
};

void put_in_order(PyObject* self, Entered& entered) {
  if (!entered.items.empty()) {
    const UnderWay changing(self, true);
    ++head_of(self).changes;
    const auto count = static_cast<Py_ssize_t>(entered.items.size());
    change(count, [&](Cancellation poll) { return text_of(self).order.insert_all(entered.items, poll); });
  }
  entered.keep();
}

}  // namespace

Holds kind_of_texts(PyObject* list) {
  const Py_ssize_t count = PyList_GET_SIZE(list);
  const Holds kind = count > 0 ? text_kind(PyList_GET_ITEM(list, 0)) : Holds::objects;
  for (Py_ssize_t i = 1; kind != Holds::objects && i < count; ++i)
    if (text_kind(PyList_GET_ITEM(list, i)) != kind) return Holds::objects;
  return kind;
}

Holds kind_of_text_keys(PyObject* dict) {
  PyObject *key = nullptr, *value = nullptr;
  Py_ssize_t at = 0;
  Holds kind = Holds::objects;
  for (bool first = true; PyDict_Next(dict, &at, &key, &value); first = false) {
    if (first) kind = text_kind(key);
    if (kind == Holds::objects || text_kind(key) != kind) return Holds::objects;
  }
  return kind;
}

void release_text(Text* text) {
  text->order.tree.scan([](const std::int64_t*, PyObject* const* held, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) Py_DECREF(held[i]);  // of exact str or bytes: no finalizer
  });
  PyObject* const table = text->table;
  delete text;
  Py_XDECREF(table);
}

void drop_text(PyObject* self) {
  Text* const old = head_of(self).text;
  head_of(self).text = nullptr;
  head_of(self).holds = Holds::ints;
  if (old) release_text(old);
}

int visit_text(PyObject* self, visitproc visit, void* arg) {
  if (holds_text(self)) Py_VISIT(text_of(self).table);
  return 0;
}

std::size_t bytes_of_text(PyObject* self) {
  if (!holds_text(self)) return 0;
  const Text& text = text_of(self);
  PyObject* size = text.table ? PyObject_CallMethod(text.table, "__sizeof__", nullptr) : nullptr;
  const std::size_t table = size ? PyLong_AsSize_t(size) : 0;
  Py_XDECREF(size);
  PyErr_Clear();
  return sizeof(Text) + text.order.tree.bytes() + table;
}

PyObject* check_text(PyObject* self) {
  const Text& text = text_of(self);
  const char* wrong = text.order.check();
  const auto size = static_cast<Py_ssize_t>(text.order.tree.size());
  if (text.table && size_of_table(text.table) != size) wrong = "its table has another size";
  text.order.tree.scan([&](const std::int64_t*, PyObject* const* held, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      if (!is_held_kind(self, held[i]) || contains_text(self, held[i]) != 1) wrong = "it holds what it does not find";
  });
  if (wrong) return PyErr_Format(PyExc_AssertionError, "the text of this container is damaged: %s", wrong);
  Py_RETURN_NONE;
}

int contains_text(PyObject* self, PyObject* v) {
  const Text& text = text_of(self);
  if (!text.table) return static_cast<bool>(text.order.find(v));
  const auto contains = head_of(self).maps ? PyDict_Contains : PySet_Contains;
  return is_held_kind(self, v) ? contains(text.table, v) : contains(Table(self), v);
}

PyObject* value_of_text(PyObject* self, PyObject* key) {
  if (is_held_kind(self, key)) return Py_XNewRef(PyDict_GetItemWithError(text_of(self).table, key));
  const Table table(self);
  return Py_XNewRef(PyDict_GetItemWithError(table, key));
}

PyObject* iterate_text(PyObject* self, Py_ssize_t start, Py_ssize_t stop, bool backward, Give give) {
  const Py_ssize_t count = stop > start ? stop - start : 0;
  const auto first = static_cast<std::size_t>(backward ? stop - 1 : start);
  return SortedIterator<DictObject>::from(self, count > 0 ? text_tree(self).cursor(first) : Cursor{}, count, backward, give);
}

int add_text(PyObject* self, PyObject* text) {
  if (!hold_text(self, text_kind(text))) return -1;
  PyObject* const table = text_of(self).table;
  const Py_ssize_t before = table ? PySet_GET_SIZE(table) : 0;
  if (table && PySet_Add(table, text) < 0) return -1;
  return table && PySet_GET_SIZE(table) == before ? 0 : add_to_order(self, text);
}

int put_text(PyObject* self, PyObject* key, PyObject* value) {
  if (!hold_text(self, text_kind(key))) return -1;
  const Table table(self);
  const Py_ssize_t before = PyDict_Size(table);
  PyObject* const held = PyDict_SetDefault(table, key, value);
  if (!held) return -1;
  track(self, value);
  if (PyDict_Size(table) > before) return add_to_order(self, key) < 0 ? -1 : 0;
  return held == value ? 0 : PyDict_SetItem(table, key, value);  // what releases the other one may run anything
}

PyObject* clear_text(PyObject* self) {
  Text* const fresh = make_text(self);
  if (!fresh) return nullptr;
  ++head_of(self).changes;
  Text* const old = head_of(self).text;
  head_of(self).text = fresh;
  release_text(old);
  Py_RETURN_NONE;
}

void erase_text(PyObject* self, const TextOrder::Cursor& at, PyObject** value) {
  PyObject* const text = at.value();
  ++head_of(self).changes;
  PyObject* const taken = take_from_table(self, text);
  text_tree(self).erase(at);
  Py_DECREF(text);
  if (value) *value = taken;
  else Py_XDECREF(taken);
}

bool erase_text(PyObject* self, PyObject* text, PyObject** value) {
  const Cursor at = text_of(self).order.find(text);
  if (at) erase_text(self, at, value);
  return static_cast<bool>(at);
}

void erase_texts(PyObject* self, std::size_t low, std::size_t count, std::size_t step) {
  auto& tree = text_tree(self);
  std::vector<PyObject*> texts(count);
  Released released;
  released.reserve(2 * count);
  ++head_of(self).changes;
  bool done = step == 1;
  if (done) {
    tree.copy_values(low, low + count, texts.data());
    tree.erase_range(low, low + count);
  } else if (count > tree.size() / kErasedFrom) {
    try {
      done = tree.erase_every(low, count, step, texts.data(), {});
    } catch (const std::bad_alloc&) {  // one by one needs no memory
    }
  }
  for (std::size_t i = done ? 0 : count; i-- > 0;) tree.erase_at(low + i * step, &texts[i]);
  for (PyObject* const text : texts) {
    if (PyObject* const value = take_from_table(self, text)) released.push_back(value);
    released.push_back(text);
  }
}

void take_texts(PyObject* self, PyObject* list, Holds kind) {
  if (!hold_text(self, kind)) throw py::error_already_set();
  Entered entered(self);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) entered.enter(PyList_GET_ITEM(list, i), nullptr);
  put_in_order(self, entered);
}

void take_text_pairs(PyObject* self, PyObject* dict, Holds kind) {
  if (!hold_text(self, kind)) throw py::error_already_set();
  Entered entered(self);
  const bool first = entered.enter_copy(dict);
  PyObject *key = nullptr, *value = nullptr;
  Py_ssize_t at = 0;
  while (PyDict_Next(dict, &at, &key, &value)) {
    if (!first) entered.enter(key, value);
    track(self, value);
  }
  put_in_order(self, entered);
}

}  // namespace learnedidx::bindings
