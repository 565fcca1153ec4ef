#include "forks.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace learnedidx::bindings {
namespace {

std::atomic<unsigned> forks{0};     // that lie behind this process
std::atomic<unsigned> changing{0};  // threads that hold a ForksWait
std::atomic<unsigned> forking{0};   // threads that want to fork

void nap() { std::this_thread::sleep_for(std::chrono::microseconds(50)); }

#if defined(_WIN32)
constexpr bool noticed = true;  // there are none
#else
void before_fork() {
  ++forking;
  while (changing > 0) nap();
}
void after_fork_in_parent() { --forking; }
void after_fork_in_child() {
  forking = changing = 0;  // no other thread is there, which might have been between the two lines of begin()
  ++forks;
}
const bool noticed = pthread_atfork(&before_fork, &after_fork_in_parent, &after_fork_in_child) == 0;
#endif

}  // namespace

unsigned forks_behind() noexcept { return forks.load(std::memory_order_relaxed); }
bool forks_are_noticed() noexcept { return noticed; }

// Either this thread sees that one wants to fork, or that one sees this thread.
void ForksWait::begin() noexcept {
  for (;;) {
    ++changing;
    if (forking == 0) return;
    --changing;
    nap();
  }
}
void ForksWait::end() noexcept { --changing; }

}  // namespace learnedidx::bindings
