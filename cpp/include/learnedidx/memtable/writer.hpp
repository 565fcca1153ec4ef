// Changes of a memtable, by one thread or (ManyWriters) by several. What a change needs of memory is there before it begins.
//
// The order of stores is what readers rely on (node.hpp): entries are copied upwards before they are overwritten, and into
// a new leaf before they leave the old one; a node is linked when it is whole; all else changes under an odd version.
//
// Several writers lock the leaf that they change. Who divides one takes, behind it, the only lock of all inner nodes; the new
// leaf is locked until nothing of it is in the old one. A thread that holds a leaf waits for one further right, or for that
// lock, and who holds that one waits for nobody: so no two wait for each other.
#pragma once

#include <new>

#include "learnedidx/memtable/search.hpp"

namespace learnedidx {

enum class MemtableStatus : std::uint8_t { ok, exists, exhausted };

template <class Order, class Pause = NoPause, class Locks = OneWriter> class Writer {
 public:
  using Key = typename Order::Key;

  explicit Writer(MemtableState<Order>& state) : t_(state), search_(state) {}

  // Takes in an entry that was written to the arena.
  MemtableStatus insert(Handle handle) noexcept {
    const Key key = t_.order.key(t_.arena.at(handle));
    NodeFound found{};
    Node& leaf = *locked_leaf(key, found);
    const MemtableStatus status = take_in(leaf, key, found, handle);
    Locks::unlock(leaf.lock);
    return status;
  }

 private:
  static constexpr unsigned kRun = 8, kMostRun = 255;  // inserts beside each other, after which a leaf is split where they come

  // The leaf for a key, and where it belongs there.
  Node* locked_leaf(const Key& key, NodeFound& found) {
    Node* leaf = nullptr;
    if (!find(key, &leaf, &found)) {
      leaf = search_.slow_leaf(key, t_.duplicates);
      found.version = 1;
    }
    Locks::lock(leaf->lock);
    return Locks::kMany && !is_as_found(*leaf, found) ? found_again(leaf, key, found) : leaf;
  }

  // The leaf of the last insert is tried first where keys come in order. Where nobody else writes, a careful search succeeds.
  bool find(const Key& key, Node** leaf, NodeFound* found) const {
    const bool upper = t_.duplicates;
    if (!Locks::kMany && last_leaf_ && last_leaf_->run > 0 && belongs(*last_leaf_, key) &&
        search_.in_node(*last_leaf_, key, upper, *found)) {
      *leaf = last_leaf_;
      return true;
    }
    return search_.leaf_of(key, upper, false, leaf, found) || search_.leaf_of(key, upper, true, leaf, found);
  }

  // Every change of a leaf changes its version.
  static bool is_as_found(const Node& leaf, const NodeFound& found) {
    return leaf.version.load(std::memory_order_relaxed) == found.version;
  }

  // From a leaf that is locked, and not right of where the key belongs, to the one where it does.
  Node* found_again(Node* leaf, const Key& key, NodeFound& found) {
    for (Node* next; (next = leaf->next.load(std::memory_order_relaxed)) && search_.compare(next->low, key) <= 0; leaf = next) {
      Locks::lock(next->lock);
      Locks::unlock(leaf->lock);
    }
    search_.in_node(*leaf, key, t_.duplicates, found);
    return leaf;
  }

  bool belongs(const Node& leaf, const Key& key) const {
    if (leaf.low && search_.compare(leaf.low, key) > 0) return false;
    const Node* const next = leaf.next.load(std::memory_order_relaxed);
    return next == nullptr || search_.compare(next->low, key) > 0;
  }

  MemtableStatus take_in(Node& leaf, const Key& key, NodeFound& found, Handle handle) {
    if (found.equal && !t_.duplicates) return MemtableStatus::exists;
    const bool falls = found.slot == leaf.last;
    note(leaf, found.slot, falls || found.slot == leaf.last + 1u ? leaf.run + 1u : 0);
    if (found.count == kNodeSlots) return split(leaf, place_to_split(leaf, found.slot, falls), key, found, handle);
    put(leaf, found, handle);
    return MemtableStatus::ok;
  }

  // The last insert came to a slot of this leaf, the last of `run` beside each other.
  void note(Node& leaf, unsigned slot, unsigned run) noexcept {
    last_leaf_ = &leaf;
    leaf.last = static_cast<std::uint8_t>(slot);
    leaf.run = static_cast<std::uint8_t>(run < kMostRun ? run : kMostRun);
  }

  Key key_at(const Node& node, unsigned slot) const {
    return t_.order.key(t_.arena.at(node.handles[slot].load(std::memory_order_relaxed)));
  }
  static Meta meta_of(const Node& node) { return Meta(node.meta.load(std::memory_order_relaxed)); }
  static void set_meta(Node& node, Meta meta) { node.meta.store(meta.word(), std::memory_order_release); }

  // Into a node that has room, at the slot that was found.
  void put(Node& node, const NodeFound& found, Handle handle) {
    const unsigned count = found.count, slot = found.slot;
    const bool recodes = !found.agrees || (is_time_to_recode(count) && is_tie(node, found));
    begin_change(node);
    if (slot == count && !recodes) {  // under a version, too, so that readers agree on when it came
      node.codes[slot].store(found.code, kWrite);
      node.handles[slot].store(handle, std::memory_order_release);
      Pause::at(WriteStep::codes);
      set_meta(node, meta_of(node).with(count + 1));
      return end_change(node);
    }
    for (unsigned i = count; i > slot; --i) {
      node.handles[i].store(node.handles[i - 1].load(std::memory_order_relaxed), std::memory_order_release);
      if (i % 8 == 0) Pause::at(WriteStep::shift);
    }
    node.handles[slot].store(handle, std::memory_order_release);
    if (!recodes) {
      for (unsigned i = count; i > slot; --i) node.codes[i].store(node.codes[i - 1].load(std::memory_order_relaxed), kWrite);
      node.codes[slot].store(found.code, kWrite);
      Pause::at(WriteStep::codes);
      set_meta(node, meta_of(node).with(count + 1));
    } else {
      recode(node, count + 1);
    }
    end_change(node);
  }

  // Codes that do not tell an entry from the one beside it may be those of other leaves. Now and then it pays to see to it.
  static bool is_time_to_recode(unsigned count) { return count >= 4 && (count & (count - 1)) == 0; }

  // Chooses columns for the first `count` entries. The node is under change, or nobody knows it yet.
  void recode(Node& node, unsigned count) {
    const Meta meta = choose_columns(count, [&](unsigned i) { return t_.order.bytes(key_at(node, i)); });
    for (unsigned i = 0; i < count; ++i) {
      node.codes[i].store(meta.code(t_.order.bytes(key_at(node, i))), kWrite);
      if (i == count / 2) Pause::at(WriteStep::codes);
    }
    set_meta(node, meta);
  }

  // After a split: codes of the node are still right, but if they do not tell its keys apart there may be better ones.
  void recode_ties(Node& node, unsigned count) {
    for (unsigned i = 1; i < count; ++i)
      if (node.codes[i].load(std::memory_order_relaxed) == node.codes[i - 1].load(std::memory_order_relaxed))
        return recode(node, count);
  }

  // The entries of a node from `from` on go to the beginning of a new one.
  static void copy_upper(const Node& node, unsigned from, unsigned count, Node& to) {
    for (unsigned i = from; i < count; ++i) {
      to.codes[i - from].store(node.codes[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
      to.handles[i - from].store(node.handles[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    set_meta(to, meta_of(node).with(count - from));
  }

  static void cut_off(Node& node, unsigned from, unsigned count) {
    for (unsigned i = count; i-- > from;) {
      node.handles[i].store(0, std::memory_order_release);
      node.codes[i].store(kLastCode, kWrite);
      if (i % 8 == 0) Pause::at(WriteStep::truncate);
    }
    set_meta(node, meta_of(node).with(from));
  }

  // Where a full leaf is divided for an entry that belongs to a slot. At its end: the entry begins a leaf of its own.
  // What lies before entries that fall stays in their leaf; half of it is left behind each time.
  static unsigned place_to_split(const Node& leaf, unsigned slot, bool falls) {
    const bool last = leaf.next.load(std::memory_order_relaxed) == nullptr;
    if (slot == kNodeSlots && (last || leaf.run >= kRun)) return kNodeSlots;
    if (leaf.run < kRun) return kNodeSlots / 2;
    if (falls && slot > kRun) return slot / 2;
    return slot == 0 ? 1 : slot == kNodeSlots ? kNodeSlots - 1 : slot;
  }

  struct Path {
    InnerNode* nodes[kMostInner];  // the one above the leaves first
    unsigned levels;
  };

  // Divides a full leaf and puts the entry into the half for it; or gives a leaf that is in order its own successor, of the
  // entry alone. Nothing happened if there is no memory.
  MemtableStatus split(Node& leaf, unsigned at, const Key& key, NodeFound& found, Handle handle) {
    Locks::lock(t_.shape);
    Node* const right = new_right(leaf, at, at == kNodeSlots ? handle : leaf.handles[at].load(std::memory_order_relaxed));
    Locks::unlock(t_.shape);
    if (right == nullptr) return MemtableStatus::exhausted;
    if (at == kNodeSlots) {
      note(*right, 0, leaf.run);
    } else {
      const unsigned slot = found.slot > at ? found.slot - at : found.slot;
      Node& half = found.slot > at ? *right : leaf;
      note(half, slot, leaf.run);
      search_.in_node(half, key, t_.duplicates, found);
      put(half, found, handle);
    }
    Locks::unlock(right->lock);
    return MemtableStatus::ok;
  }

  // The right half of a leaf, linked, known to the levels above and locked, in which `lowest` comes first. Null: no memory.
  Node* new_right(Node& leaf, unsigned at, Handle lowest) {
    Path path;
    const unsigned inner = way_to(t_.order.key(t_.arena.at(lowest)), path);
    if (!t_.arena.template reserve<Locks>(sizeof(Node) + inner * sizeof(InnerNode))) return nullptr;
    Node* const right = new (t_.arena.node(sizeof(Node))) Node(t_.arena.at(lowest), 0);
    Locks::lock(right->lock);
    if (at == kNodeSlots) begin_leaf(leaf, lowest, *right);
    else divide_leaf(leaf, at, *right);
    add_child(path, 0, lowest, *right);
    OneWriter::add(t_.leaves);
    return right;
  }

  // Inner nodes from the root to the one above the leaves, and how many new ones a leaf needs.
  unsigned way_to(const Key& low, Path& path) const {
    Node* node = t_.root.load(std::memory_order_relaxed);
    path.levels = node->level;
    unsigned full = 0;
    while (node->level > 0) {
      const unsigned level = node->level - 1;
      auto& inner = *static_cast<InnerNode*>(node);
      NodeFound found;
      search_.in_node(inner, low, true, found);
      path.nodes[level] = &inner;
      full = found.count == kInnerSlots ? full + 1 : 0;
      node = inner.children[found.slot].load(std::memory_order_relaxed);
    }
    return full + (full == path.levels);
  }

  void begin_leaf(Node& leaf, Handle handle, Node& right) {
    right.handles[0].store(handle, std::memory_order_relaxed);
    const Meta meta = meta_of(leaf).with(1);  // what tells the keys before apart may tell the next ones apart
    right.codes[0].store(meta.code(t_.order.bytes(key_at(right, 0))), std::memory_order_relaxed);
    set_meta(right, meta);
    begin_change(leaf);
    link(leaf, right);
    end_change(leaf);
  }

  void divide_leaf(Node& leaf, unsigned at, Node& right) {
    copy_upper(leaf, at, kNodeSlots, right);
    recode_ties(right, kNodeSlots - at);
    begin_change(leaf);
    link(leaf, right);
    cut_off(leaf, at, kNodeSlots);
    recode_ties(leaf, at);
    end_change(leaf);
  }

  void link(Node& leaf, Node& right) {
    Node* const next = leaf.next.load(std::memory_order_relaxed);
    right.next.store(next, std::memory_order_relaxed);
    right.prev.store(&leaf, std::memory_order_relaxed);
    leaf.next.store(&right, std::memory_order_release);
    Pause::at(WriteStep::link);
    if (next) next->prev.store(&right, std::memory_order_release);
  }

  // Tells the levels above of a new child. Until then it is found from its left neighbour.
  void add_child(Path& path, unsigned level, Handle low, Node& child) {
    Pause::at(WriteStep::parent);
    if (level == path.levels) return add_root(low, child);
    InnerNode& node = *path.nodes[level];
    NodeFound found;
    search_.in_node(node, t_.order.key(t_.arena.at(low)), true, found);
    if (found.count < kInnerSlots) return put_child(node, found, low, child);
    constexpr unsigned kept = kNodeSlots / 2;  // children; the handle behind them is that of the new node's low
    const Handle middle = node.handles[kept - 1].load(std::memory_order_relaxed);
    auto* const right = new (t_.arena.node(sizeof(InnerNode))) InnerNode(t_.arena.at(middle), level + 1);
    copy_upper(node, kept, kInnerSlots, *right);
    for (unsigned i = kept; i < kNodeSlots; ++i)
      right->children[i - kept].store(node.children[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
    recode_ties(*right, kInnerSlots - kept);
    add_child(path, level + 1, middle, *right);  // before its children leave the old node
    begin_change(node);
    for (unsigned i = kNodeSlots; i-- > kept;) node.children[i].store(nullptr, std::memory_order_release);
    cut_off(node, kept - 1, kInnerSlots);
    recode_ties(node, kept - 1);
    end_change(node);
    InnerNode& half = found.slot >= kept ? *right : node;
    search_.in_node(half, t_.order.key(t_.arena.at(low)), true, found);
    put_child(half, found, low, child);
  }

  void put_child(InnerNode& node, const NodeFound& found, Handle low, Node& child) {
    begin_change(node);
    for (unsigned i = found.count + 1; i > found.slot + 1; --i) {
      node.children[i].store(node.children[i - 1].load(std::memory_order_relaxed), std::memory_order_release);
      if (i % 8 == 0) Pause::at(WriteStep::parent);
    }
    node.children[found.slot + 1].store(&child, std::memory_order_release);
    end_change(node);
    NodeFound place = found;
    if (is_tie(node, found)) place.agrees = false;  // other columns may tell them apart
    put(node, place, low);
  }

  static bool is_tie(const Node& node, const NodeFound& found) {
    const auto same = [&](unsigned slot) { return node.codes[slot].load(std::memory_order_relaxed) == found.code; };
    return (found.slot < found.count && same(found.slot)) || (found.slot > 0 && same(found.slot - 1));
  }

  void add_root(Handle low, Node& child) {
    Node* const old = t_.root.load(std::memory_order_relaxed);
    auto* const root = new (t_.arena.node(sizeof(InnerNode))) InnerNode(nullptr, old->level + 1);
    root->children[0].store(old, std::memory_order_relaxed);
    root->children[1].store(&child, std::memory_order_relaxed);
    root->handles[0].store(low, std::memory_order_relaxed);
    recode(*root, 1);
    t_.root.store(root, std::memory_order_release);
    Pause::at(WriteStep::root);
  }

  MemtableState<Order>& t_;
  Search<Order> search_;
  Node* last_leaf_ = nullptr;
};

}  // namespace learnedidx
