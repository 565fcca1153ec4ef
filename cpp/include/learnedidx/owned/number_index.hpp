// How an Index<K> is built, opened, verified and saved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "learnedidx/owned/numbers.hpp"

namespace learnedidx {

template <class K> Choice Index<K>::Body::model() const {
  if (!is_opened()) return fitted.model;
  switch (file.model()) {
    case StoredModel::rmi: return Choice::rmi;
    case StoredModel::btree: return Choice::btree;
    case StoredModel::radix_spline: return Choice::radix_spline;
    case StoredModel::pgm: return Choice::pgm;
    case StoredModel::direct: return Choice::direct;
    case StoredModel::none: break;
  }
  return Choice::none;
}

template <class K> void Index<K>::Body::use_table(const K* keys) {
  if constexpr (kIsNarrow<K>) {
    if (fitted.wide_table.empty()) table = std::make_unique<DirectIndex<K, std::uint32_t>>(fitted.narrow_table.data(), keys);
    else table = std::make_unique<DirectIndex<K, std::uint64_t>>(fitted.wide_table.data(), keys);
  }
}

template <class K> void Index<K>::Body::use_fitted(TypedIndex<K>& index, std::size_t numbers) {
  switch (fitted.model) {
    case Choice::rmi: return index.use_rmi(&fitted.rmi.view, &fitted.rmi.errors_view);
    case Choice::pgm: return index.use_pgm(&fitted.pgm.view, &fitted.pgm_errors);
    case Choice::radix_spline: return index.use_spline(&fitted.spline.view);
    case Choice::btree:
      if (numbers >= kWindowKeys<K>) index.use_tree(&fitted.tree.view);
      return;
    case Choice::direct: return use_table(index.engine().keys);
    case Choice::automatic:
    case Choice::none: return;
  }
}

// A direct table proves nothing, so it is counted over the keys again.
template <class K> void Index<K>::Body::use_opened(TypedIndex<K>& index, std::size_t numbers) {
  switch (file.model()) {
    case StoredModel::rmi: index.use_rmi(&file.rmi, &file.errors); break;
    case StoredModel::pgm: index.use_pgm(&file.pgm, &file.pgm_errors); break;
    case StoredModel::radix_spline: index.use_spline(&file.spline); break;
    case StoredModel::btree:
      if (numbers < kWindowKeys<K>) break;
      tree = tree_of<K>(file);
      index.use_tree(&tree);
      break;
    case StoredModel::direct: {
      BuildOptions direct;
      direct.model = Choice::direct;
      static_cast<void>(fitted.fit(index.engine().keys, numbers, direct, scalar_kernels));  // cannot fail
      return use_table(index.engine().keys);
    }
    case StoredModel::none: break;
  }
  index.verify_bounds();
}

template <class K> Status Index<K>::build(const K* keys, std::size_t n, const BuildOptions& options) noexcept {
  return without_throwing([&]() -> Status {
    if (n > kMostKeys) return Reason::too_many_keys;
    if (!can_build<K>(options, n) || (keys == nullptr && n > 0)) return Reason::bad_option;
    const Kernels& kernels = widest_kernels();
    SortedCheck order;
    check_sorted(keys, n, false, kernels, order, {});
    if (!order.sorted) return Status::unsorted(order.bad);
    Index made;
    made.body_ = std::make_unique<Body>();
    const Status status = made.body_->fitted.fit(keys, order.numbers, options, kernels);
    if (!status) return status;
    made.typed_ = TypedIndex<K>(keys, order.numbers, n);
    made.body_->use_fitted(made.typed_, order.numbers);
    made.kernels_ = &kernels;
    made.total_ = n;
    swap(made);
    return {};
  });
}

template <class K>
Status Index<K>::open(const char* path, const K* keys, std::size_t n, const OpenOptions& options) noexcept {
  return open_path<Body>(path, options, [&](std::unique_ptr<Body> body, const void* data, std::size_t size) {
    return open_body(std::move(body), data, size, keys, n);
  });
}

template <class K>
Status Index<K>::open(const void* data, std::size_t bytes, const K* keys, std::size_t n) noexcept {
  return without_throwing([&]() -> Status { return open_body(std::make_unique<Body>(), data, bytes, keys, n); });
}

template <class K>
Status Index<K>::open_body(std::unique_ptr<Body> body, const void* data, std::size_t size, const K* keys, std::size_t n) {
  OpenedFile& file = body->file;
  const FileStatus status = open_file(data, size, file);
  if (status != FileStatus::ok) return status;
  if (file.holds_strings || file.kind() != KeyTypeOf<K>::value) return Reason::other_kind;
  if (!file.is_aligned()) return Reason::misaligned;
  if (keys != nullptr || n > 0) {
    if (keys == nullptr || file.header.n != n || !has_fingerprint(file.header, UnalignedArray<K>(keys))) return Reason::other_keys;
  } else if (file.keys == nullptr && file.header.n > 0) {
    return Reason::no_keys;
  }
  Index made;
  made.typed_ = TypedIndex<K>(keys != nullptr ? keys : static_cast<const K*>(file.keys), file.numbers(),
                              static_cast<std::size_t>(file.header.n));
  made.total_ = static_cast<std::size_t>(file.header.n);
  made.times_ = has_times(file.header);
  made.kernels_ = &widest_kernels();
  body->values = ValuesView(file);
  body->use_opened(made.typed_, file.numbers());
  made.body_ = std::move(body);
  swap(made);
  return {};
}

template <class K> Status Index<K>::verify() const noexcept {
  return without_throwing([&]() -> Status {
    const bool opened = body_ && body_->is_opened();
    if (opened) {
      if (const FileStatus status = verify_sections(body_->file); status != FileStatus::ok) return status;
      if (crc32c(0, keys(), total_ * sizeof(K)) != body_->file.header.keys_crc) return Reason::other_keys;
    }
    SortedCheck order;
    check_sorted(keys(), total_, times_, *kernels_, order, {});
    if (!order.sorted) return Status::unsorted(order.bad);
    return order.numbers == typed_.engine().n ? Status() : Status(opened ? Reason::other_keys : Reason::unsorted_keys);
  });
}

template <class K>
Status Index<K>::plan(FilePlan& plan, const SaveOptions& options, const MetaText& meta, BTree<K>& moved) const {
  const auto n = static_cast<std::size_t>(numbers());
  plan.add(kMeta, meta.data(), meta.size());
  plan_keys(plan, keys(), total_, n);
  if (body_) body_->fitted.plan_into(plan, keys(), n, *kernels_, moved);
  if (options.with_keys) plan.add_items(kKeys, keys(), total_);
  if (options.has_values()) plan.add(kValues, options.values, std::uint64_t{total_} * options.value_bytes);
  seal(plan, keys(), {});
  return {};
}

template <class K>
template <class ToPlan, class ToBytes>
Status Index<K>::write(ToPlan&& to_plan, ToBytes&& to_bytes, const SaveOptions& options) const noexcept {
  const OpenedFile* opened = body_ && body_->is_opened() ? &body_->file : nullptr;
  return write_index(opened, options, to_bytes, [&]() -> Status {
    const ValuesText values(options);
    const MetaText meta(model(), body_ ? body_->fitted.options : BuildOptions(), values.text());
    BTree<K> moved;
    FilePlan made;
    const Status status = plan(made, options, meta, moved);
    if (!status) return status;
    return to_plan(made) ? Status() : Status(Reason::cannot_write);
  });
}

template <class K> Status Index<K>::save(const char* path, const SaveOptions& options) const noexcept {
  return save_by(path, [&](auto&& to_plan, auto&& to_bytes) { return write(to_plan, to_bytes, options); });
}

template <class K>
void Index<K>::count(const K* lows, const K* highs, std::size_t count, std::int64_t* counts) const noexcept {
  constexpr std::size_t block = 512;
  std::int64_t starts[block];
  for (std::size_t from = 0; from < count; from += block) {
    const std::size_t size = count - from < block ? count - from : block;
    range(lows + from, highs + from, size, starts, counts + from);
    for (std::size_t i = 0; i < size; ++i) counts[from + i] -= starts[i];
  }
}

#define LIDX_THESE(name, K) \
  LIDX_COMPILE(class Index<K>)
LIDX_FOR_ALL_KEYS(LIDX_THESE)
#undef LIDX_THESE

}  // namespace learnedidx
