// A place in a memtable that entries can be asked from, in both directions, while one thread inserts.
//
// It remembers its entry. Where that lies it finds again from the leaf where it saw it last: entries move to
// higher slots and to leaves further right only.
#pragma once

#include "learnedidx/memtable/search.hpp"

namespace learnedidx {

template <class Order> class EntryIterator {
 public:
  using Key = typename Order::Key;

  explicit EntryIterator(const MemtableState<Order>& state) : t_(&state) {}

  bool valid() const { return at_.entry != nullptr; }
  const char* entry() const { return at_.entry; }

  // To the first entry that is not below a key; to the last that is not above it.
  void seek(const Key& key) { at_ = Search<Order>(*t_).lower(key); }
  void seek_for_prev(const Key& key) { at_ = Search<Order>(*t_).before_upper(key); }

  void seek_to_first() {
    Node* const leaf = const_cast<Node*>(&t_->first);
    const Handle handle = leaf->handles[0].load(std::memory_order_acquire);  // it has an entry from the first insert on
    at_ = handle == 0 ? Place{} : Place{leaf, 1, 0, handle, t_->arena.at(handle)};
  }

  void seek_to_last() {
    Node* node = t_->root.load(std::memory_order_acquire);
    while (node->level > 0) {
      const auto& children = static_cast<const InnerNode*>(node)->children;
      for (unsigned i = 0; i < kNodeSlots; ++i) {
        Node* const child = children[i].load(std::memory_order_acquire);
        if (child == nullptr) break;
        node = child;
      }
    }
    at_ = last_before(node, nullptr);
  }

  // Needs valid().
  void next() {
    for (unsigned turn = 0; turn < kTries; ++turn) {
      if (at_.version & 1 && !find_again()) continue;
      Node& leaf = *at_.leaf;
      const unsigned count = Meta(leaf.meta.load(std::memory_order_acquire)).count();
      if (at_.slot + 1 < count) {
        if (take(at_.slot + 1)) return ask_ahead(count);
      } else {
        Node* const next = leaf.next.load(std::memory_order_acquire);
        if (unchanged(leaf, at_.version)) return step_to(next);
      }
      at_.version = 1;
    }
    slow_next();
  }

  // Needs valid().
  void prev() {
    for (unsigned turn = 0; turn < kTries; ++turn) {
      if (at_.version & 1 && !find_again()) continue;
      Node& leaf = *at_.leaf;
      if (at_.slot > 0) {
        if (take(at_.slot - 1)) return ask_behind();
      } else if (leaf.low) {  // for good
        at_ = last_before(leaf.prev.load(std::memory_order_acquire), &leaf);
        return;
      } else if (unchanged(leaf, at_.version)) {
        at_ = {};
        return;
      }
      at_.version = 1;
    }
    slow_prev();
  }

 private:
  static constexpr unsigned kAhead = 4;  // entries that are asked for before they are read

  void step_to(Node* next) { at_ = next ? Search<Order>(*t_).first_of(*next) : Place{}; }

  // To another slot of the same leaf, if nothing has changed there.
  bool take(unsigned slot) {
    const Handle handle = at_.leaf->handles[slot].load(std::memory_order_acquire);
    if (!unchanged(*at_.leaf, at_.version)) return false;
    at_.slot = slot;
    at_.handle = handle;
    at_.entry = t_->arena.at(handle);
    return true;
  }

  void ask_for(unsigned slot) const {
    const Handle handle = at_.leaf->handles[slot].load(std::memory_order_acquire);
    if (handle == 0) return;
    prefetch_near(t_->arena.at(handle));
    prefetch_near(t_->arena.at(handle) + 64);
  }
  void ask_ahead(unsigned count) const {
    if (at_.slot + kAhead < count) return ask_for(at_.slot + kAhead);
    if (Node* const next = at_.leaf->next.load(std::memory_order_acquire)) {
      prefetch_near(next);
      prefetch_near(&next->handles[0]);
      prefetch_near(next->low);
    }
  }
  void ask_behind() const {
    if (at_.slot >= kAhead) ask_for(at_.slot - kAhead);
  }

  // Where the entry is now. False if what it looked at changed meanwhile.
  bool find_again() {
    for (Node* leaf = at_.leaf; leaf;) {
      const std::uint64_t version = leaf->version.load(std::memory_order_acquire);
      if (version & 1) return false;
      unsigned slot = 0;
      while (slot < kNodeSlots && leaf->handles[slot].load(kRead) != at_.handle) ++slot;
      Node* const next = leaf->next.load(std::memory_order_acquire);
      if (!unchanged(*leaf, version)) return false;
      if (slot < kNodeSlots) {
        at_.leaf = leaf;
        at_.version = version;
        at_.slot = slot;
        return true;
      }
      leaf = next;
    }
    return false;
  }

  // The last entry of the leaves from `leaf` on that lie before another, or (null) before the end. A leaf that is being
  // divided may still hold what is in the other already.
  Place last_before(Node* leaf, const Node* until) const {
    const Handle stop = until ? until->handles[0].load(std::memory_order_acquire) : 0;
    for (;;) {
      Place last;
      if (last_in(*leaf, until, &last)) return last;
      for (const auto& slot : leaf->handles) {
        const Handle handle = slot.load(std::memory_order_acquire);
        if (handle == stop || handle == 0) break;
        last = {leaf, 1, 0, handle, nullptr};
      }
      Node* const next = leaf->next.load(std::memory_order_acquire);
      if (next == until) {
        if (last.handle) last.entry = t_->arena.at(last.handle);
        return last;
      }
      leaf = next;
    }
  }

  // The last entry of a leaf that lies before another, if nothing changes.
  bool last_in(Node& leaf, const Node* until, Place* last) const {
    const std::uint64_t version = leaf.version.load(std::memory_order_acquire);
    const unsigned count = Meta(leaf.meta.load(std::memory_order_acquire)).count();
    if (version & 1 || count == 0) return false;
    const Handle handle = leaf.handles[count - 1].load(std::memory_order_acquire);
    if (leaf.next.load(std::memory_order_acquire) != until || !unchanged(leaf, version)) return false;
    *last = {&leaf, version, count - 1, handle, t_->arena.at(handle)};
    return true;
  }

  // The slow way on: upwards from where the entry was, past it. It may be met twice: the writer copies it upwards, and into
  // a new leaf before it leaves the old one.
  void slow_next() {
    bool passed = false;
    for (Node* leaf = at_.leaf; leaf;) {
      for (const auto& slot : leaf->handles) {
        const Handle handle = slot.load(std::memory_order_acquire);
        if (handle == 0) break;
        if (handle == at_.handle) {
          passed = true;
        } else if (passed) {
          const char* const entry = t_->arena.at(handle);
          if (t_->order.compare(entry, t_->order.key(at_.entry)) >= 0) {
            at_ = {leaf, 1, 0, handle, entry};
            return;
          }
          passed = false;  // the leaf was divided, and lower keys came: the entry is further right
        }
      }
      leaf = leaf->next.load(std::memory_order_acquire);
      if (passed) passed = !is_behind(leaf);
    }
    at_ = {};
  }

  // Is the entry, too, in this leaf or one behind it?
  bool is_behind(const Node* leaf) const {
    for (; leaf && t_->order.compare(leaf->low, t_->order.key(at_.entry)) <= 0; leaf = leaf->next.load(std::memory_order_acquire))
      for (const auto& slot : leaf->handles)
        if (slot.load(std::memory_order_acquire) == at_.handle) return true;
    return false;
  }

  // The slow way back: upwards to the entry; what was greatest before it. Entries of keys that are equal lie as they came.
  void slow_prev() {
    Place best;
    Node* leaf = at_.leaf;
    if (leaf->low == at_.entry) {
      at_ = last_before(leaf->prev.load(std::memory_order_acquire), leaf);
      return;
    }
    for (; leaf; leaf = leaf->next.load(std::memory_order_acquire)) {
      for (const auto& slot : leaf->handles) {
        const Handle handle = slot.load(std::memory_order_acquire);
        if (handle == 0) break;
        if (handle == at_.handle) {
          at_ = best;
          return;
        }
        const char* const entry = t_->arena.at(handle);
        if (!best.entry || t_->order.compare(best.entry, t_->order.key(entry)) <= 0) best = {leaf, 1, 0, handle, entry};
      }
    }
  }

  const MemtableState<Order>* t_;
  Place at_;
};

}  // namespace learnedidx
