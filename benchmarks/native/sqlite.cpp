// Statements of SQL, run from C by the SQLite that is loaded: what Python adds is not timed.
#include <sqlite3.h>

#include <cstddef>
#include <cstdint>

extern "C" {

// Null: it cannot be opened. Pages of the file stay in memory, as those of a map do.
sqlite3* open_database(const char* path) noexcept {
  sqlite3* db = nullptr;
  if (sqlite3_open(path, &db) != SQLITE_OK) return nullptr;
  sqlite3_exec(db, "PRAGMA cache_size = -4000000; PRAGMA mmap_size = 8000000000", nullptr, nullptr, nullptr);
  return db;
}

void close_database(sqlite3* db) noexcept { sqlite3_close(db); }

// Runs a statement `count` times inside a transaction, each time with the next `parameters` numbers, and adds up the first
// column of all rows. False: an error, of which `message` tells.
int run(sqlite3* db, const char* sql, const std::int64_t* numbers, std::size_t count, int parameters, double* sum,
        const char** message) noexcept {
  sqlite3_stmt* statement = nullptr;
  sqlite3_exec(db, "BEGIN", nullptr, nullptr, nullptr);
  int status = sqlite3_prepare_v2(db, sql, -1, &statement, nullptr);
  *sum = 0;
  for (std::size_t i = 0; i < count && status == SQLITE_OK; ++i) {
    for (int p = 0; p < parameters; ++p) sqlite3_bind_int64(statement, p + 1, *numbers++);
    while (sqlite3_step(statement) == SQLITE_ROW) *sum += sqlite3_column_double(statement, 0);
    status = sqlite3_reset(statement);
  }
  *message = sqlite3_errmsg(db);
  sqlite3_finalize(statement);
  sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  return status == SQLITE_OK;
}

}  // extern "C"
