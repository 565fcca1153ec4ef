#include "folders.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace learnedidx::sqlite {

namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};

// Empty: there is no such file, errno says why.
std::string without_links(const std::string& path) {
  const std::unique_ptr<char, Free> real(realpath(path.c_str(), nullptr));
  return real ? std::string(real.get()) : std::string();
}

// The folder of a database file; empty: it lies in memory.
std::string folder_of(Api sqlite3_api, sqlite3* db, const char* schema) {
  const char* file = sqlite3_db_filename(db, schema);
  if (file == nullptr || *file == '\0') return {};
  const std::string name = file;
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string(".") : name.substr(0, slash + 1);
}

bool lies_in(const std::string& path, const std::string& folder) {
  if (folder.empty()) return false;
  const std::size_t size = folder == "/" ? 0 : folder.size();
  return path.compare(0, size, folder, 0, size) == 0 && path.size() > size && path[size] == '/';
}

bool may_be_opened(const std::string& path, const std::string& database, const Folders& folders) {
  const auto holds = [&](const std::string& folder) { return lies_in(path, folder); };
  if (folders.named) return std::any_of(folders.names.begin(), folders.names.end(), holds);
  if (!database.empty() && holds(without_links(database))) return true;
  const std::string working = without_links(".");
  return working != "/" && holds(working);  // where services run, it stands for nothing
}

}  // namespace

std::string resolved(Api sqlite3_api, sqlite3* db, const char* schema, const std::string& path, const Folders& folders,
                     std::string& wrong) {
  std::string database = folder_of(sqlite3_api, db, schema);
  if (database.empty()) database = folder_of(sqlite3_api, db, "main");  // of temporary tables
  const std::string from = path[0] == '/' || database.empty() ? path : database + "/" + path;
  const std::string real = without_links(from);
  if (real.empty()) {
    wrong = std::string("cannot be read: ") + std::strerror(errno);
    if (path[0] != '/' && !database.empty()) wrong += "; a relative path counts from the folder of the database file";
    return {};
  }
  if (may_be_opened(real, database, folders)) return real;
  wrong = "lies outside the folders whose files may be opened: name its folder, learnedidx.sqlite.register(connection, "
          "allow=[folder])";
  return {};
}

}  // namespace learnedidx::sqlite
