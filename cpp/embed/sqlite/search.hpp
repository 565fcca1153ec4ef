// From a constraint of SQL to the rows that fulfil it. A comparison follows SQLite's rules for a column whose affinity the
// table declares: numeric text becomes a number beside numbers, NULL is below nothing, and numbers come before text, text
// before blobs.
#pragma once

#include <cstdint>

#include "api.hpp"
#include "file.hpp"

namespace learnedidx::sqlite {

enum class Target : char { key = 'k', row = 'r' };
// As plans write them; `in` and `offset` have an operand that is no single bound.
enum class Op : char { equal = '=', below = '<', at_most = 'l', above = '>', at_least = 'g', in = 'i', offset = 'o' };

struct Constraint {
  Target target;
  Op op;
};

// Where a value stands among the keys. Unknown: what it is compared with depends on its affinity, which SQLite does not tell.
struct Operand {
  enum class Place : std::uint8_t { null, unknown, before_all, after_all, among } place;
  ScalarQuery query{};
  bool just_above = false;  // the value is the query with NULs behind it, and no key can lie between the two
};

Operand operand_of(Api sqlite3_api, const SortedFile& file, Target target, sqlite3_value* value);

// All rows where the operand is unknown: SQLite then decides.
Interval rows_of(const SortedFile& file, Constraint constraint, const Operand& operand);

}  // namespace learnedidx::sqlite
