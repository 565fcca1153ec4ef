// NumPy arrays <-> raw memory: dtype, contiguity, ownership; and long work without the GIL.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "learnedidx/fit_rmi.hpp"
#include "learnedidx/kernels.hpp"
#include "learnedidx/queries.hpp"

namespace learnedidx::bindings {

namespace py = pybind11;

// The kind of an array that Python has already checked and narrowed.
inline Kind kind_of(const py::dtype& dtype) {
  const char letter = dtype.kind();
  const auto size = dtype.itemsize();
  if (letter == 'b') return Kind::u8;
  if (letter == 'M' || letter == 'm') return Kind::i64;
  const std::string name = letter + std::to_string(size);
  const char* names[kKinds] = {"u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8"};
  for (std::size_t i = 0; i < kKinds; ++i)
    if (name == names[i]) return static_cast<Kind>(i);
  throw py::type_error("the core reads integers, float32, float64, bool and times, not dtype " +
                       std::string(py::str(dtype)));
}

// Contiguous, aligned and native: what the core may read in place.
inline void require_plain(const py::array& array, const char* name) {
  const int needed = py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if ((array.flags() & needed) != needed || array.dtype().byteorder() == '>')
    throw py::value_error(std::string(name) + " must be contiguous, aligned and native-endian");
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

// Kernel row in use; tests switch it.
const Kernels& active_kernels();

// Polls for Ctrl-C at most every 50 ms: taking the GIL oftener would slow the work.
class SignalPoll {
 public:
  bool keep_going() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(50)) return true;
    last_ = now;
    py::gil_scoped_acquire gil;
    return PyErr_CheckSignals() == 0;
  }
  KeepGoing hook() {
    return {[](void* self) { return static_cast<SignalPoll*>(self)->keep_going(); }, this};
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// Runs work(from, count) over [0, total) in pieces, on `threads` threads, without the GIL. The
// calling thread takes part and polls for Ctrl-C between pieces.
template <class Work> void run_pieces(std::size_t total, std::size_t threads, Work&& work) {
  constexpr std::size_t piece = std::size_t{1} << 16;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stopped{false};
  const auto drain = [&](SignalPoll* poll) {
    for (;;) {
      const std::size_t from = next.fetch_add(piece);
      if (from >= total || stopped.load(std::memory_order_relaxed)) return;
      work(from, total - from < piece ? total - from : piece);
      if (poll && from + piece < total && !poll->keep_going()) stopped = true;
    }
  };
  {
    py::gil_scoped_release release;
    SignalPoll poll;
    std::vector<std::thread> helpers;
    const std::size_t useful = (total + piece - 1) / piece;
    for (std::size_t t = 1; t < threads && t < useful; ++t) helpers.emplace_back(drain, nullptr);
    drain(&poll);
    for (auto& helper : helpers) helper.join();
  }
  if (stopped) throw py::error_already_set();
}

// Runs pass(keep_going) -> finished without the GIL; raises what Ctrl-C left behind.
template <class Pass> void run_pass(Pass&& pass) {
  bool finished;
  {
    py::gil_scoped_release release;
    SignalPoll poll;
    finished = pass(poll.hook());
  }
  if (!finished) throw py::error_already_set();
}

}  // namespace learnedidx::bindings
