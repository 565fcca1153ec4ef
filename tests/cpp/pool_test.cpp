#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "pool.hpp"

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

using learnedidx::bindings::Helpers;

namespace {

// Adds up [0, total), a few numbers at a time.
struct Sum {
  std::size_t total;
  std::atomic<std::size_t> next{0}, sum{0};

  explicit Sum(std::size_t numbers) : total(numbers) {}

  static void drain(void* job) noexcept { static_cast<Sum*>(job)->run(); }

  void run() {
    for (;;) {
      const std::size_t from = next.fetch_add(8);
      if (from >= total) return;
      std::size_t part = 0;
      for (std::size_t i = from; i < from + 8 && i < total; ++i) part += i;
      sum += part;
    }
  }
};

// Do `helpers` workers and this thread find the sum?
bool right(std::size_t total, std::size_t helpers) {
  Sum job(total);
  Helpers help(helpers, &Sum::drain, &job);
  job.run();
  return help.leave() && job.sum == total * (total - 1) / 2;
}

// A job that holds every thread that takes part until `wanted` of them are inside.
struct Meeting {
  std::size_t wanted;
  std::atomic<std::size_t> inside{0};

  explicit Meeting(std::size_t threads) : wanted(threads) {}

  static void drain(void* job) noexcept {
    auto* meeting = static_cast<Meeting*>(job);
    ++meeting->inside;
    while (meeting->inside < meeting->wanted) std::this_thread::yield();
  }
};

// Returns when `helpers` workers and this thread were in one job at the same time.
bool all_come(std::size_t helpers) {
  Meeting job(helpers + 1);
  Helpers help(helpers, &Meeting::drain, &job);
  Meeting::drain(&job);
  return help.leave() && job.inside == helpers + 1;
}

}  // namespace

TEST_CASE("the work is done whole, whoever helps") {
  for (const std::size_t helpers : {0u, 1u, 2u, 3u, 17u})
    for (const std::size_t total : {1u, 7u, 8u, 9u, 1000u, 100'000u}) CHECK(right(total, helpers));
}

TEST_CASE("as many workers come as were asked for") {
  for (const std::size_t helpers : {1, 4, 2, 8}) CHECK(all_come(helpers));
}

TEST_CASE("a pool that is busy elsewhere delays nobody") {
  Meeting busy(1000);  // never that many: its workers stay inside until it is let go
  Helpers held(8, &Meeting::drain, &busy);
  while (busy.inside < 8) std::this_thread::yield();
  CHECK(right(100'000, 8));
  busy.inside = 1000;
  REQUIRE(held.leave());
}

TEST_CASE("many threads bring jobs at once, and jobs inside jobs") {
  std::atomic<int> failures{0};
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < 6; ++caller) {
    callers.emplace_back([&failures, caller] {
      for (std::size_t i = 0; i < 300; ++i) {
        Sum outer(4000);
        Helpers help(1 + caller % 3, &Sum::drain, &outer);
        failures += !right(1 + i * 17, caller);
        outer.run();
        failures += !help.leave();
        failures += outer.sum != 4000 * 3999 / 2;
      }
    });
  }
  for (auto& caller : callers) caller.join();
  CHECK(failures == 0);
}

TEST_CASE("leave may be called again, and the destructor leaves too") {
  Sum job(100);
  {
    Helpers help(2, &Sum::drain, &job);
    job.run();
    CHECK(help.leave());
    CHECK(help.leave());
  }
  Sum other(100);
  {
    const Helpers help(2, &Sum::drain, &other);
    other.run();
  }
  CHECK(other.sum == job.sum);
}

#if !defined(_WIN32)
namespace {

// What the child of a fork answers; the alarm ends one that hangs.
template <class F> int exit_status(F&& child) {
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    alarm(20);
    _exit(child() ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  return status;
}

}  // namespace

TEST_CASE("fork: children have pools of their own, and their children") {
  CHECK(right(10'000, 3));
  for (int i = 0; i < 20; ++i)
    CHECK(exit_status([] {
            return all_come(3) && exit_status([] { return right(10'000, 2) && all_come(2); }) == 0;
          }) == 0);
  CHECK(right(10'000, 3));
}

TEST_CASE("fork: at any moment of other threads' jobs") {
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 3; ++caller)
    callers.emplace_back([&] {
      while (!stop) failures += !right(2000, 2);
    });
  for (int i = 0; i < 60; ++i) CHECK(exit_status([] { return right(10'000, 2); }) == 0);
  stop = true;
  for (auto& caller : callers) caller.join();
  CHECK(failures == 0);
}

TEST_CASE("fork: by the thread that brought a job, before it left") {
  Sum job(1'000'000);
  Helpers help(2, &Sum::drain, &job);
  const int status = exit_status([&] {
    if (help.leave()) return false;  // the helpers of this job live in the other process
    job.next = 0;
    job.sum = 0;
    job.run();
    return job.sum == std::size_t{1'000'000} * 999'999 / 2 && right(10'000, 2);
  });
  CHECK(status == 0);
  job.run();
  CHECK(help.leave());
  CHECK(job.sum == std::size_t{1'000'000} * 999'999 / 2);
}
#endif
