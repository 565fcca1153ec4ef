// NumPy arrays <-> raw memory: dtype, contiguity, ownership; and long work without the GIL.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "learnedidx/base/executor.hpp"
#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/keys/queries.hpp"
#include "pool.hpp"
#include "without_gil.hpp"

namespace learnedidx::bindings {

namespace py = pybind11;

// The letter that NumPy has for numbers of a family.
template <class K> constexpr char kLetter = kIsReal<K> ? 'f' : std::is_signed_v<K> ? 'i' : 'u';

template <class... K> bool find_key_type(char letter, std::size_t bytes, KeyType& kind, TypeList<K...>) {
  return ((letter == kLetter<K> && bytes == sizeof(K) && (kind = KeyTypeOf<K>::value, true)) || ...);
}

// The key type of NumPy's numbers of a family and size, bool among them. False: there is none.
inline bool find_key_type(char letter, std::size_t bytes, KeyType& kind) {
  return find_key_type(letter == 'b' ? 'u' : letter, bytes, kind, KeyTypes{});
}

// The kind of an array that Python has already checked and narrowed.
inline KeyType kind_of(const py::dtype& dtype) {
  const char letter = dtype.kind();
  KeyType kind = KeyType::i64;
  if (letter == 'M' || letter == 'm' || find_key_type(letter, static_cast<std::size_t>(dtype.itemsize()), kind)) return kind;
  throw py::type_error("the core reads integers, float32, float64, bool and times, not dtype " +
                       std::string(py::str(dtype)));
}

// Contiguous, aligned and native: what the core may read in place.
inline void require_plain(const py::array& array, const char* name) {
  const int needed = py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if ((array.flags() & needed) != needed || array.dtype().byteorder() == '>')
    throw py::value_error(std::string(name) + " must be contiguous, aligned and native-endian");
}

// An array that answers are written to.
inline void require_out(const py::array& out, py::ssize_t total, py::ssize_t itemsize) {
  require_plain(out, "out");
  if (!out.writeable() || out.size() != total || out.itemsize() != itemsize)
    throw py::value_error("out: wrong size or read-only");
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
  Pieces(std::size_t total, std::size_t size) : total_(total), size_(size) {}

  // Calls work(from, count) until no piece is left, or may_continue() between two pieces is false.
  template <class Work, class MayContinue> void drain(Work& work, MayContinue&& may_continue) {
    for (;;) {
      const std::size_t from = next_.fetch_add(size_);
      if (from >= total_ || stopped_.load(std::memory_order_relaxed)) return;
      work(from, total_ - from < size_ ? total_ - from : size_);
      if (from + size_ < total_ && !may_continue()) stopped_ = true;
    }
  }

  // The same with the help of at most so many other threads. The calling thread takes part and alone asks may_continue().
  template <class Work, class MayContinue> void drain_with(std::size_t helpers, Work& work, MayContinue&& may_continue) {
    auto help = [&]() noexcept { drain(work, [] { return true; }); };
    Helpers others(helpers, [](void* job) noexcept { (*static_cast<decltype(help)*>(job))(); }, &help);
    drain(work, may_continue);
    if (others.leave()) return;
    next_ = 0;  // the child of a fork that a signal handler made
    drain(work, may_continue);
  }

  bool stopped() const { return stopped_; }

 private:
  std::size_t total_, size_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
};

// Queries a piece: alone, as many as Ctrl-C allows; else eight pieces for each thread, so that the others are not kept
// waiting long by the last.
inline std::size_t queries_a_piece(std::size_t total, std::size_t threads) {
  constexpr std::size_t least = 2 * kQueryBlock, most = std::size_t{1} << 16;
  if (threads <= 1) return most;
  const std::size_t size = total / (8 * threads) / kQueryBlock * kQueryBlock;
  return size < least ? least : (size < most ? size : most);
}

// Runs work(from, count) over [0, total) queries in pieces, on `threads` threads if each has enough to do, without the GIL. The
// calling thread takes part and polls for Ctrl-C between pieces.
template <class Work> void run_pieces(std::size_t total, std::size_t threads, Work&& work) {
  constexpr std::size_t enough = std::size_t{1} << 13;
  const std::size_t useful = std::min(total / enough, threads);
  Pieces pieces(total, queries_a_piece(total, threads));
  {
    WithoutGil released;
    SignalPoll poll(released);
    pieces.drain_with(useful > 0 ? useful - 1 : 0, work, [&] { return poll.may_continue(); });
  }
  if (pieces.stopped()) throw py::error_already_set();
}

// The same in blocks of at most kQueryBlock.
template <class Work> void run_blocks(std::size_t total, std::size_t threads, Work&& work) {
  run_pieces(total, threads, [&](std::size_t from, std::size_t count) {
    for (const std::size_t end = from + count; from < end; from += kQueryBlock) work(from, std::min(kQueryBlock, end - from));
  });
}

// position(value, fit) of each query, of any format that can be compared with keys of a kind: the smallest value of their
// format that is not below the query, and how it fits.
template <class Position>
py::array_t<double> predict_each(KeyType kind, const py::array& queries, const py::object& scale, Position&& position) {
  const Queries batch = batch_of(queries, scale);
  py::array_t<double> out(queries.size());
  double* target = out.mutable_data();
  run_blocks(static_cast<std::size_t>(queries.size()), 1, [&](std::size_t from, std::size_t count) {
    visit_key_type(kind, [&](auto tag) {
      QueryBlock<decltype(tag)> block;
      load_block(batch, from, count, false, block);
      for (std::size_t i = 0; i < count; ++i) target[from + i] = position(block.values[i], block.fits[i]);
    });
  });
  return out;
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

// The same for a pass over many keys, pass(executor), whose pieces `threads` threads take.
template <class Pass> void run_pass(std::size_t threads, Pass&& pass) {
  run_pass([&](Cancellation cancellation) {
    Executor executor(cancellation);
    std::pair<std::size_t, Cancellation> job(threads, cancellation);
    executor.context = &job;
    if (threads > 1)
      executor.run = [](void* context, std::size_t total, std::size_t piece, Executor::Work work, void* self) {
        const auto& [most, polled] = *static_cast<decltype(job)*>(context);
        const auto one = [&](std::size_t from, std::size_t count) { work(self, from, count); };
        Pieces pieces(total, piece);
        pieces.drain_with(std::min(most, (total - 1) / piece + 1) - 1, one, [&] { return !polled.requested(); });
        return !pieces.stopped();
      };
    return pass(executor);
  });
}

}  // namespace learnedidx::bindings
