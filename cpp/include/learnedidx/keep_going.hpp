// The question that long passes ask now and then: shall I go on?
#pragma once

namespace learnedidx {

struct KeepGoing {
  bool (*poll)(void*) = nullptr;
  void* context = nullptr;
  bool operator()() const { return poll == nullptr || poll(context); }
};

}  // namespace learnedidx
