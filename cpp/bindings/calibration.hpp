// Which cache prefetches fill: decided once a process, by the first large batch, on its own pieces.
#pragma once

#include <cstddef>
#include <ctime>

#include "arrays.hpp"

namespace learnedidx::bindings {

// Answers pieces of one batch by the row in use. While nothing is decided and the batch is large,
// pieces take turns with both hints and are timed, in pairs: what slows the machine down meets both of a pair. The hint that
// is faster in every pair is then used by all batches of the process. Answers do not depend on it. For one thread.
class Calibration {
 public:
  // key_bytes: keys that fit into the caches tell nothing.
  Calibration(std::size_t queries, std::size_t key_bytes)
      : open_(!hint_is_decided() && queries >= kPieces * kPiece && key_bytes >= kLargeKeys) {}

  // Calls search(row) for a piece of `count` queries.
  template <class Search> void run(std::size_t count, Search&& search) {
    if (!open_ || count < kPiece) return search(active_kernels());
    const Hint hint = (done_ + 1) / 2 % 2 ? Hint::l1 : Hint::l2;  // each is first in every other pair
    const std::clock_t before = std::clock();  // of the process, which may have to wait for a processor
    search(active_kernels(hint));
    note(hint, std::clock() - before);
  }

 private:
  static constexpr std::size_t kPiece = std::size_t{1} << 16;  // what run_pieces hands to one thread
  static constexpr std::size_t kPieces = 8;                    // a batch that is nearly a tie is left open, for the next one
  static constexpr std::size_t kLargeKeys = std::size_t{1} << 25;

  void note(Hint hint, std::clock_t time) {
    if (++done_ % 2) return static_cast<void>(first_ = time);
    near_wins_ += static_cast<std::size_t>((time < first_) == (hint == Hint::l1));
    if (done_ < kPieces) return;
    open_ = false;
    if (near_wins_ == kPieces / 2) decide_hint(Hint::l1);
    else if (near_wins_ == 0) decide_hint(Hint::l2);
  }

  bool open_;
  std::size_t done_ = 0, near_wins_ = 0;
  std::clock_t first_ = 0;  // time of the first of a pair
};

}  // namespace learnedidx::bindings
