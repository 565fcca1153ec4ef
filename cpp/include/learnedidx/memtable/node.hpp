// The nodes of a memtable, and the version word under which a thread changes them while others read.
//
// A version is odd while its node changes, and one thread at a time changes a node: the only writer, or who holds the lock
// that stands for the node (writer.hpp). Who loads an even version, then what it needs, then the same version again has
// loaded what was there together. What is loaded is atomic; so nothing torn comes back, only what does not belong together.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "learnedidx/kernels/kernels.hpp"
#include "learnedidx/memtable/arena.hpp"
#include "learnedidx/memtable/columns.hpp"

namespace learnedidx {

#if defined(__SANITIZE_THREAD__)
#define LIDX_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LIDX_TSAN 1
#endif
#endif

// The thread sanitizer knows no fences: under it, what they order is ordered by each access.
#ifdef LIDX_TSAN
constexpr auto kRead = std::memory_order_acquire, kWrite = std::memory_order_release;
inline void fence_reads() {}
inline void fence_writes() {}
#else
constexpr auto kRead = std::memory_order_relaxed, kWrite = std::memory_order_relaxed;
LIDX_INLINE void fence_reads() { std::atomic_thread_fence(std::memory_order_acquire); }
LIDX_INLINE void fence_writes() { std::atomic_thread_fence(std::memory_order_release); }
#endif

constexpr unsigned kNodeSlots = kNodeCodes;
constexpr std::uint32_t kLastCode = ~std::uint32_t{0};

// A leaf: entries in order, by handles, and their codes. Free slots have the last code and no handle.
//
// `low` is the lowest key that the node may hold, null for the first: it never changes, and in leaves it is the entry in
// slot 0 for good. Entries only ever move to higher slots and to leaves further right. So who scans handles upwards, and
// then goes on to `next`, misses no entry that was there when it began, in whatever state the writer stopped.
struct Node {
  Node(const char* lowest, unsigned height) : low(lowest), level(height) {
    for (auto& code : codes) code.store(kLastCode, std::memory_order_relaxed);
    for (auto& handle : handles) handle.store(0, std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> version{0};
  std::atomic<std::uint64_t> meta{Meta().word()};
  const char* const low;
  std::atomic<Node*> next{nullptr}, prev{nullptr};  // of leaves
  const unsigned level;                             // 0: a leaf
  SpinLock lock;                                    // of a leaf; what writers alone use
  std::uint8_t last = 0, run = 0;                   // where the last insert came, and how many came beside each other
  alignas(64) std::atomic<std::uint32_t> codes[kNodeSlots];
  std::atomic<Handle> handles[kNodeSlots];
};

// An inner node: handle i is that of the low of child i + 1.
struct InnerNode : Node {
  InnerNode(const char* lowest, unsigned height) : Node(lowest, height) {
    for (auto& child : children) child.store(nullptr, std::memory_order_relaxed);
  }
  std::atomic<Node*> children[kNodeSlots];
};

constexpr unsigned kInnerSlots = kNodeSlots - 1;  // of handles
constexpr unsigned kMostInner = 16;

static_assert(sizeof(Node) == 64 + kNodeSlots * 8 && sizeof(InnerNode) == sizeof(Node) + kNodeSlots * 8);

LIDX_INLINE bool unchanged(const Node& node, std::uint64_t version) {
  fence_reads();
  return node.version.load(kRead) == version;
}

// The writer is about to change a node, and has changed it.
inline void begin_change(Node& node) {
  node.version.store(node.version.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  fence_writes();
}
inline void end_change(Node& node) {
  node.version.store(node.version.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

// What the writer may do between two stores: nothing. Tests stop it there.
enum class WriteStep { shift, codes, link, truncate, parent, root };
struct NoPause {
  static void at(WriteStep) {}
};

}  // namespace learnedidx
