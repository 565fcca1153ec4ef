#include "table.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "columns.hpp"
#include "file.hpp"
#include "plan.hpp"
#include "search.hpp"
#include "times.hpp"

namespace learnedidx::sqlite {

namespace {

struct Table : sqlite3_vtab {
  Api sqlite3_api = nullptr;
  SortedFile file;
  Values values;

  int first_value() const { return file.has_instants() ? 2 : 1; }
};

// Rows to come: a stretch of them, or what is left of the stretches of an IN.
struct Cursor : sqlite3_vtab_cursor {
  std::vector<Interval> parts;     // of an IN: none of them empty, in the order in which they come
  std::size_t part = 0;            // the next of them
  std::int64_t row = 0, left = 0;  // rows of this stretch from here on, itself among them
  bool backward = false;

  const Table& table() const { return *static_cast<const Table*>(pVtab); }
  void enter(const Interval& rows) {
    left = rows.size();
    row = backward ? rows.end - 1 : rows.begin;
    if (left > 0) table().values.prefetch(row);
  }
  void enter_next_part() { enter(part < parts.size() ? parts[part++] : Interval{}); }
  void skip(std::int64_t rows) {
    while (left > 0 && rows >= left) {
      rows -= left;
      enter_next_part();
    }
    if (left == 0 || rows <= 0) return;
    left -= rows;
    row += backward ? -rows : rows;
  }
};

struct Arguments {
  std::string path;
  bool map = true;
};

std::string unquoted(const std::string& text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n"), to = text.find_last_not_of(" \t\r\n");
  if (from == std::string::npos) return {};
  const char quote = text[from];
  if (quote != '\'' && quote != '"') return text.substr(from, to + 1 - from);
  std::string inside;
  for (std::size_t i = from + 1; i < to; ++i) {
    if (text[i] == quote) ++i;  // the first of two
    inside += text[i];
  }
  return inside;
}

// False: they are no path and perhaps mmap=0 or mmap=1.
bool read(int count, const char* const* given, Arguments& arguments) {
  for (int i = 3; i < count; ++i) {
    std::string text = given[i];
    const bool is_path = text.find_first_of("'\"") != std::string::npos || text.find('=') == std::string::npos;
    if (is_path) {
      if (!arguments.path.empty()) return false;
      arguments.path = unquoted(text);
      continue;
    }
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    if (text != "mmap=0" && text != "mmap=1") return false;
    arguments.map = text == "mmap=1";
  }
  return !arguments.path.empty();
}

bool is_utf8(Api sqlite3_api, sqlite3* db) {
  sqlite3_stmt* asked = nullptr;
  if (sqlite3_prepare_v2(db, "PRAGMA encoding", -1, &asked, nullptr) != SQLITE_OK) return false;
  const bool is_told = sqlite3_step(asked) == SQLITE_ROW;
  const unsigned char* name = is_told ? sqlite3_column_text(asked, 0) : nullptr;
  const bool is = name != nullptr && std::strcmp(reinterpret_cast<const char*>(name), "UTF-8") == 0;
  sqlite3_finalize(asked);
  return is;
}

// Empty: done.
std::string open(Table& table, sqlite3* db, const char* schema, const Arguments& arguments, const Folders& folders) {
  std::string wrong;
  const std::string path = resolved(table.sqlite3_api, db, schema, arguments.path, folders, wrong);
  if (path.empty()) return wrong;
  wrong = table.file.open(path.c_str(), arguments.map);
  if (!wrong.empty()) return wrong;
  if (table.file.key_class() == KeyClass::text && !is_utf8(table.sqlite3_api, db))
    return "has text as keys, which a database in UTF-16 orders otherwise: use one in UTF-8";
  return table.values.open(table.sqlite3_api, db, table.file.opened());
}

bool is_same_name(const std::string& a, const std::string& b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : int{c}; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// The names of SQL differ by more than case: where one is taken, a number is added.
std::string free_name(const std::string& name, const std::vector<std::string>& taken) {
  std::string tried = name;
  const auto is_taken = [&](const std::string& other) { return is_same_name(tried, other); };
  for (int i = 2; std::any_of(taken.begin(), taken.end(), is_taken); ++i) tried = name + "_" + std::to_string(i);
  return tried;
}

std::string declaration(const Table& table) {
  constexpr const char* types[] = {"INTEGER", "REAL", "TEXT", "BLOB"};
  std::string sql = "CREATE TABLE t(";
  std::vector<std::string> taken{"rowid"};  // by which the position is asked for
  const auto add = [&](const std::string& name, const std::string& type) {
    sql += taken.size() > 1 ? ", \"" : "\"";
    taken.push_back(free_name(name, taken));
    for (const char c : taken.back()) sql += c == '"' ? "\"\"" : std::string(1, c);
    sql += "\" " + type;
  };
  const FileHeader& header = table.file.opened().header;
  const bool times = !table.file.opened().holds_strings && has_times(header);
  add("key", types[static_cast<int>(table.file.key_class())] + (times ? " " + unit_of(header) : std::string()));
  if (table.file.has_instants()) add("iso", "TEXT");
  for (const ValueColumn& column : table.values.columns()) add(column.name, declared_type(column));
  return sql + ")";
}

int connect(sqlite3* db, void* given, int count, const char* const* texts, sqlite3_vtab** out, char** error) {
  return without_exceptions([&] {
    const auto& registration = *static_cast<const Registration*>(given);
    const Api sqlite3_api = registration.sqlite3_api;
    Arguments arguments;
    if (!read(count, texts, arguments)) {
      *error = sqlite3_mprintf("learnedidx takes a path and perhaps mmap=0: USING learnedidx('events.lidx')");
      return SQLITE_ERROR;
    }
    auto table = std::make_unique<Table>();
    table->sqlite3_api = sqlite3_api;
    const std::string wrong = open(*table, db, texts[1], arguments, registration.folders);
    if (!wrong.empty()) {
      *error = sqlite3_mprintf("%s: %s", arguments.path.c_str(), wrong.c_str());
      return SQLITE_ERROR;
    }
    const int status = sqlite3_declare_vtab(db, declaration(*table).c_str());
    if (status != SQLITE_OK) {
      *error = sqlite3_mprintf("%s: %s", arguments.path.c_str(), sqlite3_errmsg(db));
      return status;
    }
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    *out = table.release();
    return SQLITE_OK;
  });
}

// Another function than connect: else SELECT could name the module as if it were a table.
int create(sqlite3* db, void* given, int count, const char* const* texts, sqlite3_vtab** out, char** error) {
  return connect(db, given, count, texts, out, error);
}

int disconnect(sqlite3_vtab* table) {
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

int rename_table(sqlite3_vtab*, const char*) { return SQLITE_OK; }

int best_index(sqlite3_vtab* given, sqlite3_index_info* info) {
  return without_exceptions([&] {
    const auto& table = *static_cast<const Table*>(given);
    return Planner(table.sqlite3_api, table.file, *info).plan();
  });
}

int open_cursor(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
  return without_exceptions([&] {
    *out = new Cursor();
    return SQLITE_OK;
  });
}

int close_cursor(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

// The rows of all values of an IN, ascending and apart, that lie in `within`.
int rows_in(const Table& table, Target target, sqlite3_value* list, const Interval& within, std::vector<Interval>& parts) {
  const Api sqlite3_api = table.sqlite3_api;
  sqlite3_value* value = nullptr;
  int status = sqlite3_vtab_in_first(list, &value);
  for (; status == SQLITE_OK && value != nullptr; status = sqlite3_vtab_in_next(list, &value)) {
    const Operand operand = operand_of(sqlite3_api, table.file, target, value);
    const Interval found = common(rows_of(table.file, {target, Op::equal}, operand), within);
    if (!found.empty()) parts.push_back(found);
  }
  const auto is_before = [](const Interval& a, const Interval& b) { return a.begin < b.begin; };
  if (!std::is_sorted(parts.begin(), parts.end(), is_before)) std::sort(parts.begin(), parts.end(), is_before);
  std::size_t kept = 0;
  for (const Interval& part : parts) {
    if (kept > 0 && part.begin < parts[kept - 1].end) parts[kept - 1].end = std::max(parts[kept - 1].end, part.end);
    else parts[kept++] = part;
  }
  parts.resize(kept);
  return status == SQLITE_DONE ? SQLITE_OK : status;
}

int filter(sqlite3_vtab_cursor* given, int flags, const char* plan, int count, sqlite3_value** values) {
  return without_exceptions([&] {
    Cursor& cursor = *static_cast<Cursor*>(given);
    const Table& table = cursor.table();
    const Api sqlite3_api = table.sqlite3_api;
    Interval rows{0, table.file.n()};
    std::int64_t offset = 0;
    int list = -1;
    for (int i = 0; i < count; ++i) {
      const Constraint constraint{static_cast<Target>(plan[2 * i]), static_cast<Op>(plan[2 * i + 1])};
      if (constraint.op == Op::offset) offset = sqlite3_value_int64(values[i]);
      else if (constraint.op == Op::in) list = i;
      else if (!rows.empty())
        rows = common(rows, rows_of(table.file, constraint, operand_of(sqlite3_api, table.file, constraint.target, values[i])));
    }
    cursor.parts.clear();
    cursor.part = 0;
    cursor.backward = (flags & kBackward) != 0;
    int status = SQLITE_OK;
    if (list >= 0) {
      status = rows_in(table, static_cast<Target>(plan[2 * list]), values[list], rows, cursor.parts);
      if (cursor.backward) std::reverse(cursor.parts.begin(), cursor.parts.end());
      cursor.enter_next_part();
    } else {
      cursor.enter(rows);
    }
    cursor.skip(offset);
    return status;
  });
}

int next(sqlite3_vtab_cursor* given) {
  static_cast<Cursor*>(given)->skip(1);
  return SQLITE_OK;
}

int is_at_end(sqlite3_vtab_cursor* given) { return static_cast<Cursor*>(given)->left == 0; }

int row_number(sqlite3_vtab_cursor* given, sqlite3_int64* row) {
  *row = static_cast<Cursor*>(given)->row;
  return SQLITE_OK;
}

void give_key(const Table& table, sqlite3_context* to, std::int64_t row) {
  const Api sqlite3_api = table.sqlite3_api;
  switch (table.file.key_class()) {
    case KeyClass::integer: return sqlite3_result_int64(to, table.file.integer_at(row));
    case KeyClass::real: return sqlite3_result_double(to, table.file.real_at(row) + 0.0);  // of -0.0 that is 0.0
    case KeyClass::text:
    case KeyClass::blob: break;
  }
  const Slice string = table.file.string_at(row);
  const char* data = string.size > 0 ? reinterpret_cast<const char*>(string.data) : "";
  // SQLite copies: the file may change, or be closed, while the value is in use.
  if (table.file.key_class() == KeyClass::text)
    sqlite3_result_text64(to, data, string.size, SQLITE_TRANSIENT, SQLITE_UTF8);
  else sqlite3_result_blob64(to, data, string.size, SQLITE_TRANSIENT);
}

int column(sqlite3_vtab_cursor* given, sqlite3_context* to, int which) {
  return without_exceptions([&] {
    const Cursor& cursor = *static_cast<Cursor*>(given);
    const Table& table = cursor.table();
    const Api sqlite3_api = table.sqlite3_api;
    if (which == 0) {
      give_key(table, to, cursor.row);
    } else if (which < table.first_value()) {
      const std::string iso = iso_text(table.file.opened().header, table.file.integer_at(cursor.row));
      if (!iso.empty()) sqlite3_result_text64(to, iso.data(), iso.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } else {
      table.values.give_value(sqlite3_api, to, table.values.columns()[static_cast<std::size_t>(which - table.first_value())], cursor.row);
    }
    return SQLITE_OK;
  });
}

constexpr sqlite3_module module() {
  sqlite3_module m{};
  m.iVersion = 1;
  m.xCreate = create;
  m.xConnect = connect;
  m.xBestIndex = best_index;
  m.xDisconnect = m.xDestroy = disconnect;
  m.xOpen = open_cursor;
  m.xClose = close_cursor;
  m.xFilter = filter;
  m.xNext = next;
  m.xEof = is_at_end;
  m.xColumn = column;
  m.xRowid = row_number;
  m.xRename = rename_table;
  return m;
}

}  // namespace

const sqlite3_module kModule = module();

void forget(void* registration) { delete static_cast<Registration*>(registration); }

}  // namespace learnedidx::sqlite
