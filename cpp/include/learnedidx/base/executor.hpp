// Executor: runs the pieces of a pass over many keys, one after another or on several threads at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>

#include "learnedidx/base/cancellation.hpp"

namespace learnedidx {

// By default, and made of a Cancellation, it is the thread that runs the pass. A program with threads of its own sets `run`,
// which calls work(from, count) for pieces that cover [0, total), from any threads, and returns when all are done: false if
// it left some out because the pass is to stop. Pieces are `piece` long, but for the last.
struct Executor {
  using Work = void (*)(void* self, std::size_t from, std::size_t count);

  Cancellation cancellation;
  bool (*run)(void* context, std::size_t total, std::size_t piece, Work work, void* self) = nullptr;
  void* context = nullptr;

  Executor() = default;
  Executor(Cancellation polled) : cancellation(polled) {}

  // Calls work(from, count), which may not throw, for every piece of [0, total); false if stopped.
  template <class Function> bool for_each_piece(std::size_t total, std::size_t piece, Function&& work) const {
    if (run != nullptr && total > piece) {
      using Plain = std::remove_reference_t<Function>;
      return run(context, total, piece, [](void* self, std::size_t from, std::size_t count) {
        (*static_cast<Plain*>(self))(from, count);
      }, std::addressof(work));
    }
    for (std::size_t from = 0; from < total; from += piece) {
      if (from > 0 && cancellation.requested()) return false;
      work(from, std::min(piece, total - from));
    }
    return true;
  }
};

}  // namespace learnedidx
