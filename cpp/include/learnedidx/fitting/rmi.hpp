// An RMI that owns its arrays, while it is trained and after. Arrays stay where they are when it is moved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "learnedidx/base/aligned_table.hpp"
#include "learnedidx/models/rmi.hpp"
#include "learnedidx/training/fit_rmi.hpp"

namespace learnedidx {

struct RmiArrays {
  RmiView view;
  std::vector<std::vector<std::uint64_t>> stages;  // knots, root first
  std::vector<std::size_t> models;                 // models that each stage leads to, the leaves last
  Table<std::uint32_t> leaf_positions;
  GroupErrors errors;
  GroupErrorsView errors_view;  // of them

  RmiArrays() = default;
  RmiArrays(RmiArrays&&) = default;
  RmiArrays& operator=(RmiArrays&&) = default;

  // Takes a stage that leads to `next` models; its knots are made safe and monotone.
  void add_stage(std::vector<std::uint64_t> knots, std::size_t next) {
    make_monotone(knots.data(), knots.size(), next);
    stages.push_back(std::move(knots));  // what the vectors before it hold stays where it is
    view.stages.push_back({stages.back().data(), top_point(next)});
    models.push_back(next);
  }

  std::size_t bytes() const {
    std::size_t total = leaf_positions.size() * sizeof leaf_positions[0] + errors.groups.size() * sizeof errors.groups[0];
    for (const auto& knots : stages) total += knots.size() * sizeof knots[0];
    return total;
  }
};

}  // namespace learnedidx
