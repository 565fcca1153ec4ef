// Leaf points of many keys at once, by the kernels of a row.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/models/rmi.hpp"

namespace learnedidx {

// points[i] = leaf_point(keys[i]).
template <class K>
void leaf_points(const K* keys, std::size_t count, const RmiView& rmi, const Kernels& kernels, std::uint64_t* points) {
  if (rmi.pieces.count > 0) {
    kernels.coordinates[key_type_index<K>()](keys, count, rmi.domain, points);
    kernels.piece_points(points, count, rmi.pieces);
  } else {
    kernels.root_points[key_type_index<K>()](keys, count, rmi.domain, rmi.root_bits, points);
  }
  for (const RmiStage& stage : rmi.stages) {
    kernels.stage_points(points, count, stage.knots.aligned());
    if (rmi.guarded)
      for (std::size_t i = 0; i < count; ++i) points[i] = smaller_of(points[i], stage.top);
  }
}

}  // namespace learnedidx
