// Reads arrays and streams of Arrow that somebody else made: none of what they say is believed.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "arrow.hpp"

namespace learnedidx::bindings {

// What a format says: the layout of strings, or nothing.
struct Format {
  Layout layout = Layout::offsets32;
  bool is_text = false;
  std::size_t width = 0;
};

// The layout of strings of a schema, their own or those of a dictionary; nothing of others.
std::optional<Format> text_of(const ArrowSchema& schema);
// One array of such strings as a column; `first` strings came before.
Column read_text(const ArrowSchema& schema, const Format& format, std::shared_ptr<ArrowArray> array, const std::string& name,
                 std::size_t first);
// Chunks as one column: the only one as it is, several copied.
Column joined(std::vector<Column> chunks, bool is_text);

// An array, its release included. It is called once, with the GIL.
inline std::shared_ptr<ArrowArray> taken(ArrowArray& array) {
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
  std::size_t offset() const { return offset_; }
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

// Releases what a stream gave when it goes out of scope.
struct StreamEnd {
  ArrowArrayStream& stream;
  ArrowSchema schema{};

  ~StreamEnd() {
    if (schema.release) schema.release(&schema);
    if (stream.release) stream.release(&stream);
    stream.release = nullptr;
  }
  void read_schema(const std::string& name) {
    if (!stream.get_schema || !stream.get_next) throw py::value_error(name + ": its Arrow stream lacks its functions");
    require(stream.get_schema(&stream, &schema), name);
  }
  // The next chunk; nullptr: there is none.
  std::shared_ptr<ArrowArray> next(const std::string& name) {
    ArrowArray chunk{};
    require(stream.get_next(&stream, &chunk), name);
    return chunk.release ? taken(chunk) : nullptr;
  }
  void require(int status, const std::string& name) const {
    if (status == 0) return;
    const char* said = stream.get_last_error ? stream.get_last_error(&stream) : nullptr;
    throw py::value_error(name + ": its Arrow stream failed: " + (said ? said : "error " + std::to_string(status)));
  }
};

}  // namespace learnedidx::bindings
