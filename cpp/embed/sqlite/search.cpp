#include "search.hpp"

#include <algorithm>

namespace learnedidx::sqlite {

namespace {

using Place = Operand::Place;

Operand number(Api sqlite3_api, sqlite3_value* value) {
  Operand operand{Place::among};
  switch (sqlite3_value_numeric_type(value)) {
    case SQLITE_INTEGER: operand.query.i = sqlite3_value_int64(value); return operand;
    case SQLITE_FLOAT:
      operand.query.form = ScalarQuery::Form::f64;
      operand.query.f = sqlite3_value_double(value);
      return operand;
    case SQLITE_NULL: return {Place::null};
    default: return {Place::after_all};
  }
}

Operand string(const SortedFile& file, const void* data, int size) {
  Operand operand{Place::among};
  const Slice whole = slice_of(size > 0 ? data : "", static_cast<std::size_t>(size));
  operand.query.form = ScalarQuery::Form::string;
  operand.query.string = file.opened().strings.trims() ? trimmed(whole) : whole;
  operand.just_above = operand.query.string.size < whole.size;
  return operand;
}

Operand text(Api sqlite3_api, const SortedFile& file, sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: return {Place::null};
    case SQLITE_BLOB: return {Place::after_all};
    case SQLITE_TEXT: {
      const void* data = sqlite3_value_text(value);
      return string(file, data, sqlite3_value_bytes(value));
    }
    default: return {Place::unknown};
  }
}

Operand blob(Api sqlite3_api, const SortedFile& file, sqlite3_value* value) {
  const int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL) return {Place::null};
  if (type != SQLITE_BLOB) return {Place::before_all};
  const void* data = sqlite3_value_blob(value);
  return string(file, data, sqlite3_value_bytes(value));
}

// As SortedFile::position, for positions themselves.
std::int64_t row_position(const ScalarQuery& query, bool right, std::int64_t n) {
  Converted<std::int64_t> c = converted<std::int64_t>(query);
  if (right) c = next_above(c);
  return c.fit >= Fit::past ? n : std::clamp<std::int64_t>(c.value, 0, n);
}

Interval ordered_rows(const SortedFile& file, Constraint constraint, const Operand& operand) {
  const auto position = [&](bool right) {
    if (constraint.target == Target::row) return row_position(operand.query, right, file.n());
    return file.position(operand.query, right || operand.just_above);
  };
  switch (constraint.op) {
    case Op::below: return {0, position(false)};
    case Op::at_most: return {0, position(true)};
    case Op::above: return {position(true), file.n()};
    case Op::at_least: return {position(false), file.n()};
    default: break;
  }
  if (constraint.target == Target::row) return {position(false), position(true)};
  return operand.just_above ? Interval{} : file.equal(operand.query);
}

}  // namespace

Operand operand_of(Api sqlite3_api, const SortedFile& file, Target target, sqlite3_value* value) {
  if (target == Target::row) return number(sqlite3_api, value);
  switch (file.key_class()) {
    case KeyClass::text: return text(sqlite3_api, file, value);
    case KeyClass::blob: return blob(sqlite3_api, file, value);
    default: return number(sqlite3_api, value);
  }
}

Interval rows_of(const SortedFile& file, Constraint constraint, const Operand& operand) {
  const bool from_below = constraint.op == Op::above || constraint.op == Op::at_least;
  const bool from_above = constraint.op == Op::below || constraint.op == Op::at_most;
  const Interval all{0, file.n()};
  switch (operand.place) {
    case Place::null: return {};
    case Place::unknown: return all;
    case Place::before_all: return from_below ? all : Interval{};
    case Place::after_all: return from_above ? all : Interval{};
    case Place::among: break;
  }
  return ordered_rows(file, constraint, operand);
}

}  // namespace learnedidx::sqlite
