// What a lidx_view holds: the numbers of an open file, and views into its bytes. No pointer leads into the
// view itself, so that it may be copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "learnedidx.h"
#include "learnedidx/file/opened.hpp"
#include "learnedidx/lookup/engine.hpp"

namespace learnedidx::c {

constexpr std::uint64_t kOpen = 0x6E65706F7864696Cu;

// The model is one of RmiView, PgmView, RadixSplineView and BTreeView<K>, which is as large for any K.
constexpr std::size_t kModelBytes = 896;

struct View {
  std::uint64_t state = 0;               // kOpen, or it is not open
  const unsigned char* data = nullptr;   // the file
  std::uint64_t bytes = 0, n = 0, numbers = 0;
  const void* keys = nullptr;            // null: there are none
  const void* values = nullptr;
  std::uint64_t value_bytes = 0;
  const Kernels* kernels = nullptr;      // null: file or keys lie at an odd address
  std::uint32_t header_crc = 0, keys_crc = 0;
  std::uint8_t kind = 0, model = 0, times = 0, whole = 0;
  ErrorBounds pgm_errors;
  alignas(8) unsigned char views[kModelBytes] = {};

  template <class T> void put(const T& model_view) {
    static_assert(sizeof(T) <= kModelBytes && alignof(T) <= 8);
    new (views) T(model_view);
  }
  template <class T> const T* get() const { return std::launder(reinterpret_cast<const T*>(views)); }
};
static_assert(sizeof(View) <= LIDX_VIEW_BYTES && alignof(View) <= alignof(lidx_view));

// An RMI and its errors, side by side.
struct RmiAndErrors {
  RmiView rmi;
  GroupErrorsView errors;
};

inline const View* view_of(const lidx_view* view) { return std::launder(reinterpret_cast<const View*>(view)); }

inline const View* open_view(const lidx_view* view) {
  return view != nullptr && view_of(view)->state == kOpen ? view_of(view) : nullptr;
}

// What a search needs to know; it points into the view.
template <class K> Engine<K> engine_of(const View& view) {
  Engine<K> engine;
  engine.keys = static_cast<const K*>(view.keys);
  engine.n = static_cast<std::size_t>(view.numbers);
  engine.frame = frame_of(engine.keys, engine.n);
  if (engine.n < kWindowKeys<K>) return engine;
  switch (static_cast<StoredModel>(view.model)) {
    case StoredModel::rmi:
      engine.model = Model::rmi;
      engine.rmi = &view.get<RmiAndErrors>()->rmi;
      break;
    case StoredModel::btree:
      engine.model = Model::btree;
      engine.tree = view.get<BTreeView<K>>();
      engine.frame = engine.tree->frame;
      break;
    case StoredModel::radix_spline:
      engine.model = Model::radix_spline;
      engine.spline = view.get<RadixSplineView>();
      break;
    case StoredModel::pgm:
      engine.model = Model::pgm;
      engine.pgm = view.get<PgmView>();
      break;
    case StoredModel::none:
    case StoredModel::direct: break;
  }
  return engine;
}

}  // namespace learnedidx::c
