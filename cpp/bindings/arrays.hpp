// NumPy arrays <-> raw memory: dtype, contiguity, ownership; and long work without the GIL.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <atomic>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/keys/queries.hpp"
#include "pool.hpp"
#include "without_gil.hpp"

namespace learnedidx::bindings {

namespace py = pybind11;

// The kind of an array that Python has already checked and narrowed.
inline KeyType kind_of(const py::dtype& dtype) {
  const char letter = dtype.kind();
  const auto size = dtype.itemsize();
  if (letter == 'b') return KeyType::u8;
  if (letter == 'M' || letter == 'm') return KeyType::i64;
  const std::string name = letter + std::to_string(size);
  const char* names[kKeyTypes] = {"u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8"};
  for (std::size_t i = 0; i < kKeyTypes; ++i)
    if (name == names[i]) return static_cast<KeyType>(i);
  throw py::type_error("the core reads integers, float32, float64, bool and times, not dtype " +
                       std::string(py::str(dtype)));
}

// Contiguous, aligned and native: what the core may read in place.
inline void require_plain(const py::array& array, const char* name) {
  const int needed = py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if ((array.flags() & needed) != needed || array.dtype().byteorder() == '>')
    throw py::value_error(std::string(name) + " must be contiguous, aligned and native-endian");
}

// The time scale as Python sends it: None, or (factor, divisor, calendar, factor, divisor).
inline Queries batch_of(const py::array& queries, const py::object& scale) {
  require_plain(queries, "v");
  Queries batch;
  batch.data = queries.data();
  batch.kind = kind_of(queries.dtype());
  batch.times = queries.dtype().kind() == 'M' || queries.dtype().kind() == 'm';
  if (scale.is_none()) return batch;
  const auto parts = scale.cast<std::tuple<std::int64_t, std::int64_t, int, std::int64_t, std::int64_t>>();
  batch.scale = {std::get<0>(parts), std::get<1>(parts), static_cast<TimeScale::Calendar>(std::get<2>(parts)),
                 std::get<3>(parts), std::get<4>(parts)};
  if (batch.scale.factor < 1 || batch.scale.divisor < 1 || batch.scale.calendar_factor < 1 ||
      batch.scale.calendar_divisor < 1)
    throw py::value_error("scale: factors and divisors are at least 1");
  return batch;
}

// A read-only array over memory that `owner` keeps alive. Its base is no array, so it cannot be
// made writeable again.
template <class T, class Owner>
py::array read_only_view(const T* data, std::vector<py::ssize_t> shape, std::shared_ptr<Owner> owner) {
  py::capsule keeper(new std::shared_ptr<Owner>(std::move(owner)),
                     [](void* p) { delete static_cast<std::shared_ptr<Owner>*>(p); });
  py::array array(py::dtype::of<T>(), std::move(shape), data, keeper);
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

// Kernel row in use, with the hint that is decided or with any; tests switch it.
const Kernels& active_kernels();
const Kernels& active_kernels(Hint hint);
bool hint_is_decided();
void decide_hint(Hint hint);

// [0, total) in pieces that several threads take one after another.
class Pieces {
 public:
  Pieces(std::size_t total, std::size_t threads) : total_(total), size_(piece_size(total, threads)) {}

  // How many helpers beside the calling thread are worth waking: each thread has enough to do.
  std::size_t useful_helpers(std::size_t threads) const {
    constexpr std::size_t enough = std::size_t{1} << 13;
    const std::size_t useful = total_ / enough < threads ? total_ / enough : threads;
    return useful > 0 ? useful - 1 : 0;
  }

  // Calls work(from, count) until no piece is left, or may_continue() between two pieces is false.
  template <class Work, class MayContinue> void drain(Work& work, MayContinue&& may_continue) {
    for (;;) {
      const std::size_t from = next_.fetch_add(size_);
      if (from >= total_ || stopped_.load(std::memory_order_relaxed)) return;
      work(from, total_ - from < size_ ? total_ - from : size_);
      if (from + size_ < total_ && !may_continue()) stopped_ = true;
    }
  }

  void start_again() { next_ = 0; }
  bool stopped() const { return stopped_; }

 private:
  // Alone, as large as Ctrl-C allows; else eight for each thread, so that the others are not kept
  // waiting long by the last.
  static std::size_t piece_size(std::size_t total, std::size_t threads) {
    constexpr std::size_t least = 2 * kQueryBlock, most = std::size_t{1} << 16;
    if (threads <= 1) return most;
    const std::size_t size = total / (8 * threads) / kQueryBlock * kQueryBlock;
    return size < least ? least : (size < most ? size : most);
  }

  std::size_t total_, size_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
};

// Runs work(from, count) over [0, total) in pieces, on `threads` threads, without the GIL. The
// calling thread takes part and polls for Ctrl-C between pieces.
template <class Work> void run_pieces(std::size_t total, std::size_t threads, Work&& work) {
  Pieces pieces(total, threads);
  auto help = [&]() noexcept { pieces.drain(work, [] { return true; }); };
  {
    WithoutGil released;
    SignalPoll poll(released);
    const auto may_continue = [&] { return poll.may_continue(); };
    Helpers helpers(pieces.useful_helpers(threads),
                    [](void* job) noexcept { (*static_cast<decltype(help)*>(job))(); }, &help);
    pieces.drain(work, may_continue);
    if (!helpers.leave()) {  // the child of a fork that a signal handler made
      pieces.start_again();
      pieces.drain(work, may_continue);
    }
  }
  if (pieces.stopped()) throw py::error_already_set();
}

// Runs pass(cancellation) -> finished without the GIL; raises what Ctrl-C left behind.
template <class Pass> void run_pass(Pass&& pass) {
  bool finished;
  {
    WithoutGil released;
    SignalPoll poll(released);
    finished = pass(poll.hook());
  }
  if (!finished) throw py::error_already_set();
}

}  // namespace learnedidx::bindings
