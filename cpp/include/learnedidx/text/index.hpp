// An index over byte strings behind the handle that all indexes have.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "learnedidx/lookup/index.hpp"
#include "learnedidx/text/hash_table.hpp"
#include "learnedidx/text/search.hpp"

namespace learnedidx {

// Borrows the layers, the keys and the kernels that find bounds. Queries are strings; there is no nearest one.
class StringIndex final : public AnyIndex {
 public:
  StringIndex(const LayersView& layers, const Kernels& kernels) : layers_(layers), kernels_(kernels) {}

  void search(const Queries& batch, std::size_t from, std::size_t count, bool right, Verb verb, const Kernels& kernels,
              void* out) const noexcept override {
    if (!batch.strings) return;
    if (verb == Verb::contains) return contains(*batch.strings, from, count, kernels, static_cast<std::uint8_t*>(out));
    if (verb == Verb::find && layers_.table) return find_equal(*batch.strings, from, count, static_cast<std::int64_t*>(out) + from);
    auto* positions = static_cast<std::int64_t*>(out) + from;
    std::uint8_t equal[kStringBlock];
    for (std::size_t done = 0; done < count; done += kStringBlock) {
      const std::size_t size = std::min(count - done, kStringBlock);
      const Found found{positions + done, verb == Verb::find ? equal : nullptr};
      lower_bound_batch(layers_, kernels, *batch.strings, from + done, size, right, found);
      for (std::size_t i = 0; verb != Verb::position && i < size; ++i)
        positions[done + i] = settled(verb, positions[done + i], equal[i]);
    }
  }

  std::int64_t search_one(const ScalarQuery& query, bool right, Verb verb, const Kernels& kernels) const noexcept override {
    if (layers_.table && (verb == Verb::find || verb == Verb::contains)) {
      const std::int64_t found = find_one(query.string);
      return verb == Verb::find ? found : std::int64_t{found >= 0};
    }
    std::int64_t position = 0;
    std::uint8_t equal = 0;
    lower_bound_batch(layers_, kernels, strings_of(query.string), 0, 1, right, {&position, &equal});
    return verb == Verb::contains ? std::int64_t{equal} : settled(verb, position, equal);
  }

  // The answers: what the layers leave open takes one comparison.
  void bounds(const Queries& batch, std::size_t from, std::size_t count, bool right, std::int64_t* lows,
              std::int64_t* highs) const noexcept override {
    search(batch, from, count, right, Verb::position, kernels_, lows);
    std::copy_n(lows + from, count, highs + from);
  }
  Bounds bounds_one(const ScalarQuery& query, bool right) const noexcept override {
    const std::int64_t position = search_one(query, right, Verb::position, kernels_);
    return {position, position};
  }

  Trace trace(const ScalarQuery& query, bool right, const Kernels& kernels) const noexcept override {
    Trace t;
    lower_bound_batch(layers_, kernels, strings_of(query.string), 0, 1, right, {&t.answer, nullptr}, Tracer(t));
    return t;
  }

 private:
  std::int64_t settled(Verb verb, std::int64_t position, std::uint8_t equal) const {
    if (verb == Verb::pad) return position - 1;
    const bool missing = verb == Verb::backfill ? position == static_cast<std::int64_t>(layers_.keys.n)
                                                : verb == Verb::find && equal == 0;
    return missing ? -1 : position;
  }

  void contains(const Strings& queries, std::size_t from, std::size_t count, const Kernels& kernels,
                std::uint8_t* out) const noexcept {
    std::int64_t positions[kStringBlock];
    for (const std::size_t end = from + count; from < end; from += kStringBlock) {
      const std::size_t size = std::min(end - from, kStringBlock);
      if (layers_.table) {
        find_equal(queries, from, size, positions);
        for (std::size_t i = 0; i < size; ++i) out[from + i] = static_cast<std::uint8_t>(positions[i] >= 0);
      } else {
        lower_bound_batch(layers_, kernels, queries, from, size, false, {positions, out + from});
      }
    }
  }

  void find_equal(const Strings& queries, std::size_t from, std::size_t count, std::int64_t* positions) const noexcept {
    visit_strings(layers_.keys, [&](const auto& keys) {
      in_blocks<kStringBlock>(queries, from, count, layers_.keys.trims, [&](const Slice* block, std::size_t size, std::size_t done) {
        layers_.table->find(keys, layers_.keys.n, block, size, positions + done);
      });
    });
  }

  std::int64_t find_one(const Slice& query) const noexcept {
    const Slice asked = layers_.keys.trims ? trimmed(query) : query;
    return visit_strings(layers_.keys, [&](const auto& keys) { return layers_.table->find_one(keys, layers_.keys.n, asked); });
  }

  const LayersView& layers_;
  const Kernels& kernels_;
};

}  // namespace learnedidx
