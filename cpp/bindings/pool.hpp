// Worker threads that the whole process shares. Knows nothing of Python.
//
// The pool comes into being with the first job that asks for help, grows to the most helpers that
// one job asked for, and is never taken down: idle workers sleep, and the end of the process ends
// them. Any number of threads may bring jobs at once: each takes part in its own, so a pool that is
// busy elsewhere delays nobody. After a fork the child leaves the pool alone, whose threads it does
// not have, and makes one of its own when it needs it.
#pragma once

#include <cstddef>

namespace learnedidx::bindings {

// Takes on pieces of a job until none is left. Several threads run it at once.
using Drain = void (*)(void* job) noexcept;

struct Pool;

// Lends a job the help of at most `wanted` workers, from here to the end of leave(). Fewer come when
// others are busy or no more threads are to be had: the thread that brings the job has to drain it
// as well. Lives on the stack of that thread.
class Helpers {
 public:
  Helpers(std::size_t wanted, Drain drain, void* job) noexcept;
  ~Helpers() { leave(); }
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;

  // Lets no more workers in and waits until those inside have finished their pieces. Call it when
  // there is nothing left to take on. False in a process that this thread forked meanwhile, from a
  // signal handler: what workers had taken on is lost, and all of the job is to be done again.
  bool leave() noexcept;

 private:
  friend struct Pool;

  Drain drain_;
  void* job_;
  Pool* pool_ = nullptr;  // null: nobody helps, or leave() was called
  Helpers* next_ = nullptr;
  std::size_t places_ = 0;  // workers that may still come
  std::size_t inside_ = 0;  // workers that came and did not leave yet
};

}  // namespace learnedidx::bindings
