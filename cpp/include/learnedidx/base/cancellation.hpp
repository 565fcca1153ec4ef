// Cancellation: how a long pass finds out, now and then, that it is to stop.
#pragma once

#include <cstddef>

namespace learnedidx {

// poll(context) returns false to stop the pass. It is called from the thread that runs the pass.
struct Cancellation {
  bool (*poll)(void*) = nullptr;
  void* context = nullptr;
  bool requested() const { return poll != nullptr && !poll(context); }
};

// Polls every 2^16 steps: polling may take as long as a step.
class SeldomPoll {
 public:
  explicit SeldomPoll(Cancellation cancellation) : cancellation_(cancellation) {}

  // Whether the pass may go on, `steps` further than at the last call.
  bool may_continue(std::size_t steps) {
    if ((walked_ += steps) < kSteps) return true;
    walked_ = 0;
    return !cancellation_.requested();
  }

 private:
  static constexpr std::size_t kSteps = std::size_t{1} << 16;
  Cancellation cancellation_;
  std::size_t walked_ = 0;
};

}  // namespace learnedidx
