// Which cache prefetches fill: decided once a process, by the first large batch, on its own pieces.
#pragma once

#include <chrono>
#include <cstddef>

#include "arrays.hpp"

namespace learnedidx::bindings {

// Answers pieces of one batch by the row in use. While nothing is decided and the batch is large,
// pieces take turns with both hints and are timed; the hint that is clearly faster is then used by
// all batches of the process. Answers do not depend on it. For one thread.
class Calibration {
 public:
  // key_bytes: keys that fit into the caches tell nothing.
  Calibration(std::size_t queries, std::size_t key_bytes)
      : open_(!hint_is_decided() && queries >= kPieces * kPiece && key_bytes >= kLargeKeys) {}

  // Calls search(row) for a piece of `count` queries.
  template <class Search> void run(std::size_t count, Search&& search) {
    if (!open_ || count < kPiece) return search(active_kernels());
    const Hint hint = done_ % 2 ? Hint::l1 : Hint::l2;
    const auto before = std::chrono::steady_clock::now();
    search(active_kernels(hint));
    note(hint, std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
  }

 private:
  static constexpr std::size_t kPiece = std::size_t{1} << 16;  // what run_pieces hands to one thread
  static constexpr std::size_t kPieces = 8;                    // four times each, the fastest counts
  static constexpr std::size_t kLargeKeys = std::size_t{1} << 25;
  static constexpr double kClear = 0.97;                       // nearer times are noise: ask again

  void note(Hint hint, double seconds) {
    double& best = hint == Hint::l1 ? best_near_ : best_far_;
    best = done_ < 2 || seconds < best ? seconds : best;
    if (++done_ < kPieces) return;
    open_ = false;
    if (best_near_ < kClear * best_far_) decide_hint(Hint::l1);
    else if (best_far_ < kClear * best_near_) decide_hint(Hint::l2);
  }

  bool open_;
  std::size_t done_ = 0;
  double best_near_ = 0, best_far_ = 0;
};

}  // namespace learnedidx::bindings
