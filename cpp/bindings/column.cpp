// Columns of text from Python's lists and NumPy's arrays; their checks and copies.
#include "column.hpp"

#include <cstring>
#include <string_view>
#include <vector>

#include "arrays.hpp"
#include "learnedidx/keys/utf8.hpp"

namespace learnedidx::bindings {
namespace {

constexpr std::size_t kTogether = 64;  // strings that lie end to end are looked at together, while they are ASCII

std::string at(const std::string& name, std::size_t i) { return name + "[" + std::to_string(i) + "]"; }

// None, or NA of pandas.
bool is_null(PyObject* item) {
  const std::string_view name = Py_TYPE(item)->tp_name;
  return item == Py_None || (name.size() >= 6 && name.substr(name.size() - 6) == "NAType");
}

// Reads a list, one item after another; the list may change between two items.
class ListReader {
 public:
  ListReader(const std::string& name, OwnStrings& own) : name_(name), own_(own) {}

  void add(PyObject* item) {
    if (PyUnicode_Check(item)) {
      require_kind(item, 'U');
      Py_ssize_t size;
      const char* data = PyUnicode_AsUTF8AndSize(item, &size);
      if (!data) refuse_text();
      own_.add(data, static_cast<std::size_t>(size));
    } else if (PyBytes_Check(item)) {
      require_kind(item, 'S');
      own_.add(PyBytes_AS_STRING(item), static_cast<std::size_t>(PyBytes_GET_SIZE(item)));
    } else if (PyByteArray_Check(item)) {
      require_kind(item, 'S');
      own_.add(PyByteArray_AS_STRING(item), static_cast<std::size_t>(PyByteArray_GET_SIZE(item)));
    } else if (is_null(item)) {
      own_.add_missing();
    } else {
      require_kind(item, 0);
    }
  }
  char kind() const { return kind_; }  // U, S, or 0 where no item was text or bytes

 private:
  void require_kind(PyObject* item, char kind) {
    if (kind_ == 0) kind_ = kind;
    if (kind != 0 && kind_ == kind) return;
    const std::string got = at(name_, own_.size()) + " is " + Py_TYPE(item)->tp_name;
    if (kind_ == 0) throw py::type_error(got + "; pass str, or pass bytes");
    const std::string beside = std::string(", beside ") + (kind_ == 'U' ? "str" : "bytes");
    if (kind == 0) throw py::type_error(got + beside + "; pass items of one kind");
    throw py::type_error(got + beside + "; encode all text: [k.encode() if isinstance(k, str) else k for k in " + name_ + "]");
  }

  [[noreturn]] void refuse_text() {
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) throw py::error_already_set();
    PyErr_Clear();
    throw py::value_error(at(name_, own_.size()) + " holds a surrogate, which UTF-8 has no bytes for; take it out, or pass bytes");
  }

  const std::string& name_;
  OwnStrings& own_;
  char kind_ = 0;
};

std::uint32_t load32(const std::uint8_t* from) {
  std::uint32_t value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Adds one string of 4-byte characters, by way of `scratch`, which has room for them; false if one is none.
bool add_ucs4(OwnStrings& own, const std::uint8_t* from, std::size_t characters, std::uint8_t* scratch) {
  while (characters > 0 && load32(from + 4 * (characters - 1)) == 0) --characters;
  std::uint8_t* to = scratch;
  for (std::size_t i = 0; i < characters; ++i) {
    const std::size_t size = write_utf8(load32(from + 4 * i), to);
    if (size == 0) return false;
    to += size;
  }
  own.add(scratch, static_cast<std::size_t>(to - scratch));
  return true;
}

// The array, or a copy in one piece. Its address does not matter.
py::array contiguous(const py::array& array, const std::string& name) {
  if (array.ndim() != 1) throw py::value_error(name + ": must be a 1-D array");
  py::array plain = py::array::ensure(array, py::array::c_style);
  if (!plain) throw py::error_already_set();
  return plain;
}

}  // namespace

std::size_t Column::first_missing() const {
  if (!missing) return strings.n;
  const void* found = std::memchr(missing.get(), 1, strings.n);
  return found ? static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - missing.get()) : strings.n;
}

Column OwnStrings::column(std::shared_ptr<OwnStrings> own, bool is_text) {
  Column made;
  made.is_text = is_text;
  made.copied = true;
  made.strings.n = own->size();
  made.strings.starts = own->starts_.data();
  made.strings.data = own->data_.data();
  made.strings.size = own->data_.size();
  if (!own->missing_.empty()) made.missing = {own, own->missing_.data()};
  made.owner = std::move(own);
  return made;
}

Column column_of_list(const py::object& items, const std::string& name, bool is_text) {
  const bool listed = PyList_Check(items.ptr());
  if (!listed && !PyTuple_Check(items.ptr())) throw py::type_error(name + ": must be a list or a tuple");
  auto own = std::make_shared<OwnStrings>();
  own->reserve(static_cast<std::size_t>(Py_SIZE(items.ptr())));
  ListReader reader(name, *own);
  GilPoll poll;
  for (Py_ssize_t i = 0; i < Py_SIZE(items.ptr()); ++i) {
    if (i % 4096 == 4095 && !poll.may_continue()) throw py::error_already_set();
    if (i >= Py_SIZE(items.ptr())) break;
    reader.add(listed ? PyList_GET_ITEM(items.ptr(), i) : PyTuple_GET_ITEM(items.ptr(), i));
  }
  return OwnStrings::column(std::move(own), reader.kind() == 0 ? is_text : reader.kind() == 'U');
}

Column column_of_fixed(const py::array& given, bool trims, bool is_text, const std::string& name) {
  const py::array array = contiguous(given, name);
  Column made;
  made.copied = array.data() != given.data();
  made.is_text = is_text;
  made.strings.layout = Layout::fixed;
  made.strings.trims = trims;
  made.strings.n = static_cast<std::size_t>(array.size());
  made.strings.width = static_cast<std::size_t>(array.itemsize());
  made.strings.data = static_cast<const std::uint8_t*>(array.data());
  made.strings.size = made.strings.n * made.strings.width;
  made.owner = kept(array);
  require_utf8(made, name);
  return made;
}

Column column_of_ucs4(const py::array& given, const std::string& name) {
  const py::array array = contiguous(given, name);
  if (array.dtype().kind() != 'U' || array.dtype().byteorder() == '>')
    throw py::type_error(name + ": must be native text of one width");
  auto own = std::make_shared<OwnStrings>();
  const auto n = static_cast<std::size_t>(array.size()), width = static_cast<std::size_t>(array.itemsize());
  const auto* data = static_cast<const std::uint8_t*>(array.data());
  std::size_t bad = n;
  run_pass([&](Cancellation cancellation) {
    SeldomPoll poll(cancellation);
    own->reserve(n);
    std::vector<std::uint8_t> scratch(width);
    for (std::size_t i = 0; i < n && bad == n; ++i) {
      if (!poll.may_continue(1 + width / 64)) return false;
      if (!add_ucs4(*own, data + i * width, width / 4, scratch.data())) bad = i;
    }
    return true;
  });
  if (bad < n)
    throw py::value_error(at(name, bad) + " holds a surrogate or no character, which UTF-8 has no bytes for; take it out, or pass bytes");
  return OwnStrings::column(std::move(own), true);
}

namespace {

// Tells whether strings [from, from + 64), if there are so many and they lie end to end, are ASCII.
template <class AnyColumn> bool are_ascii(const AnyColumn& strings, const Strings& column, std::size_t from) {
  if (column.layout != Layout::offsets32 && column.layout != Layout::offsets64) return false;
  return from + kTogether <= column.n && is_ascii(strings[from], strings[from + kTogether - 1]);
}

// The first string that is text, but no UTF-8, or n; false if stopped.
template <class AnyColumn>
bool check_utf8(const AnyColumn& strings, const Column& column, Cancellation cancellation, std::size_t& bad) {
  SeldomPoll poll(cancellation);
  const std::size_t n = column.strings.n;
  for (std::size_t from = 0; from < n; from += kTogether) {
    if (!poll.may_continue(kTogether)) return false;
    if (are_ascii(strings, column.strings, from)) continue;
    for (bad = from; bad < std::min(from + kTogether, n); ++bad) {
      const Slice string = strings[bad];
      if (!poll.may_continue(string.size / 64)) return false;
      if (!is_utf8(string) && !column.is_missing(bad)) return true;
    }
  }
  bad = n;
  return true;
}

}  // namespace

void require_utf8(const Column& column, const std::string& name, std::size_t first) {
  if (!column.is_text) return;
  std::size_t bad = column.strings.n;
  run_pass([&](Cancellation cancellation) {
    return visit_strings(column.strings, [&](const auto& strings) { return check_utf8(strings, column, cancellation, bad); });
  });
  if (bad < column.strings.n)
    throw py::value_error(at(name, first + bad) + " is no UTF-8; mend the text, or pass the column as bytes");
}

Column part_of(const Column& column, std::size_t start, std::size_t stop) {
  Column part = column;
  Strings& strings = part.strings;
  strings.n = stop - start;
  if (part.missing) part.missing = {column.missing, column.missing.get() + start};
  if (start == 0 || strings.n == 0) return part;
  const auto* starts = static_cast<const std::uint8_t*>(strings.starts);
  if (strings.layout == Layout::fixed) strings.data += start * strings.width, strings.size -= start * strings.width;
  else strings.starts = starts + start * (strings.layout == Layout::offsets32 ? 4 : strings.layout == Layout::views ? 16 : 8);
  return part;
}

void append_strings(OwnStrings& own, const Column& from, const std::int64_t* positions, std::size_t n) {
  own.reserve(own.size() + n);
  run_pass([&](Cancellation cancellation) {
    return visit_strings(from.strings, [&](const auto& strings) {
      SeldomPoll poll(cancellation);
      for (std::size_t i = 0; i < n; ++i) {
        const std::int64_t position = positions ? positions[i] : static_cast<std::int64_t>(i);
        if (position < 0 || from.is_missing(static_cast<std::size_t>(position))) {
          own.add_missing();
          continue;
        }
        const Slice string = strings[static_cast<std::size_t>(position)];
        if (!poll.may_continue(1 + string.size / 64)) return false;
        own.add(string.data, string.size);
      }
      return true;
    });
  });
}

Column copy_of(const Column& column, const std::int64_t* positions, std::size_t n) {
  auto own = std::make_shared<OwnStrings>();
  append_strings(*own, column, positions, n);
  Column made = OwnStrings::column(std::move(own), column.is_text);
  made.make = column.make;
  return made;
}

bool are_same(const Column& a, const Column& b) {
  if (a.is_text != b.is_text || a.strings.n != b.strings.n) return false;
  bool same = true;
  run_pass([&](Cancellation cancellation) {
    SeldomPoll poll(cancellation);
    return visit_strings(a.strings, [&](const auto& left) {
      return visit_strings(b.strings, [&](const auto& right) {
        for (std::size_t i = 0; same && i < a.strings.n; ++i) {
          if (!poll.may_continue(1)) return false;
          same = a.is_missing(i) == b.is_missing(i) && (a.is_missing(i) || compare(left[i], right[i]) == 0);
        }
        return true;
      });
    });
  });
  return same;
}

}  // namespace learnedidx::bindings
