// How SQLite is told what a table can do: which constraints it takes, in which order rows come, and what that costs.
#pragma once

#include <cstdint>
#include <string>

#include "api.hpp"
#include "file.hpp"
#include "search.hpp"

namespace learnedidx::sqlite {

constexpr int kBackward = 1;  // of idxNum: from the last row to the first

// Fills a sqlite3_index_info. idxStr becomes a target and an operation for each argument of xFilter.
class Planner {
 public:
  Planner(Api sqlite3_api, const SortedFile& file, sqlite3_index_info& info) : sqlite3_api(sqlite3_api), file_(file), info_(info) {}

  int plan();

 private:
  void take(int i);
  void take_offset();
  bool is_binary(int i, Target target) const;
  void use(int i, Constraint constraint, bool exact);
  bool estimate(int i, Constraint constraint);
  bool set_order();

  Api sqlite3_api;
  const SortedFile& file_;
  sqlite3_index_info& info_;
  std::string text_;          // becomes idxStr
  bool has_list_ = false;     // an IN was taken; of a second one SQLite checks the rows
  bool exact_ = true;         // the rows that come are those that SQL asks for
  Interval rows_;             // that fulfil what was compared with literals
  double share_ = 1;          // of them that other constraints leave
  double most_ = 0;           // rows that there are at most
};

}  // namespace learnedidx::sqlite
