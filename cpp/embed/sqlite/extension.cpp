// What SQLite calls when it loads the extension, and the function lidx_count.
#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "file.hpp"
#include "search.hpp"
#include "table.hpp"

namespace learnedidx::sqlite {

namespace {

constexpr int kOldest = 3038000;  // the first with sqlite3_vtab_in and sqlite3_vtab_rhs_value

// Folders for connections to come, and for the next one that this thread makes.
struct Allowed {
  std::mutex mutex;
  Folders folders;
};
Allowed allowed;
thread_local std::unique_ptr<Folders> allowed_once;

Folders take_folders() {
  if (allowed_once) return *std::unique_ptr<Folders>(std::move(allowed_once));
  const std::lock_guard<std::mutex> lock(allowed.mutex);
  return allowed.folders;
}

const char* text_of(Api sqlite3_api, sqlite3_value* value) {
  return reinterpret_cast<const char*>(sqlite3_value_text(value));
}

void close_file(void* file) { delete static_cast<SortedFile*>(file); }

// The file that an argument names, kept by SQLite while the statement runs; null: `wrong` says why.
const SortedFile* file_of(Api sqlite3_api, sqlite3_context* context, sqlite3_value* value, std::string& wrong) {
  if (const void* kept = sqlite3_get_auxdata(context, 0)) return static_cast<const SortedFile*>(kept);
  const auto& registration = *static_cast<const Registration*>(sqlite3_user_data(context));
  const char* name = text_of(sqlite3_api, value);
  if (name == nullptr || *name == '\0') {
    wrong = "lidx_count: takes the path of a file first: lidx_count('events.lidx', lo, hi)";
    return nullptr;
  }
  const std::string path = resolved(sqlite3_api, sqlite3_context_db_handle(context), "main", name, registration.folders, wrong);
  auto file = std::make_unique<SortedFile>();
  if (!path.empty()) wrong = file->open(path.c_str(), true);
  if (!wrong.empty()) {
    wrong = std::string("lidx_count: ") + name + ": " + wrong;
    return nullptr;
  }
  sqlite3_set_auxdata(context, 0, file.release(), close_file);
  return static_cast<const SortedFile*>(sqlite3_get_auxdata(context, 0));
}

// A number beside keys that are text is text: an argument has no affinity.
Interval rows_from(Api sqlite3_api, const SortedFile& file, Op op, sqlite3_value* value) {
  Operand operand = operand_of(sqlite3_api, file, Target::key, value);
  if (operand.place == Operand::Place::unknown) {
    const char* text = text_of(sqlite3_api, value);
    operand.place = Operand::Place::among;
    operand.query.form = ScalarQuery::Form::string;
    operand.query.string = slice_of(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
  }
  return rows_of(file, {Target::key, op}, operand);
}

// lidx_count(file, lo, hi): the number of keys with lo <= key < hi.
void count(Api sqlite3_api, sqlite3_context* context, sqlite3_value** values) {
  const int status = without_exceptions([&] {
    std::string wrong;
    const SortedFile* file = file_of(sqlite3_api, context, values[0], wrong);
    if (file == nullptr) {
      sqlite3_result_error(context, wrong.c_str(), -1);
      return SQLITE_OK;
    }
    const Interval from = rows_from(sqlite3_api, *file, Op::at_least, values[1]);
    sqlite3_result_int64(context, common(from, rows_from(sqlite3_api, *file, Op::below, values[2])).size());
    return SQLITE_OK;
  });
  if (status != SQLITE_OK) sqlite3_result_error_nomem(context);
}

// A function is called with nothing that tells which copy of SQLite calls it: each copy has a function of its own.
constexpr int kMostCopies = 4;
std::atomic<Api> copies[kMostCopies];

template <int copy> void count_for(sqlite3_context* context, int, sqlite3_value** values) {
  count(copies[copy].load(), context, values);
}

using Function = void (*)(sqlite3_context*, int, sqlite3_value**);
constexpr Function kCounts[kMostCopies] = {count_for<0>, count_for<1>, count_for<2>, count_for<3>};

// Null: there are more copies of SQLite in this process.
Function count_of(Api sqlite3_api) {
  for (int i = 0; i < kMostCopies; ++i) {
    Api expected = nullptr;
    if (copies[i].compare_exchange_strong(expected, sqlite3_api) || expected == sqlite3_api) return kCounts[i];
  }
  return nullptr;
}

int load(sqlite3* db, char** error, Api sqlite3_api) {
  if (sqlite3_libversion_number() < kOldest) {
    if (error) *error = sqlite3_mprintf("learnedidx needs SQLite 3.38 or newer, this is %s", sqlite3_libversion());
    return SQLITE_ERROR;
  }
  const Folders folders = take_folders();
  int status = sqlite3_create_module_v2(db, "learnedidx", &kModule, new Registration{sqlite3_api, folders}, forget);
  if (const Function function = count_of(sqlite3_api); status == SQLITE_OK && function != nullptr)
    status = sqlite3_create_function_v2(db, "lidx_count", 3, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                        new Registration{sqlite3_api, folders}, function, nullptr, nullptr, forget);
  return status;
}

}  // namespace

}  // namespace learnedidx::sqlite

#define LIDX_EXPORTED extern "C" __attribute__((visibility("default")))

LIDX_EXPORTED int sqlite3_learnedidx_init(sqlite3* db, char** error, const sqlite3_api_routines* api) {
  if (api == nullptr) return SQLITE_ERROR;  // SQLite was built without extensions
  return learnedidx::sqlite::without_exceptions([&] { return learnedidx::sqlite::load(db, error, api); });
}

// The folders whose files may be opened, absolute and without links; null: the folder of the database and the working
// folder. Once: for the next connection that gets the extension on this thread, none again if count is below 0; else for all
// later ones. 0: no memory.
LIDX_EXPORTED int lidx_sqlite_allow(const char* const* folders, int count, int once) {
  using namespace learnedidx::sqlite;
  const int status = without_exceptions([&] {
    if (count < 0) {
      allowed_once.reset();
      return SQLITE_OK;
    }
    Folders named;
    named.named = folders != nullptr;
    for (int i = 0; folders != nullptr && i < count; ++i) named.names.emplace_back(folders[i]);
    if (once != 0) {
      allowed_once = std::make_unique<Folders>(std::move(named));
      return SQLITE_OK;
    }
    const std::lock_guard<std::mutex> lock(allowed.mutex);
    allowed.folders = std::move(named);
    return SQLITE_OK;
  });
  return status == SQLITE_OK;
}
