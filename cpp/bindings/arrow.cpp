// Columns of text out of Arrow arrays that somebody else made.
#include "arrow.hpp"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "arrays.hpp"

namespace learnedidx::bindings {
namespace {

// What a format says: the layout of strings, or nothing.
struct Format {
  Layout layout = Layout::offsets32;
  bool is_text = false;
  std::size_t width = 0;
};

std::optional<Format> format_of(const char* format) {
  const std::string text = format ? format : "";
  if (text == "u" || text == "z") return Format{Layout::offsets32, text == "u"};
  if (text == "U" || text == "Z") return Format{Layout::offsets64, text == "U"};
  if (text == "vu" || text == "vz") return Format{Layout::views, text == "vu"};
  if (text.rfind("w:", 0) != 0) return std::nullopt;
  char* end;
  const long width = std::strtol(format + 2, &end, 10);
  if (end == format + 2 || *end != 0 || width < 0 || width > 0x7FFFFFFF) return std::nullopt;
  return Format{Layout::fixed, false, static_cast<std::size_t>(width)};
}

// An array, its release included. It is called once, with the GIL.
std::shared_ptr<ArrowArray> taken(ArrowArray& array) {
  std::shared_ptr<ArrowArray> own(new ArrowArray(array), [](ArrowArray* p) {
    with_gil([&] {
      if (p->release) p->release(p);
    });
    delete p;
  });
  array.release = nullptr;
  return own;
}

// Reads one array of strings or of indices, none of whose words is believed. `first`: of its first string, in messages.
class ArrayReader {
 public:
  ArrayReader(const ArrowArray& array, std::size_t least_buffers, const std::string& name, std::size_t first)
      : array_(array), name_(name), first_(first) {
    constexpr std::int64_t most = std::int64_t{1} << 40;
    if (array.length < 0 || array.offset < 0 || array.length > most || array.offset > most)
      refuse("has the length " + std::to_string(array.length) + " and the offset " + std::to_string(array.offset));
    if (array.n_buffers < static_cast<std::int64_t>(least_buffers) || !array.buffers)
      refuse("has " + std::to_string(array.n_buffers) + " buffers, fewer than its format needs");
    n_ = static_cast<std::size_t>(array.length);
    offset_ = static_cast<std::size_t>(array.offset);
  }

  std::size_t size() const { return n_; }
  // Where items of so many bytes lie, behind the array's offset.
  const std::uint8_t* items(std::size_t buffer, std::size_t bytes) const {
    const auto* data = static_cast<const std::uint8_t*>(array_.buffers[buffer]);
    if (!data && n_ > 0 && bytes > 0) refuse("lacks its buffer " + std::to_string(buffer));
    return data ? data + offset_ * bytes : nullptr;
  }

  std::shared_ptr<const std::uint8_t> missing() const {
    const auto* bits = static_cast<const std::uint8_t*>(array_.buffers[0]);
    if (!bits || array_.null_count == 0 || n_ == 0) return nullptr;
    auto missing = std::make_shared<std::vector<std::uint8_t>>(n_);
    bool any = false;
    each([&](std::size_t i) {
      const std::size_t bit = offset_ + i;
      const bool is_null = ((bits[bit / 8] >> (bit % 8)) & 1) == 0;
      (*missing)[i] = is_null;
      any |= is_null;
      return true;
    });
    if (!any) return nullptr;
    return {missing, missing->data()};
  }

  Column strings(const Format& format) const {
    Column made;
    made.is_text = format.is_text;
    made.missing = missing();
    made.strings.layout = format.layout;
    made.strings.n = n_;
    switch (format.layout) {
      case Layout::offsets32: read_offsets<std::int32_t>(made.strings); break;
      case Layout::offsets64: read_offsets<std::int64_t>(made.strings); break;
      case Layout::views: read_views(made); break;
      case Layout::fixed:
        if (format.width > 0 && offset_ + n_ > (std::size_t{1} << 62) / format.width) refuse("is longer than memory is");
        made.strings.width = format.width;
        made.strings.data = items(1, format.width);
        made.strings.size = n_ * format.width;
    }
    return made;
  }

  // Positions in a dictionary of `entries`; -1 for null.
  template <class Index> std::vector<std::int64_t> positions(const Column& entries) const {
    const UnalignedArray<Index> indices = UnalignedArray<Index>::at(items(1, sizeof(Index)));
    const auto nulls = missing();
    std::vector<std::int64_t> found(n_, -1);
    const std::size_t bad = each([&](std::size_t i) {
      if (nulls && nulls.get()[i]) return true;
      const auto index = static_cast<std::uint64_t>(indices[i]);
      found[i] = static_cast<std::int64_t>(index);
      return index < entries.strings.n;
    });
    if (bad < n_) refuse_at(bad, "has an index outside its dictionary of " + std::to_string(entries.strings.n));
    return found;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw py::value_error(name_ + ": the Arrow array " + what + "; it is damaged, make it anew");
  }
  [[noreturn]] void refuse_at(std::size_t i, const std::string& what) const {
    throw py::value_error(name_ + "[" + std::to_string(first_ + i) + "] " + what + "; the Arrow array is damaged, make it anew");
  }

  // Calls check(i) for each item, without the GIL; returns the first for which it is false, or n.
  template <class Check> std::size_t each(Check&& check) const {
    std::size_t bad = n_;
    run_pass([&](Cancellation cancellation) {
      SeldomPoll poll(cancellation);
      for (std::size_t i = 0; i < n_ && bad == n_; ++i) {
        if (!poll.may_continue(1)) return false;
        if (!check(i)) bad = i;
      }
      return true;
    });
    return bad;
  }

  // Offsets never fall, so all strings lie before the last one: the interface says no more of how long the data are.
  template <class Offset> void read_offsets(Strings& strings) const {
    if (n_ == 0) return;
    strings.starts = items(1, sizeof(Offset));
    const UnalignedArray<Offset> starts = UnalignedArray<Offset>::at(strings.starts);
    if (starts[0] < 0) refuse("has a first offset of " + std::to_string(starts[0]));
    const std::size_t bad = each([&](std::size_t i) { return starts[i] <= starts[i + 1]; });
    if (bad < n_) refuse_at(bad, "ends before it begins: its offsets fall");
    strings.size = static_cast<std::size_t>(starts[n_]);
    strings.data = static_cast<const std::uint8_t*>(array_.buffers[2]);
    if (!strings.data && strings.size > 0) refuse("lacks its buffer 2");
  }

  void read_views(Column& made) const {
    auto spans = std::make_shared<std::vector<Span>>();
    const auto buffers = static_cast<std::size_t>(array_.n_buffers) - 3;
    const UnalignedArray<std::int64_t> sizes = UnalignedArray<std::int64_t>::at(array_.buffers[buffers + 2]);
    if (buffers > 0 && !sizes) refuse("lacks the sizes of its buffers");
    for (std::size_t b = 0; b < buffers; ++b) {
      const std::int64_t size = sizes[b];
      const auto* data = static_cast<const std::uint8_t*>(array_.buffers[b + 2]);
      if (size < 0 || (!data && size > 0)) refuse("lacks its buffer " + std::to_string(b + 2));
      spans->push_back({data, static_cast<std::size_t>(size)});
    }
    made.strings.starts = items(1, 16);
    made.strings.buffers = spans->data();
    made.strings.n_buffers = spans->size();
    made.owner = spans;
    check_views(made);
  }

  void check_views(const Column& made) const {
    const UnalignedArray<std::int32_t> words = UnalignedArray<std::int32_t>::at(made.strings.starts);
    const auto buffers = static_cast<std::int64_t>(made.strings.n_buffers);
    const std::size_t bad = each([&](std::size_t i) {
      const std::int64_t size = words[4 * i], buffer = words[4 * i + 2], start = words[4 * i + 3];
      if ((size >= 0 && size <= 12) || made.is_missing(i)) return true;
      return size > 0 && buffer >= 0 && buffer < buffers && start >= 0 &&
             static_cast<std::size_t>(start + size) <= made.strings.buffers[buffer].size;
    });
    if (bad < n_) refuse_at(bad, "leads outside the buffers");
  }

  const ArrowArray& array_;
  const std::string& name_;
  std::size_t first_, n_ = 0, offset_ = 0;
};

template <class T> T& in_capsule(const py::capsule& capsule, const char* label, const std::string& name) {
  if (!PyCapsule_IsValid(capsule.ptr(), label))
    throw py::type_error(name + ": its capsule must be named " + label);
  auto& held = *static_cast<T*>(PyCapsule_GetPointer(capsule.ptr(), label));
  if (!held.release) throw py::value_error(name + ": its " + label + " was released before; export it anew");
  return held;
}

// The strings of a schema: their own, or those of a dictionary.
std::optional<Format> text_of(const ArrowSchema& schema) {
  if (!schema.dictionary) return format_of(schema.format);
  const bool indexed = schema.format && std::strlen(schema.format) == 1 && std::strchr("cCsSiIlL", schema.format[0]);
  return indexed && !schema.dictionary->dictionary ? format_of(schema.dictionary->format) : std::nullopt;
}

std::size_t buffers_of(const Format& format) { return format.layout == Layout::fixed ? 2 : 3; }

std::vector<std::int64_t> positions_of(char format, const ArrayReader& reader, const Column& entries) {
  switch (format) {
    case 'c': return reader.positions<std::int8_t>(entries);
    case 'C': return reader.positions<std::uint8_t>(entries);
    case 's': return reader.positions<std::int16_t>(entries);
    case 'S': return reader.positions<std::uint16_t>(entries);
    case 'i': return reader.positions<std::int32_t>(entries);
    case 'I': return reader.positions<std::uint32_t>(entries);
    case 'l': return reader.positions<std::int64_t>(entries);
    default: return reader.positions<std::uint64_t>(entries);
  }
}

// One array as a column; `first` strings came before.
Column read(const ArrowSchema& schema, const Format& format, std::shared_ptr<ArrowArray> array, const std::string& name,
            std::size_t first) {
  if (!schema.dictionary) {
    Column made = ArrayReader(*array, buffers_of(format), name, first).strings(format);
    made.owner = std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<ArrowArray>>>(made.owner, array);
    require_utf8(made, name, first);
    return made;
  }
  if (!array->dictionary) throw py::value_error(name + ": the Arrow array lacks its dictionary; it is damaged, make it anew");
  const std::string entries_name = name + ".dictionary";
  const Column entries = ArrayReader(*array->dictionary, buffers_of(format), entries_name, 0).strings(format);
  require_utf8(entries, entries_name);
  const auto positions = positions_of(schema.format[0], ArrayReader(*array, 2, name, first), entries);
  return copy_of(entries, positions.data(), positions.size());
}

Column joined(const std::vector<Column>& chunks, bool is_text) {
  auto own = std::make_shared<OwnStrings>();
  for (const Column& chunk : chunks) append_strings(*own, chunk, nullptr, chunk.strings.n);
  Column made = OwnStrings::column(std::move(own), is_text);
  made.chunks = chunks.size();
  return made;
}

// Releases what a stream gave when it goes out of scope.
struct StreamEnd {
  ArrowArrayStream& stream;
  ArrowSchema schema{};

  ~StreamEnd() {
    if (schema.release) schema.release(&schema);
    if (stream.release) stream.release(&stream);
    stream.release = nullptr;
  }
  void require(int status, const std::string& name) const {
    if (status == 0) return;
    const char* said = stream.get_last_error ? stream.get_last_error(&stream) : nullptr;
    throw py::value_error(name + ": its Arrow stream failed: " + (said ? said : "error " + std::to_string(status)));
  }
};

}  // namespace

std::optional<Column> column_of_arrow(const py::capsule& schema, const py::capsule& array, const std::string& name) {
  const auto& type = in_capsule<ArrowSchema>(schema, "arrow_schema", name);
  auto& data = in_capsule<ArrowArray>(array, "arrow_array", name);
  const auto format = text_of(type);
  if (!format) return std::nullopt;
  return read(type, *format, taken(data), name, 0);
}

std::optional<Column> column_of_stream(const py::capsule& capsule, const std::string& name) {
  auto& stream = in_capsule<ArrowArrayStream>(capsule, "arrow_array_stream", name);
  StreamEnd end{stream};
  if (!stream.get_schema || !stream.get_next) throw py::value_error(name + ": its Arrow stream lacks its functions");
  end.require(stream.get_schema(&stream, &end.schema), name);
  const auto format = text_of(end.schema);
  if (!format) return std::nullopt;
  std::vector<Column> chunks;
  for (std::size_t n = 0;;) {
    ArrowArray next{};
    end.require(stream.get_next(&stream, &next), name);
    if (!next.release) break;
    chunks.push_back(read(end.schema, *format, taken(next), name, n));
    n += chunks.back().strings.n;
    if (chunks.back().strings.n == 0) chunks.pop_back();
  }
  return chunks.size() == 1 ? std::move(chunks[0]) : joined(chunks, format->is_text);
}

}  // namespace learnedidx::bindings
