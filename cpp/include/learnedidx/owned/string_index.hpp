// How an Index<Bytes> is built, opened, verified and saved, and its lookups of many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "learnedidx/base/compiled.hpp"
#include "learnedidx/owned/number_index.hpp"
#include "learnedidx/owned/strings.hpp"

namespace learnedidx {
namespace owned_detail {

inline void use(Engine<std::uint64_t>& engine, const Fitted<std::uint64_t>& fitted) {
  switch (fitted.model) {
    case Choice::rmi: engine.rmi = &fitted.rmi.view, engine.model = Model::rmi; return;
    case Choice::pgm: engine.pgm = &fitted.pgm.view, engine.model = Model::pgm; return;
    case Choice::radix_spline: engine.spline = &fitted.spline.view, engine.model = Model::radix_spline; return;
    case Choice::btree:
      if (engine.n < kWindowKeys<std::uint64_t>) return;
      engine.tree = &fitted.tree.view;
      engine.frame = fitted.tree.view.frame;
      engine.model = Model::btree;
      return;
    case Choice::automatic:
    case Choice::none:
    case Choice::direct: return;
  }
}

// Strings as files have them: of one width, or behind offsets of 64 bits that begin at 0. Others are copied.
struct StoredColumn {
  Strings strings;
  std::vector<std::int64_t> starts;
  std::vector<std::uint8_t> data;

  StoredColumn(const Strings& keys, StoredStrings& said) : strings(keys) {
    if (keys.layout == Layout::fixed && keys.width > 0) {
      said.layout = static_cast<std::uint8_t>(keys.trims ? StoredLayout::trimmed : StoredLayout::fixed);
      said.width = static_cast<std::uint32_t>(keys.width);
      return;
    }
    const auto given = UnalignedArray<std::uint64_t>::at(keys.starts);
    if (keys.layout != Layout::offsets64 || keys.n == 0 || given[0] != 0 || given[keys.n] > keys.size) copy(keys);
    strings.size = static_cast<std::size_t>(UnalignedArray<std::uint64_t>::at(strings.starts)[strings.n]);
  }

  void add_to(FilePlan& plan) const {
    const bool is_fixed = strings.layout == Layout::fixed;
    if (!is_fixed) plan.add(kOffsets, strings.starts, (strings.n + 1) * sizeof(std::uint64_t));
    plan.add(kData, strings.data, is_fixed ? strings.n * strings.width : strings.size);
  }

 private:
  void copy(const Strings& keys) {
    starts.push_back(0);
    for (std::size_t i = 0; i < keys.n; ++i) {
      const Slice key = string_at(keys, i);
      data.insert(data.end(), key.data, key.data + key.size);
      starts.push_back(static_cast<std::int64_t>(data.size()));
    }
    strings = strings_of(starts.data(), keys.n, data.data(), data.size());
  }
};

// A layer as a file in the file, and what its plan points into.
struct LayerPlan {
  MetaText meta;
  BTree<std::uint64_t> moved;
  FilePlan plan;

  LayerPlan(const Layer& layer, const Fitted<std::uint64_t>& fitted, const Kernels& kernels) : meta(fitted.model, fitted.options) {
    const auto& entries = layer.column;
    plan.add(kMeta, meta.data(), meta.size());
    plan_keys(plan, entries.data(), entries.size(), entries.size());
    fitted.plan_into(plan, entries.data(), entries.size(), kernels, moved);
    plan.add_items(kKeys, entries.data(), entries.size());
    plan_runs(plan, layer.places.empty() ? nullptr : layer.places.data(), layer.segments.data(), layer.segments.size());
    seal(plan, entries.data(), {});
  }
};

}  // namespace owned_detail

template <class Tag> std::size_t OwnedStrings<Tag>::Body::bytes_held() const {
  std::size_t total = sizeof *this + (file ? sizeof *file : 0) + table.bytes() + starts.size() * sizeof starts[0] + data.size();
  for (const auto& part : parts) total += sizeof *part + part->layer->bytes() + part->fitted.bytes();
  return total;
}

template <class Tag> Status OwnedStrings<Tag>::build(const Strings& keys, const BuildOptions& options) noexcept {
  return without_throwing([&]() -> Status { return build_body(std::make_unique<Body>(), keys, options); });
}

template <class Tag> Status OwnedStrings<Tag>::build_copy(const std::string_view* keys, std::size_t n, const BuildOptions& options) noexcept {
  return without_throwing([&]() -> Status {
    if (n > kMostStrings) return Reason::too_many_keys;
    if (keys == nullptr && n > 0) return Reason::bad_option;
    auto body = std::make_unique<Body>();
    std::size_t total = 0;
    body->starts.push_back(0);
    for (std::size_t i = 0; i < n; ++i) body->starts.push_back(static_cast<std::int64_t>(total += keys[i].size()));
    body->data.reserve(total);
    for (std::size_t i = 0; i < n; ++i) body->data.insert(body->data.end(), keys[i].begin(), keys[i].end());
    const Strings copied = strings_of(body->starts.data(), n, body->data.data(), total);
    return build_body(std::move(body), copied, options);
  });
}

template <class Tag> Status OwnedStrings<Tag>::build_copy(const std::vector<std::string>& keys, const BuildOptions& options) noexcept {
  return without_throwing([&]() -> Status {
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    return build_copy(views.data(), views.size(), options);
  });
}

template <class Tag> Status OwnedStrings<Tag>::build_body(std::unique_ptr<Body> body, const Strings& keys, const BuildOptions& options) {
  if (keys.n > kMostStrings) return Reason::too_many_keys;
  if (!can_build<std::uint64_t>(options, keys.n)) return Reason::bad_option;
  std::size_t bad = 0;
  std::uint64_t fingerprint = 0;
  check_order(keys, bad, fingerprint);
  if (bad < keys.n) return Status::unsorted(bad);
  const Kernels& kernels = widest_kernels();
  std::vector<std::unique_ptr<Layer>> layers;
  build_layers(keys, 0, layers);
  body->built.keys = keys;
  for (auto& layer : layers) {
    body->parts.push_back(std::make_unique<Part>());
    Part& part = *body->parts.back();
    part.layer = std::move(layer);
    LayerView view = part.layer->view();
    const Status status = part.fitted.fit(view.engine.keys, view.engine.n, options, kernels);
    if (!status) return status;
    owned_detail::use(view.engine, part.fitted);
    body->built.layers.push_back(view);
  }
  body_ = std::move(body);
  kernels_ = &kernels;
  return {};
}

template <class Tag> Status OwnedStrings<Tag>::open(const char* path, const Strings* keys, const OpenOptions& options) noexcept {
  return open_path<Body>(path, options, [&](std::unique_ptr<Body> body, const void* data, std::size_t size) {
    return open_body(std::move(body), data, size, keys);
  });
}

template <class Tag> Status OwnedStrings<Tag>::open(const void* data, std::size_t bytes, const Strings* keys) noexcept {
  return without_throwing([&]() -> Status { return open_body(std::make_unique<Body>(), data, bytes, keys); });
}

template <class Tag>
Status OwnedStrings<Tag>::open_body(std::unique_ptr<Body> body, const void* data, std::size_t size, const Strings* keys) {
  if (reinterpret_cast<std::uintptr_t>(data) % alignof(std::uint64_t) != 0) return Reason::misaligned;
  body->file = std::make_unique<OpenedStrings>();
  const FileStatus status = open_strings(data, size, *body->file);
  const OpenedFile& file = body->file->file;
  if (status == FileStatus::bad_sections && !file.holds_strings) return Reason::other_kind;
  if (status != FileStatus::ok) return status;
  if (keys != nullptr) {
    if (keys->n != file.header.n || sampled_crc(*keys) != file.header.sample_crc) return Reason::other_keys;
    body->file->view.keys = *keys;
  } else if (file.string_data == nullptr && file.header.n > 0) {
    return Reason::no_keys;
  }
  body->values = ValuesView(file);
  body_ = std::move(body);
  kernels_ = &widest_kernels();
  return {};
}

template <class Tag> Status OwnedStrings<Tag>::hash_keys() noexcept {
  return without_throwing([&]() -> Status {
    if (!body_) return {};
    LayersView& layers = body_->layers();
    layers.table = nullptr;
    visit_strings(layers.keys, [&](const auto& keys) { body_->table.build(keys, layers.keys.n, {}); });
    layers.table = &body_->table;
    return {};
  });
}

template <class Tag> Status OwnedStrings<Tag>::verify() const noexcept {
  return without_throwing([&]() -> Status {
    if (!body_) return {};
    const Strings& keys = body_->layers().keys;
    if (body_->file) {
      const OpenedFile& file = body_->file->file;
      if (const FileStatus status = verify_sections(file); status != FileStatus::ok) return status;
      std::uint32_t crc = 0;
      add_to_crc(crc, keys, {});
      if (crc != file.header.keys_crc) return Reason::other_keys;
    }
    std::size_t bad = 0;
    std::uint64_t fingerprint = 0;
    check_order(keys, bad, fingerprint);
    return bad < keys.n ? Status::unsorted(bad) : Status();
  });
}

template <class Tag> KeyRange OwnedStrings<Tag>::prefix(std::string_view start) const noexcept {
  if (!body_) return {0, 0};
  const std::int64_t first = lower_bound(start);
  return {first, prefix_end(body_->layers().keys, static_cast<std::size_t>(first), slice_of(start))};
}

template <class Tag> void OwnedStrings<Tag>::many(const Strings& queries, bool right, Verb verb, void* answers) const noexcept {
  Queries batch;
  batch.strings = &queries;
  if (body_) return StringIndex(body_->layers(), *kernels_).search(batch, 0, queries.n, right, verb, *kernels_, answers);
  if (verb == Verb::contains) std::fill_n(static_cast<std::uint8_t*>(answers), queries.n, std::uint8_t{0});
  else std::fill_n(static_cast<std::int64_t*>(answers), queries.n, nothing(verb));
}

template <class Tag>
void OwnedStrings<Tag>::count(const Strings& lows, const Strings& highs, std::int64_t* counts) const noexcept {
  lower_bound(highs, counts);
  std::int64_t starts[kStringBlock];
  for (std::size_t from = 0; body_ && from < lows.n; from += kStringBlock) {
    const std::size_t size = std::min(lows.n - from, kStringBlock);
    lower_bound_batch(body_->layers(), *kernels_, lows, from, size, false, {starts, nullptr});
    for (std::size_t i = 0; i < size; ++i) counts[from + i] = std::max<std::int64_t>(counts[from + i] - starts[i], 0);
  }
}

// Block by block a column of views, as Arrow has them. One that is longer than those can say is looked up by itself.
template <class Tag>
void OwnedStrings<Tag>::views(const std::string_view* queries, std::size_t count, bool right, Verb verb, void* answers) const noexcept {
  constexpr std::size_t inside = 12, longest = ~std::uint32_t{0};
  const std::size_t answer_bytes = verb == Verb::contains ? sizeof(std::uint8_t) : sizeof(std::int64_t);
  std::uint32_t views[kStringBlock][4];
  Span buffers[kStringBlock];
  for (std::size_t from = 0, size = 0; from < count; from += size) {
    size = 0;
    for (; size < kStringBlock && from + size < count && queries[from + size].size() <= longest; ++size) {
      const std::string_view q = queries[from + size];
      buffers[size] = {reinterpret_cast<const std::uint8_t*>(q.data()), q.size()};
      auto& view = views[size];
      view[0] = static_cast<std::uint32_t>(q.size());
      view[1] = view[3] = 0;
      view[2] = static_cast<std::uint32_t>(size);
      if (q.size() <= inside && !q.empty()) std::memcpy(view + 1, q.data(), q.size());
    }
    void* to = static_cast<unsigned char*>(answers) + from * answer_bytes;
    if (size == 0) {
      const std::int64_t answer = one(queries[from], right, verb);
      std::memcpy(to, &answer, answer_bytes);  // little-endian, or a whole one
      size = 1;
      continue;
    }
    Strings block;
    block.layout = Layout::views;
    block.n = block.n_buffers = size;
    block.starts = views;
    block.buffers = buffers;
    many(block, right, verb, to);
  }
}

template <class Tag>
template <class ToPlan>
Status OwnedStrings<Tag>::write_plan(ToPlan&& to_plan, const SaveOptions& options, const StoredStrings& form) const {
  StoredStrings said = form;
  const owned_detail::StoredColumn column(body_ ? body_->layers().keys : Strings(), said);
  if (!can_be(said)) return Reason::bad_option;
  const ValuesText values(options);
  const MetaText meta(Choice::none, {}, values.text());
  FilePlan plan;
  plan.add(kMeta, meta.data(), meta.size());
  plan_strings(plan, column.strings, said, {});
  std::vector<std::unique_ptr<owned_detail::LayerPlan>> layers;
  for (std::size_t l = 0; body_ && l < body_->parts.size(); ++l) {
    const Part& part = *body_->parts[l];
    layers.push_back(std::make_unique<owned_detail::LayerPlan>(*part.layer, part.fitted, *kernels_));
    plan_layer(plan, layers.back()->plan);
  }
  if (options.with_keys) column.add_to(plan);
  if (options.has_values()) plan.add(kValues, options.values, std::uint64_t{column.strings.n} * options.value_bytes);
  seal(plan, {});
  return to_plan(plan) ? Status() : Status(Reason::cannot_write);
}

template <class Tag>
template <class ToPlan, class ToBytes>
Status OwnedStrings<Tag>::write(ToPlan&& to_plan, ToBytes&& to_bytes, const SaveOptions& options, StringForm form) const noexcept {
  const OpenedFile* opened = body_ && body_->file ? &body_->file->file : nullptr;
  return write_index(opened, options, to_bytes, [&] { return write_plan(to_plan, options, {static_cast<std::uint8_t>(form), 0, 0, 0, 0}); });
}

template <class Tag>
Status OwnedStrings<Tag>::save(const char* path, const SaveOptions& options, StringForm form) const noexcept {
  return save_by(path, [&](auto&& to_plan, auto&& to_bytes) { return write(to_plan, to_bytes, options, form); });
}

LIDX_COMPILE(class OwnedStrings<Bytes>)

}  // namespace learnedidx
