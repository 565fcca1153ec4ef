// What keeps the writers of a memtable apart: nothing where one thread writes, locks where several do. Readers take none.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include "learnedidx/base/compiler.hpp"

namespace learnedidx {

// A lock for some hundred nanoseconds. Who waits longer gives its processor away, so that a holder that lost its own can go on.
class SpinLock {
 public:
  void lock() noexcept {
    while (held_.exchange(true, std::memory_order_acquire))
      for (unsigned turn = 0; held_.load(std::memory_order_relaxed); ++turn)
        if (turn >= kSpins) std::this_thread::yield();
  }
  void unlock() noexcept { held_.store(false, std::memory_order_release); }

 private:
  static constexpr unsigned kSpins = 100;
  std::atomic<bool> held_{false};
};

struct OneWriter {
  static constexpr bool kMany = false;
  static void lock(SpinLock&) noexcept {}
  static void unlock(SpinLock&) noexcept {}
  // Stores a word that was loaded as `expected`, unless another thread has changed it, whose word is then in `expected`.
  static LIDX_INLINE bool replace(std::atomic<std::uint64_t>& word, std::uint64_t&, std::uint64_t desired) noexcept {
    word.store(desired, std::memory_order_release);
    return true;
  }
  static void add(std::atomic<std::size_t>& number) noexcept {
    number.store(number.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
};

struct ManyWriters {
  static constexpr bool kMany = true;
  static void lock(SpinLock& lock) noexcept { lock.lock(); }
  static void unlock(SpinLock& lock) noexcept { lock.unlock(); }
  static LIDX_INLINE bool replace(std::atomic<std::uint64_t>& word, std::uint64_t& expected, std::uint64_t desired) noexcept {
    return word.compare_exchange_strong(expected, desired, std::memory_order_acq_rel, std::memory_order_acquire);
  }
  static void add(std::atomic<std::size_t>& number) noexcept { number.fetch_add(1, std::memory_order_acq_rel); }
};

}  // namespace learnedidx
