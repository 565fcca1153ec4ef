// Which files SQL may name: a database from elsewhere can hold a table of any file, which would then be read.
#pragma once

#include <string>
#include <vector>

#include "api.hpp"

namespace learnedidx::sqlite {

// Folders whose files, and those below them, may be opened.
struct Folders {
  bool named = false;              // false: the folder of the database file, and the working folder unless it is the root
  std::vector<std::string> names;  // absolute, without links
};

// A path as SQL names it, of the database of that name: a relative one counts from the folder of its file, in memory from
// the working folder. Absolute and without links; empty where it may not be opened, and `wrong` says why.
std::string resolved(Api sqlite3_api, sqlite3* db, const char* schema, const std::string& path, const Folders& folders,
                     std::string& wrong);

}  // namespace learnedidx::sqlite
