// The virtual table: CREATE VIRTUAL TABLE t USING learnedidx('events.lidx').
#pragma once

#include "api.hpp"
#include "folders.hpp"

namespace learnedidx::sqlite {

// What a connection was given with the module; SQLite frees it by `forget`.
struct Registration {
  Api sqlite3_api;
  Folders folders;
};

extern const sqlite3_module kModule;

void forget(void* registration);

}  // namespace learnedidx::sqlite
