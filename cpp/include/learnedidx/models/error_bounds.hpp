// Error bounds: how far predictions lie from the truth, and where lookups read them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "learnedidx/base/unaligned_array.hpp"

namespace learnedidx {

// over = max(prediction - i) and under = max(i + 1 - prediction) over the keys i of a group of
// neighbouring leaves. Predictions never decrease and stay inside their leaf, so for every query of
// the group, present or absent, prediction - over <= lower_bound <= prediction + under.
struct ErrorBounds {
  std::int64_t over = 0, under = 0;

  void widen(std::int64_t ahead) {
    over = ahead > over ? ahead : over;
    under = 1 - ahead > under ? 1 - ahead : under;
  }
};

constexpr std::size_t kErrorGroups = 256;  // enough to tell easy from hard regions, in 4 KiB

// The leaves of a group are 2^group_shift(leaves).
inline unsigned group_shift(std::size_t n_leaves) {
  unsigned shift = 0;
  while ((n_leaves - 1) >> shift >= kErrorGroups) ++shift;
  return shift;
}

inline std::size_t groups_of(std::size_t n_leaves) { return ((n_leaves - 1) >> group_shift(n_leaves)) + 1; }

// The errors of all groups, wherever they lie.
struct GroupErrorsView {
  unsigned shift = 0;
  UnalignedArray<ErrorBounds> groups;

  // No error is as large as 2^48 keys: what is larger was damaged.
  ErrorBounds of_leaf(std::uint64_t leaf) const {
    const ErrorBounds errors = groups[leaf >> shift];
    return {kept(errors.over), kept(errors.under)};
  }

 private:
  static std::int64_t kept(std::int64_t error) {
    constexpr std::int64_t most = std::int64_t{1} << 48;
    return error < 0 ? 0 : (error < most ? error : most);
  }
};

}  // namespace learnedidx
