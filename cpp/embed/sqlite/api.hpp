// The functions of SQLite, as an extension calls them: sqlite3ext.h makes sqlite3_x of sqlite3_api->x.
//
// A process may hold several copies of SQLite, Python's own and that of apsw. So there is no variable for all of it: what
// calls SQLite has a member or a parameter of that name.
#pragma once

#include <sqlite3ext.h>

#include <new>

namespace learnedidx::sqlite {

using Api = const sqlite3_api_routines*;

// No exception passes SQLite, which is C. What is thrown here is want of memory.
template <class F> int without_exceptions(F&& f) noexcept {
  try {
    return f();
  } catch (...) {
    return SQLITE_NOMEM;
  }
}

}  // namespace learnedidx::sqlite
