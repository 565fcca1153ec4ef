#include "columns.hpp"

#include <cstdlib>
#include <cstring>
#include <limits>

#include "learnedidx/keys/utf8.hpp"

namespace learnedidx::sqlite {

namespace {

constexpr char kDamaged[] = "is damaged: its values do not have the dtype and shape that it says";

// One row for each column: name, offset, type in JSON of the dtype, dtype or bytes of nested fields, shape. Values that are
// no fields, or an array of them for each key, are one column.
constexpr char kColumns[] = R"sql(
  WITH meta(m) AS (SELECT ?1), part(v) AS (
    SELECT f.value FROM meta, json_each(m, '$.fields') AS f WHERE json_extract(m, '$.values[1]') = '[]'
    UNION ALL
    SELECT json_array('value', 0, json_extract(m, '$.values[0]'), json_extract(m, '$.values[1]')) FROM meta
    WHERE json_type(m, '$.fields') IS NULL OR json_extract(m, '$.values[1]') <> '[]')
  SELECT json_extract(v, '$[0]'), json_extract(v, '$[1]'), json_type(v, '$[2]'),
         coalesce(json_extract(v, '$[2][0]'), json_extract(v, '$[2]')), json_extract(v, '$[3]') FROM part)sql";

// Bytes of one item of a dtype as NumPy writes it; 0: it is none of those in files.
std::size_t item_bytes(const char* dtype) {
  if ((dtype[0] != '<' && dtype[0] != '|') || dtype[1] == '\0' || std::strchr("?biufcSUVmM", dtype[1]) == nullptr) return 0;
  if (dtype[1] == '?') return 1;
  const unsigned long count = std::strtoul(dtype + 2, nullptr, 10);
  return dtype[1] == 'U' ? 4 * count : count;
}

// What a shape, an array in JSON, multiplies to; -1: it is none.
double items_of(const char* shape) {
  if (shape == nullptr || *shape != '[') return -1;
  double items = 1;
  const char* at = shape + 1;
  while (*at >= '0' && *at <= '9') {
    char* end = nullptr;
    items *= static_cast<double>(std::strtoul(at, &end, 10));
    at = *end == ',' ? end + 1 : end;
  }
  return *at == ']' ? items : -1;
}

// Kinds that become values of SQL, and the widths that they may have, added up; 0: any.
constexpr struct {
  char kind;
  std::size_t widths;
} kKinds[] = {{'?', 1}, {'b', 1}, {'i', 15}, {'u', 15}, {'f', 14}, {'m', 8}, {'M', 8}, {'S', 0}, {'U', 0}};

bool is_one_of(char kind, std::size_t width) {
  const bool is_power = width != 0 && (width & (width - 1)) == 0;
  for (const auto& known : kKinds)
    if (known.kind == kind) return known.widths == 0 || (is_power && (known.widths & width) != 0);
  return false;
}

std::uint64_t little_endian(const unsigned char* at, std::size_t width) {
  std::uint64_t bits = 0;
  if (width == sizeof bits) std::memcpy(&bits, at, sizeof bits);
  else std::memcpy(&bits, at, width);
  return bits;
}

std::int64_t signed_of(const unsigned char* at, std::size_t width) {
  const unsigned unused = static_cast<unsigned>(64 - 8 * width);
  return static_cast<std::int64_t>(little_endian(at, width) << unused) >> unused;
}

// IEEE 754 of 16 bits: ten bits of fraction, five of exponent.
double half(std::uint64_t bits) {
  const double sign = bits & 0x8000 ? -1 : 1, fraction = static_cast<double>(bits & 0x3FF);
  const int exponent = static_cast<int>(bits >> 10 & 0x1F);
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  if (exponent == 31) return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

double real_of(const unsigned char* at, std::size_t width) {
  const std::uint64_t bits = little_endian(at, width);
  if (width == 2) return half(bits);
  return width == 4 ? static_cast<double>(key_of_bits<float>(bits)) : key_of_bits<double>(bits);
}

void append_utf8(std::string& text, std::uint32_t c) {
  std::uint8_t bytes[4];
  std::size_t size = write_utf8(c, bytes);
  if (size == 0) size = put_character(0xFFFD, bytes);
  text.append(reinterpret_cast<const char*>(bytes), size);
}

// Characters of 32 bits, up to the zeros at the end.
std::string utf8_of(const unsigned char* at, std::size_t width) {
  std::string text;
  std::size_t size = trimmed({at, width, width}).size;
  size = (size + 3) / 4 * 4;
  for (std::size_t i = 0; i < size; i += 4) append_utf8(text, static_cast<std::uint32_t>(little_endian(at + i, 4)));
  return text;
}

// SQLite has no unsigned integers: those above its own are text, with all their digits.
void give_unsigned(Api sqlite3_api, sqlite3_context* to, std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return sqlite3_result_int64(to, static_cast<std::int64_t>(value));
  sqlite3_result_text(to, std::to_string(value).c_str(), -1, SQLITE_TRANSIENT);
}

}  // namespace

std::string Values::open(Api sqlite3_api, sqlite3* db, const OpenedFile& file) {
  if (file.values == nullptr) return {};
  data_ = static_cast<const unsigned char*>(file.values);
  row_bytes_ = file.header.n == 0 ? 0 : static_cast<std::size_t>(file.value_bytes / file.header.n);
  const SectionEntry* meta = file.find(kMeta);
  sqlite3_stmt* fields = nullptr;
  if (sqlite3_prepare_v2(db, kColumns, -1, &fields, nullptr) != SQLITE_OK)
    return std::string("has values, whose description cannot be read: ") + sqlite3_errmsg(db);
  sqlite3_bind_text(fields, 1, reinterpret_cast<const char*>(file.data + meta->offset), static_cast<int>(meta->bytes),
                    SQLITE_TRANSIENT);
  const bool right = read(sqlite3_api, fields, file.header.n == 0 ? std::numeric_limits<std::uint32_t>::max() : row_bytes_);
  sqlite3_finalize(fields);
  return right ? std::string() : kDamaged;
}

bool Values::read(Api sqlite3_api, sqlite3_stmt* fields, std::size_t row_bytes) {
  int status = sqlite3_step(fields);
  for (; status == SQLITE_ROW; status = sqlite3_step(fields))
    if (!add_column(sqlite3_api, fields, row_bytes)) return false;
  return status == SQLITE_DONE && !columns_.empty();
}

bool Values::add_column(Api sqlite3_api, sqlite3_stmt* field, std::size_t row_bytes) {
  const auto text = [&](int i) { return reinterpret_cast<const char*>(sqlite3_column_text(field, i)); };
  const char *name = text(0), *json = text(2), *dtype = text(3), *shape = text(4);
  if (name == nullptr || json == nullptr || dtype == nullptr || !is_utf8(slice_of(name, std::strlen(name)))) return false;
  const bool is_nested = std::strcmp(json, "array") == 0;
  const double offset = sqlite3_column_double(field, 1), items = items_of(shape);
  const double item = is_nested ? std::strtod(dtype, nullptr) : static_cast<double>(item_bytes(dtype));
  if (!(offset >= 0 && item >= 1 && items >= 0 && offset + item * items <= static_cast<double>(row_bytes))) return false;
  ValueColumn column{name, 'V', static_cast<std::size_t>(offset), static_cast<std::size_t>(item * items)};
  const bool is_scalar = std::strcmp(shape, "[]") == 0;
  if (!is_nested && is_scalar && is_one_of(dtype[1], column.width)) column.kind = dtype[1];
  columns_.push_back(std::move(column));
  return true;
}

void Values::give_value(Api sqlite3_api, sqlite3_context* to, const ValueColumn& column, std::int64_t row) const {
  const unsigned char* at = data_ + static_cast<std::size_t>(row) * row_bytes_ + column.offset;
  const auto size = static_cast<sqlite3_uint64>(column.width);
  switch (column.kind) {
    case '?':
    case 'b': return sqlite3_result_int(to, *at != 0);
    case 'u': return give_unsigned(sqlite3_api, to, little_endian(at, column.width));
    case 'i': return sqlite3_result_int64(to, signed_of(at, column.width));
    case 'f': return sqlite3_result_double(to, real_of(at, column.width));
    case 'm':
    case 'M': {
      const std::int64_t time = signed_of(at, column.width);
      return time == kNotATime ? sqlite3_result_null(to) : sqlite3_result_int64(to, time);
    }
    case 'S': return sqlite3_result_blob64(to, at, trimmed({at, column.width, column.width}).size, SQLITE_TRANSIENT);
    case 'U': {
      const std::string text = utf8_of(at, column.width);
      return sqlite3_result_text64(to, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    default: return sqlite3_result_blob64(to, at, size, SQLITE_TRANSIENT);
  }
}

const char* declared_type(const ValueColumn& column) {
  switch (column.kind) {
    case 'f': return "REAL";
    case 'U': return "TEXT";
    case 'S':
    case 'V': return "BLOB";
    default: return "INTEGER";
  }
}

}  // namespace learnedidx::sqlite
