// An index over a table of all answers that is filled when the first of them is asked for.
#pragma once

#include <memory>

#include "learnedidx/lookup/index.hpp"
#include "models.hpp"

namespace learnedidx::bindings {

class WaitingIndex final : public AnyIndex {
 public:
  WaitingIndex(Direct& direct, std::unique_ptr<AnyIndex> index) : direct_(direct), index_(std::move(index)) {}

  void search(const Queries& batch, std::size_t from, std::size_t count, bool right, Verb verb, const Kernels& kernels,
              void* out) const noexcept override {
    filled().search(batch, from, count, right, verb, kernels, out);
  }
  std::int64_t search_one(const ScalarQuery& query, bool right, Verb verb, const Kernels& kernels) const noexcept override {
    return filled().search_one(query, right, verb, kernels);
  }
  void bounds(const Queries& batch, std::size_t from, std::size_t count, bool right, std::int64_t* lows,
              std::int64_t* highs) const noexcept override {
    filled().bounds(batch, from, count, right, lows, highs);
  }
  Bounds bounds_one(const ScalarQuery& query, bool right) const noexcept override {
    return filled().bounds_one(query, right);
  }
  Trace trace(const ScalarQuery& query, bool right, const Kernels& kernels) const noexcept override {
    return filled().trace(query, right, kernels);
  }

 private:
  const AnyIndex& filled() const noexcept {
    direct_.fill_once();
    return *index_;
  }

  Direct& direct_;
  std::unique_ptr<AnyIndex> index_;
};

}  // namespace learnedidx::bindings
