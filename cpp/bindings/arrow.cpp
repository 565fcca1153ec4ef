// Columns of text out of Arrow arrays that somebody else made.
#include "arrow.hpp"

#include <vector>

#include "arrow_reader.hpp"

namespace learnedidx::bindings {
namespace {

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

}  // namespace

std::optional<Format> text_of(const ArrowSchema& schema) {
  if (!schema.dictionary) return format_of(schema.format);
  const bool indexed = schema.format && std::strlen(schema.format) == 1 && std::strchr("cCsSiIlL", schema.format[0]);
  return indexed && !schema.dictionary->dictionary ? format_of(schema.dictionary->format) : std::nullopt;
}

Column read_text(const ArrowSchema& schema, const Format& format, std::shared_ptr<ArrowArray> array, const std::string& name,
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

Column joined(std::vector<Column> chunks, bool is_text) {
  if (chunks.size() == 1) return std::move(chunks[0]);
  auto own = std::make_shared<OwnStrings>();
  for (const Column& chunk : chunks) append_strings(*own, chunk, nullptr, chunk.strings.n);
  Column made = OwnStrings::column(std::move(own), is_text);
  made.chunks = chunks.size();
  return made;
}

std::optional<Column> column_of_arrow(const py::capsule& schema, const py::capsule& array, const std::string& name) {
  const auto& type = in_capsule<ArrowSchema>(schema, "arrow_schema", name);
  auto& data = in_capsule<ArrowArray>(array, "arrow_array", name);
  const auto format = text_of(type);
  if (!format) return std::nullopt;
  return read_text(type, *format, taken(data), name, 0);
}

std::optional<Column> column_of_stream(const py::capsule& capsule, const std::string& name) {
  auto& stream = in_capsule<ArrowArrayStream>(capsule, "arrow_array_stream", name);
  StreamEnd end{stream};
  end.read_schema(name);
  const auto format = text_of(end.schema);
  if (!format) return std::nullopt;
  std::vector<Column> chunks;
  std::size_t n = 0;
  while (auto next = end.next(name)) {
    chunks.push_back(read_text(end.schema, *format, std::move(next), name, n));
    n += chunks.back().strings.n;
    if (chunks.back().strings.n == 0) chunks.pop_back();
  }
  return joined(std::move(chunks), format->is_text);
}

}  // namespace learnedidx::bindings
