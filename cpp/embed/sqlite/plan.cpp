#include "plan.hpp"

#include <algorithm>
#include <cstring>

namespace learnedidx::sqlite {

namespace {

// What a range leaves whose bound is not known yet, and the values of an IN: as SQLite itself assumes without statistics.
constexpr double kRangeShare = 0.25, kListValues = 25;
// A lookup beside a step from row to row; the planner puts a native lookup at the logarithm of the rows, a step at 3.
constexpr double kLookup = 8, kStep = 2;
constexpr int kMostConstraints = 32;

bool op_of(unsigned char said, Op& op) {
  switch (said) {
    case SQLITE_INDEX_CONSTRAINT_IS:
    case SQLITE_INDEX_CONSTRAINT_EQ: op = Op::equal; return true;
    case SQLITE_INDEX_CONSTRAINT_LT: op = Op::below; return true;
    case SQLITE_INDEX_CONSTRAINT_LE: op = Op::at_most; return true;
    case SQLITE_INDEX_CONSTRAINT_GT: op = Op::above; return true;
    case SQLITE_INDEX_CONSTRAINT_GE: op = Op::at_least; return true;
    default: return false;
  }
}

bool is_limit(int said) { return said == SQLITE_INDEX_CONSTRAINT_LIMIT || said == SQLITE_INDEX_CONSTRAINT_OFFSET; }

}  // namespace

int Planner::plan() {
  rows_ = {0, file_.n()};
  most_ = static_cast<double>(file_.n());
  for (int i = 0; i < info_.nConstraint; ++i)
    if (!is_limit(info_.aConstraint[i].op)) take(i);
  if (set_order() && exact_) take_offset();
  const double rows = std::max(1.0, std::min(most_, static_cast<double>(rows_.size()) * share_));
  info_.estimatedRows = static_cast<sqlite3_int64>(rows);
  info_.estimatedCost = kLookup + kStep * rows;
  if (text_.empty()) return SQLITE_OK;
  info_.idxStr = sqlite3_mprintf("%s", text_.c_str());
  info_.needToFreeIdxStr = 1;
  return info_.idxStr != nullptr ? SQLITE_OK : SQLITE_NOMEM;
}

void Planner::take(int i) {
  const auto& said = info_.aConstraint[i];
  Op op;
  const bool can = said.usable && said.iColumn <= 0 && op_of(said.op, op) && text_.size() < 2 * kMostConstraints;
  const Target target = said.iColumn < 0 ? Target::row : Target::key;
  const bool is_list = can && sqlite3_vtab_in(&info_, i, -1);
  if (!can || !is_binary(i, target) || (is_list && has_list_)) {
    exact_ = false;
    return;
  }
  if (is_list) {
    sqlite3_vtab_in(&info_, i, 1);
    has_list_ = true;
    op = Op::in;
  }
  // Beside text SQLite compares again: the operand may have a numeric affinity, of which nothing is told.
  const bool exact = target == Target::row || file_.key_class() != KeyClass::text;
  use(i, {target, op}, exact);
  const bool is_literal = estimate(i, {target, op});
  // (key, rowid) > (1, 2) arrives as key >= 1, and SQLite compares the rest: no literal can be such a row.
  const bool may_be_row = !is_literal && (op == Op::at_least || op == Op::at_most);
  exact_ = exact_ && exact && !may_be_row;
}

// Numbers, blobs and rows compare alike in all collations.
bool Planner::is_binary(int i, Target target) const {
  if (target == Target::row || file_.key_class() != KeyClass::text) return true;
  return std::strcmp(sqlite3_vtab_collation(&info_, i), "BINARY") == 0;
}

void Planner::use(int i, Constraint constraint, bool exact) {
  text_ += {static_cast<char>(constraint.target), static_cast<char>(constraint.op)};
  info_.aConstraintUsage[i].argvIndex = static_cast<int>(text_.size() / 2);
  info_.aConstraintUsage[i].omit = exact;
}

// True: the operand is a literal, of which the rows were counted.
bool Planner::estimate(int i, Constraint constraint) {
  sqlite3_value* literal = nullptr;
  const double run = constraint.target == Target::row ? 1 : file_.average_run();
  if (constraint.op == Op::in) {
    most_ = std::min(most_, kListValues * run);
  } else if (sqlite3_vtab_rhs_value(&info_, i, &literal) == SQLITE_OK && literal != nullptr) {
    const Operand operand = operand_of(sqlite3_api, file_, constraint.target, literal);
    rows_ = common(rows_, rows_of(file_, constraint, operand));
    return true;
  } else if (constraint.op == Op::equal) {
    most_ = std::min(most_, run);
    if (constraint.target == Target::row) info_.idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
  } else {
    share_ *= kRangeShare;
  }
  return false;
}

// SQLite stops by itself when LIMIT is reached; what OFFSET passes over need not be read.
void Planner::take_offset() {
  for (int i = 0; i < info_.nConstraint; ++i)
    if (info_.aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_OFFSET && info_.aConstraint[i].usable)
      return use(i, {Target::row, Op::offset}, true);
}

// Rows come by position, which is also the order of keys: what follows a position decides nothing. False: SQLite sorts.
bool Planner::set_order() {
  if (info_.nOrderBy == 0) return true;
  const bool backward = info_.aOrderBy[0].desc != 0;
  for (int i = 0; i < info_.nOrderBy; ++i) {
    const auto& said = info_.aOrderBy[i];
    if (said.iColumn > 0 || (said.desc != 0) != backward) return false;
    if (said.iColumn < 0) break;
  }
  info_.orderByConsumed = 1;
  info_.idxNum = backward ? kBackward : 0;
  return true;
}

}  // namespace learnedidx::sqlite
