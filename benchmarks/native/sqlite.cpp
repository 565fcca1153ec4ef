// Statements of SQL, run from C by the SQLite that is loaded: what Python adds is not timed.
#include <pybind11/numpy.h>
#include <sqlite3.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace {

using Numbers = pybind11::array_t<std::int64_t, pybind11::array::c_style>;

class Database {
 public:
  // Pages of the file stay in memory, as those of a map do.
  explicit Database(const std::string& path) {
    check(sqlite3_open(path.c_str(), &db_));
    check(sqlite3_exec(db_, "PRAGMA cache_size = -4000000; PRAGMA mmap_size = 8000000000", nullptr, nullptr, nullptr));
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { sqlite3_close(db_); }

  // Runs a statement inside a transaction, once or with each of some rows of numbers, and adds up the first column of all
  // that it selects.
  double run(const std::string& sql, const Numbers& rows, int parameters) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_exec(db_, "BEGIN", nullptr, nullptr, nullptr);
    int status = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr);
    const std::int64_t* number = rows.data();
    double sum = 0;
    for (auto left = parameters == 0 ? 1 : rows.size() / parameters; left > 0 && status == SQLITE_OK; --left) {
      for (int p = 0; p < parameters; ++p) sqlite3_bind_int64(statement, p + 1, *number++);
      while (sqlite3_step(statement) == SQLITE_ROW) sum += sqlite3_column_double(statement, 0);
      status = sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    check(status);
    sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
    return sum;
  }

 private:
  void check(int status) const {
    if (status != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
  }

  sqlite3* db_ = nullptr;
};

}  // namespace

PYBIND11_MODULE(RIVAL, module) {
  pybind11::class_<Database>(module, "Database").def(pybind11::init<const std::string&>()).def("run", &Database::run);
}
