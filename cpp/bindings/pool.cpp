#include "pool.hpp"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <initializer_list>
#include <mutex>
#include <new>
#include <thread>

#include "forks.hpp"

#if !defined(_WIN32)
#include <pthread.h>
#include <signal.h>
#endif

namespace learnedidx::bindings {

// Never deleted once it has workers: they outlive whatever the end of the process destroys.
struct Pool {
  std::mutex mutex;
  std::condition_variable arrived, left;  // a job came; the last worker left a job
  Helpers* jobs = nullptr;                // oldest first
  std::size_t workers = 0;
  Pool* before = nullptr;  // the pool that a fork left behind, so that leak checkers see it
  const unsigned forks = forks_behind();  // of the process that has its threads

  void add(Helpers& job, std::size_t wanted);
  void remove(Helpers& job);
  void grow(std::size_t wanted) noexcept;
  void serve() noexcept;
};

namespace {

std::atomic<Pool*> current{nullptr};

#if defined(_WIN32)

// Workers of the process leave its signals alone.
struct WithoutSignals {
  WithoutSignals() {}
};

#else

// Threads started meanwhile get no signals but those of their own faults: the others are Python's,
// and one that is sleeping in the main thread has to be woken there.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &before_);
  }
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

#endif

// Has this process the threads of a pool? After a fork its mutex may be locked for ever: it is not touched.
bool is_ours(const Pool* pool) { return pool && pool->forks == forks_behind(); }

// The pool of this process, made when missing; null when there is no memory for one. Takes no lock:
// a fork in another thread could leave it locked in the child.
Pool* pool_of_process() {
  Pool* pool = current.load();
  if (is_ours(pool) || !forks_are_noticed()) return pool;
  Pool* fresh = new (std::nothrow) Pool;
  if (!fresh) return nullptr;
  fresh->before = pool;
  if (current.compare_exchange_strong(pool, fresh)) return fresh;
  delete fresh;
  return pool;
}

}  // namespace

void Pool::grow(std::size_t wanted) noexcept {
  if (workers >= wanted) return;
  [[maybe_unused]] const WithoutSignals quiet;
  try {
    for (; workers < wanted; ++workers) std::thread([this]() noexcept { serve(); }).detach();
  } catch (const std::exception&) {  // no more threads to be had: those there are do the work
  }
}

void Pool::serve() noexcept {
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) {
    Helpers* job = jobs;
    while (job && job->places_ == 0) job = job->next_;
    if (!job) {
      arrived.wait(lock);
      continue;
    }
    --job->places_;
    ++job->inside_;
    lock.unlock();
    job->drain_(job->job_);
    lock.lock();
    job->places_ = 0;  // nothing is left to take on
    if (--job->inside_ == 0) left.notify_all();
  }
}

void Pool::add(Helpers& job, std::size_t wanted) {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    grow(wanted);
    job.places_ = wanted < workers ? wanted : workers;
    Helpers** end = &jobs;
    while (*end) end = &(*end)->next_;
    *end = &job;
  }
  for (std::size_t i = 0; i < wanted; ++i) arrived.notify_one();
}

void Pool::remove(Helpers& job) {
  std::unique_lock<std::mutex> lock(mutex);
  Helpers** place = &jobs;
  while (*place != &job) place = &(*place)->next_;
  *place = job.next_;
  left.wait(lock, [&] { return job.inside_ == 0; });
}

Helpers::Helpers(std::size_t wanted, Drain drain, void* job) noexcept : drain_(drain), job_(job) {
  if (wanted == 0) return;
  pool_ = pool_of_process();
  if (pool_) pool_->add(*this, wanted);
}

bool Helpers::leave() noexcept {
  Pool* pool = pool_;
  pool_ = nullptr;
  if (!pool) return true;
  if (!is_ours(pool)) return false;
  pool->remove(*this);
  return true;
}

}  // namespace learnedidx::bindings
