#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

#include "sorted_dict.hpp"

namespace learnedidx::bindings {
namespace {

// References that are given up last of all.
using Victims = std::vector<PyObject*>;

constexpr const char* kGives[] = {"keys", "values", "items"};

// -1 with an error.
int read_give(PyObject* word) {
  for (int i = 0; i < 3; ++i)
    if (PyUnicode_Check(word) && PyUnicode_CompareWithASCIIString(word, kGives[i]) == 0) return i;
  PyErr_SetString(PyExc_ValueError, "give: one of keys, values, items");
  return -1;
}

PyObject* pick_slice(PyObject* self, PyObject* slice, Give give) {
  if (give == Give::keys) return DictVerbs::list_of(self, slice);
  Py_ssize_t start = 0, stop = 0, step = 0;
  if (PySlice_Unpack(slice, &start, &stop, &step) < 0 || !may_read(self)) return nullptr;
  const Py_ssize_t taken = PySlice_AdjustIndices(DictVerbs::size(self), &start, &stop, step);
  PyObject* list = PyList_New(0);
  ReadPoll poll(self);
  for (Py_ssize_t i = 0; list && i < taken; ++i) {
    const Py_ssize_t at = start + i * step;
    if (at >= DictVerbs::size(self)) break;  // the garbage collector ran something that erases
    PyObject* picked = poll.may_continue(i) ? pick(self, at, give) : nullptr;
    if (!picked || PyList_Append(list, picked) < 0) Py_CLEAR(list);
    Py_XDECREF(picked);
  }
  return list;
}

struct Pair {
  std::int64_t code;
  PyObject* value;
  bool operator<(const Pair& other) const { return code < other.code; }
};

// Pairs that own their values, until a tree does.
struct Pairs : std::vector<Pair> {
  Pairs() = default;
  Pairs(const Pairs&) = delete;
  Pairs& operator=(const Pairs&) = delete;
  ~Pairs() {
    for (const Pair& pair : *this) Py_DECREF(pair.value);
  }
};

// The items of a dict; false if a key is no number of one kind. In a dict of many, other threads run now and then.
bool read_pairs(PyObject* dict, Pairs& pairs, Holds& holds) {
  PyObject *key = nullptr, *value = nullptr;
  Py_ssize_t at = 0;
  const Py_ssize_t count = PyDict_Size(dict);
  Item item;
  GilPoll poll;
  pairs.reserve(static_cast<std::size_t>(count));
  while (PyDict_Next(dict, &at, &key, &value)) {
    const Read read = read_item(key, item);
    if (read == Read::failed) throw py::error_already_set();
    if (pairs.empty()) holds = item.holds;
    if (read == Read::odd || item.holds != holds) return false;
    pairs.push_back({item.code, Py_NewRef(value)});
    if (pairs.size() % kManyCodes != 0) continue;
    if (!poll.may_continue()) throw py::error_already_set();
    if (PyDict_Size(dict) != count) throw std::runtime_error("dictionary changed size while its items were read");
  }
  return true;
}

// Puts pairs in the order of their codes; false if two are equal, as a dict may show that changes while it is read.
bool put_in_order(Pairs& pairs) {
  const auto not_below = [](const Pair& one, const Pair& next) { return one.code >= next.code; };
  if (std::adjacent_find(pairs.begin(), pairs.end(), not_below) == pairs.end()) return true;
  std::sort(pairs.begin(), pairs.end());
  return std::adjacent_find(pairs.begin(), pairs.end(), not_below) == pairs.end();
}

// Merges the tree with pairs into a new one; references that are replaced become victims. False, and nothing has
// changed, if memory runs out or cancellation says no.
bool merge(DictTree& tree, const Pairs& pairs, Victims& victims, Cancellation cancellation) {
  const std::size_t size = tree.size();
  std::vector<std::int64_t> codes(size), all_codes;
  std::vector<PyObject*> values(size), all_values;
  tree.copy_keys(0, size, codes.data());
  tree.copy_values(0, size, values.data());
  all_codes.reserve(size + pairs.size());
  all_values.reserve(size + pairs.size());
  SeldomPoll poll(cancellation);
  std::size_t own = 0;
  const auto take_own = [&] { all_codes.push_back(codes[own]), all_values.push_back(values[own++]); };
  for (const Pair& pair : pairs) {
    if (!poll.may_continue(1)) return false;
    while (own < size && codes[own] < pair.code) take_own();
    if (own < size && codes[own] == pair.code) victims.push_back(values[own++]);
    all_codes.push_back(pair.code);
    all_values.push_back(pair.value);
  }
  while (own < size) take_own();
  return tree.load(all_codes.data(), all_values.data(), all_codes.size(), cancellation);
}

// The same one by one; what was done is undone.
bool put_each(DictTree& tree, const Pairs& pairs, Victims& victims, Cancellation cancellation) {
  std::vector<PyObject*> replaced(pairs.size());
  SeldomPoll poll(cancellation);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    PyObject** place = nullptr;
    const int done = poll.may_continue(1) ? tree.insert_unique(pairs[i].code, pairs[i].value, &place) : -1;
    if (done < 0) {
      while (i-- > 0) {
        if (replaced[i]) *tree.find(pairs[i].code) = replaced[i];
        else tree.erase(pairs[i].code, nullptr);
      }
      return false;
    }
    if (done == 0) {
      replaced[i] = *place;
      *place = pairs[i].value;
    }
  }
  for (PyObject* old : replaced)
    if (old) victims.push_back(old);
  return true;
}

bool put_all(DictTree& tree, const Pairs& pairs, Victims& victims, Cancellation cancellation) {
  if (pairs.size() > tree.size() / kMergedFrom) return merge(tree, pairs, victims, cancellation);
  return put_each(tree, pairs, victims, cancellation);
}

// Puts pairs into a dict; their values belong to it then, and the victims to nobody.
void take_all(PyObject* self, Pairs& pairs, Victims& victims, Holds holds) {
  victims.reserve(pairs.size());
  const UnderWay changing(self, true);
  const auto count = static_cast<Py_ssize_t>(pairs.size());
  bool different = true;
  without_gil(count, [&] { different = put_in_order(pairs); });
  if (!different) throw std::runtime_error("dictionary keys changed while its items were read");
  ++head_of(self).changes;
  change(count, [&](Cancellation cancellation) { return put_all(dict_tree(self), pairs, victims, cancellation); });
  hold_numbers(self, holds);
  for (const Pair& pair : pairs) track(self, pair.value);
  pairs.clear();
}

// Writes the values of codes to a list that has room for them, `absent` where there is none; false with what Ctrl-C raised.
bool list_values(PyObject* self, const CodeArray& codes, const bool* known, PyObject* absent, PyObject* list) {
  constexpr Py_ssize_t most = Py_ssize_t{1} << 16;
  const Py_ssize_t total = codes.size();
  const auto room = static_cast<std::size_t>(total < most ? total : most);
  const std::unique_ptr<PyObject*[]> found(new PyObject*[room]);
  GilPoll poll;
  for (Py_ssize_t from = 0; from < total; from += most) {
    const Py_ssize_t count = total - from < most ? total - from : most;
    without_gil(count, [&] {
      dict_tree(self).find_values(codes.data() + from, static_cast<std::size_t>(count), found.get());
    });
    for (Py_ssize_t i = 0; i < count; ++i)
      PyList_SET_ITEM(list, from + i, Py_NewRef(known[from + i] && found[i] ? found[i] : absent));
    if (!poll.may_continue()) return false;
  }
  return true;
}

}  // namespace

int put(PyObject* self, const Item& item, PyObject* value) {
  PyObject** place = nullptr;
  const int done = dict_tree(self).insert_unique(item.code, value, &place);
  if (done < 0) return PyErr_NoMemory(), -1;
  if (done == 0) {
    replace(self, *place, value);
    return 0;
  }
  Py_INCREF(value);
  hold_numbers(self, item.holds);
  ++head_of(self).changes;
  track(self, value);
  return 0;
}

void release_values(DictTree& tree) {
  const std::size_t size = tree.size();
  if (size == 0) return;
  auto cursor = tree.cursor(0);
  for (std::size_t i = 0; i < size; ++i) {
    Py_DECREF(cursor.value());
    if (i + 1 < size) cursor.forward();
  }
}

void release_all(PyObject* self) {
  DictTree old;
  old.swap(dict_tree(self));
  release_values(old);
}

PyObject* pick(PyObject* self, Py_ssize_t at, Give give) {
  if (give == Give::values) return value_at(self, at);
  if (give == Give::keys) return DictVerbs::item_at(self, at);
  PyObject* key = DictVerbs::item_at(self, at);
  PyObject* value = key ? value_at(self, at) : nullptr;
  PyObject* pair = value ? PyTuple_Pack(2, key, value) : nullptr;
  Py_XDECREF(key);
  Py_XDECREF(value);
  return pair;
}

PyObject* iterate_over(PyObject* self, PyObject* const* args, Py_ssize_t nargs) {
  if (nargs != 2) return PyErr_Format(PyExc_TypeError, "_iterate(give, backward)");
  const int give = read_give(args[0]);
  if (give < 0 || !may_read(self)) return nullptr;
  const bool backward = args[1] == Py_True;
  using Iterator = SortedIterator<DictObject>;
  if (!holds_objects(self))
    return DictVerbs::over(self, 0, DictVerbs::size(self), backward, static_cast<Give>(give));
  PyObject* view = call_objects(self, kGives[give]);
  PyObject* inner = !view ? nullptr : backward ? call_method(view, "__reversed__") : PyObject_GetIter(view);
  Py_XDECREF(view);
  return Iterator::around(self, inner);
}

PyObject* pick_any(PyObject* self, PyObject* const* args, Py_ssize_t nargs) {
  if (nargs != 2) return PyErr_Format(PyExc_TypeError, "_pick(index, give)");
  const int give = read_give(args[1]);
  if (give < 0 || !may_read(self)) return nullptr;
  if (holds_objects(self)) {
    PyObject* view = call_objects(self, kGives[give]);
    PyObject* picked = view ? PyObject_GetItem(view, args[0]) : nullptr;
    Py_XDECREF(view);
    return picked;
  }
  if (PySlice_Check(args[0])) return pick_slice(self, args[0], static_cast<Give>(give));
  Py_ssize_t at = 0;
  if (!DictVerbs::read_index(self, args[0], at)) return nullptr;
  return pick(self, at, static_cast<Give>(give));
}

PyObject* erase_any(PyObject* self, PyObject* index) {
  if (!may_change(self)) return nullptr;
  Py_ssize_t start = 0, stop = 0, step = 1, taken = 1;
  if (!PySlice_Check(index)) {
    if (!DictVerbs::read_index(self, index, start)) return nullptr;
  } else {
    if (PySlice_Unpack(index, &start, &stop, &step) < 0) return nullptr;
    taken = PySlice_AdjustIndices(DictVerbs::size(self), &start, &stop, step);
    if (taken == 0) Py_RETURN_NONE;
    if (step < 0) {
      start += (taken - 1) * step;
      step = -step;
    }
  }
  if (!may_change(self)) return nullptr;
  return guarded([&]() -> PyObject* {
    const auto low = static_cast<std::size_t>(start), count = static_cast<std::size_t>(taken);
    if (holds_text(self)) {
      erase_texts(self, low, count, static_cast<std::size_t>(step));
      Py_RETURN_NONE;
    }
    Victims victims(count);
    erase_positions<DictObject>(self, low, count, static_cast<std::size_t>(step), victims.data());
    for (PyObject* victim : victims) Py_DECREF(victim);
    Py_RETURN_NONE;
  });
}

PyObject* values_of_codes(PyObject* self, PyObject* const* args, Py_ssize_t nargs) {
  if (nargs != 3) return PyErr_Format(PyExc_TypeError, "_values_of_codes(codes, known, default)");
  if (!may_read(self)) return nullptr;
  return guarded([&]() -> PyObject* {
    const CodeArray codes = codes_of(args[0]);
    const auto known = py::reinterpret_borrow<py::object>(args[1]).cast<py::array_t<bool, py::array::c_style>>();
    if (known.size() != codes.size()) throw py::value_error("known: as many as codes");
    const UnderWay reading(self, false);
    auto list = py::reinterpret_steal<py::object>(PyList_New(codes.size()));
    if (!list || !list_values(self, codes, known.data(), args[2], list.ptr())) return nullptr;
    return list.release().ptr();
  });
}

PyObject* take_pairs(PyObject* self, PyObject* dict) {
  if (!PyDict_Check(dict)) return PyErr_Format(PyExc_TypeError, "_take_pairs(dict)");
  if (!may_change(self)) return nullptr;
  return guarded([&]() -> PyObject* {
    if (const Holds kind = kind_of_text_keys(dict); kind != Holds::objects) {
      if (!takes<DictObject>(self, kind)) Py_RETURN_FALSE;
      take_text_pairs(self, dict, kind);
      Py_RETURN_TRUE;
    }
    Pairs pairs;
    Victims victims;
    Holds holds = Holds::ints;
    if (!read_pairs(dict, pairs, holds)) Py_RETURN_FALSE;
    if (pairs.empty()) Py_RETURN_TRUE;
    if (!may_change(self)) return nullptr;
    if (!takes<DictObject>(self, holds)) Py_RETURN_FALSE;
    take_all(self, pairs, victims, holds);
    for (PyObject* victim : victims) Py_DECREF(victim);
    Py_RETURN_TRUE;
  });
}

}  // namespace learnedidx::bindings
