// The question that long passes ask now and then: shall I go on?
#pragma once

#include <cstddef>

namespace learnedidx {

struct KeepGoing {
  bool (*poll)(void*) = nullptr;
  void* context = nullptr;
  bool operator()() const { return poll == nullptr || poll(context); }
};

// Asks it every 2^16 steps: asking may take as long as a step.
class AskSeldom {
 public:
  explicit AskSeldom(KeepGoing keep_going) : keep_going_(keep_going) {}

  // Shall I go on, `steps` further than when I asked last?
  bool operator()(std::size_t steps) {
    if ((walked_ += steps) < kSteps) return true;
    walked_ = 0;
    return keep_going_();
  }

 private:
  static constexpr std::size_t kSteps = std::size_t{1} << 16;
  KeepGoing keep_going_;
  std::size_t walked_ = 0;
};

}  // namespace learnedidx
