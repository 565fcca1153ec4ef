// Long work without the GIL, which asks for Ctrl-C now and then.
#pragma once

#include <Python.h>

#include <chrono>
#include <thread>

#include "forks.hpp"
#include "learnedidx/base/cancellation.hpp"

namespace learnedidx::bindings {

// Calls what may wait for the GIL and throws nothing itself. While Python ends, waiting for the GIL unwinds a
// daemon thread. C++ answers that with an abort where nothing may be thrown, and destructors would change objects
// without the GIL; such a thread sleeps here instead.
template <class Call> auto sleep_if_python_ends(Call&& call) {
  try {
    return call();
  } catch (...) {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }
}

// Gives up the GIL for its lifetime.
class WithoutGil {
 public:
  WithoutGil() : state_(PyEval_SaveThread()) {}
  ~WithoutGil() { take_back(); }
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;

  bool no_signal_pending() {
    take_back();
    const bool none = PyErr_CheckSignals() == 0;
    state_ = PyEval_SaveThread();
    return none;
  }

 private:
  void take_back() {
    sleep_if_python_ends([this] { PyEval_RestoreThread(state_); });
  }

  PyThreadState* state_;
};

// Says every 50 ms that it is time to ask for Ctrl-C: taking the GIL oftener would slow the work. It runs from the
// first question on, which short work never comes to.
class PollClock {
 public:
  bool is_due() {
    const auto now = std::chrono::steady_clock::now();
    if (last_ == std::chrono::steady_clock::time_point{}) last_ = now;
    if (now - last_ < std::chrono::milliseconds(50)) return false;
    last_ = now;
    return true;
  }

 private:
  std::chrono::steady_clock::time_point last_;
};

// Polls for Ctrl-C.
class SignalPoll {
 public:
  explicit SignalPoll(WithoutGil& gil) : gil_(gil) {}

  bool may_continue() { return !clock_.is_due() || gil_.no_signal_pending(); }
  Cancellation hook() {
    return {[](void* self) { return static_cast<SignalPoll*>(self)->may_continue(); }, this};
  }

 private:
  WithoutGil& gil_;
  PollClock clock_;
};

// The same in a change of shared memory, during which forks wait, but for the moments in which it polls.
class ChangePoll {
 public:
  explicit ChangePoll(WithoutGil& gil) : gil_(gil) {}

  bool may_continue() {
    return !clock_.is_due() || forks_.let_through([this] { return gil_.no_signal_pending(); });
  }
  Cancellation hook() {
    return {[](void* self) { return static_cast<ChangePoll*>(self)->may_continue(); }, this};
  }

 private:
  WithoutGil& gil_;
  PollClock clock_;
  ForksWait forks_;
};

// The same in a loop that needs the GIL: other threads run meanwhile, and may change what it reads.
class GilPoll {
 public:
  bool may_continue() { return !clock_.is_due() || WithoutGil().no_signal_pending(); }

 private:
  PollClock clock_;
};

}  // namespace learnedidx::bindings
