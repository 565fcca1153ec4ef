// What a fork means for work without the GIL. Knows nothing of Python.
//
// A child of a fork has the memory of its parent and the thread that forked, no other one. So it has to know that
// a fork lies behind it, and what other threads were changing must be whole in it.
#pragma once

namespace learnedidx::bindings {

// How many forks lie between the process that loaded this library and this one.
unsigned forks_behind() noexcept;

// False if the system refused to tell of forks.
bool forks_are_noticed() noexcept;

// While one is held, forks wait: the memory that its thread changes is not whole. Nobody may wait for the GIL
// meanwhile, which the thread that wants to fork holds.
class ForksWait {
 public:
  ForksWait() noexcept { begin(); }
  ~ForksWait() { end(); }
  ForksWait(const ForksWait&) = delete;
  ForksWait& operator=(const ForksWait&) = delete;

  // Lets forks through while work() runs: all is whole.
  template <class Work> auto let_through(Work&& work) {
    end();
    const auto result = work();
    begin();
    return result;
  }

 private:
  static void begin() noexcept;
  static void end() noexcept;
};

}  // namespace learnedidx::bindings
