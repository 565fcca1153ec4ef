// What the headers define as templates, made for every kind of key: compiled, never run.
#include <cstddef>
#include <cstdint>

#include <learnedidx/index.hpp>
#include <learnedidx/lookup/direct_index.hpp>
#include <learnedidx/lookup/index.hpp>
#include <learnedidx/training/fit_pgm.hpp>
#include <learnedidx/training/fit_rmi.hpp>
#include <learnedidx/training/fit_spline.hpp>
#include <learnedidx/training/order_check.hpp>

using namespace learnedidx;

template class learnedidx::DirectIndex<std::int8_t, std::uint32_t>;
template class learnedidx::DirectIndex<std::uint16_t, std::uint64_t>;
template class learnedidx::Index<std::uint16_t>;
template class learnedidx::Index<double>;
template class learnedidx::OwnedStrings<Bytes>;
template class learnedidx::TypedIndex<std::uint8_t>;
template class learnedidx::TypedIndex<std::uint16_t>;
template class learnedidx::TypedIndex<std::uint32_t>;
template class learnedidx::TypedIndex<std::uint64_t>;
template class learnedidx::TypedIndex<std::int8_t>;
template class learnedidx::TypedIndex<std::int16_t>;
template class learnedidx::TypedIndex<std::int32_t>;
template class learnedidx::TypedIndex<std::int64_t>;
template class learnedidx::TypedIndex<float>;
template class learnedidx::TypedIndex<double>;

template <class K> void use_rmi(const K* keys, std::size_t n, const Kernels& kernels) {
  RmiView rmi;
  std::uint32_t positions[2] = {0, 0};
  LeafLine line{0, 0};
  GroupErrors errors;
  fit_leaf_positions(keys, n, rmi, kernels, {1}, positions, {});
  fit_lines(keys, n, rmi, kernels, nullptr, &line, {});
  fit_errors(keys, n, rmi, kernels, errors, {});
}

template <class K> void use_spline(const K* keys, std::size_t n, const Kernels& kernels) {
  const OrdinalDomain domain = ordinals_over(keys[0], keys[n - 1]);
  SplinePoints points;
  RadixSpline spline;
  std::int64_t largest = 0;
  fit_spline(keys, n, domain, 64, kernels, points, spline.open, {});
  lay_out(spline, points, domain, 64, 0);
  fit_corrections(spline, keys, n, {});
  measure_spline(keys, n, spline.view, kernels, largest, {});
}

template <class K> void use_all(const K* keys, std::size_t n, const Kernels& kernels) {
  SortedCheck sorted;
  check_sorted(keys, n, false, kernels, sorted, {});
  use_rmi(keys, n, kernels);
  use_spline(keys, n, kernels);
  BTree<K> tree;
  build(tree, keys, n, 8);
  Pgm pgm;
  ErrorBounds bounds;
  fit_pgm(pgm, keys, n, 64, kernels, {});
  measure_pgm(keys, n, pgm.view, kernels, bounds, {});
  if constexpr (kIsNarrow<K>) fill_direct(keys, n, Table<std::uint32_t>(kSlots<K>).data());
}

void use_every_kind(KeyType kind, const void* keys, std::size_t n, const Kernels& kernels);
void use_every_kind(KeyType kind, const void* keys, std::size_t n, const Kernels& kernels) {
  visit_key_type(kind, [&](auto tag) { use_all(static_cast<const decltype(tag)*>(keys), n, kernels); });
}
