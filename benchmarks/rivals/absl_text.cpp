// absl::btree_set over views of strings, or over pairs: as absl.cpp, it knows no positions.
#include <absl/container/btree_set.h>

#include "counting.hpp"
#include "text.hpp"

namespace {

template <typename Keys>
class BTreeSet : public rivals::Adapter {
 public:
  static constexpr const char* answer = "SUCCESSOR";
  using Key = typename Keys::Key;

  explicit BTreeSet(const Keys& keys) : keys_(keys), set_(std::less<Key>(), Allocator(&bytes_)) {
    // The hint makes an insertion at the end constant time and leaves full nodes behind.
    for (std::size_t i = 0; i < keys.size; ++i) set_.insert(set_.end(), keys.key(keys.first + i));
    last_key_ = *set_.rbegin();
  }
  BTreeSet(const BTreeSet&) = delete;
  BTreeSet& operator=(const BTreeSet&) = delete;

  std::int64_t lookup(const Key& query) const {
    const auto found = set_.lower_bound(query);
    return keys_.mark(found == set_.end() ? last_key_ : *found);
  }
  std::size_t nbytes() const { return bytes_; }

 private:
  using Allocator = rivals::CountingAllocator<Key>;

  Keys keys_;
  std::size_t bytes_ = 0;  // declared before the set, which counts into it until it is gone
  absl::btree_set<Key, std::less<Key>, Allocator> set_;
  Key last_key_{};
};

}  // namespace

PYBIND11_MODULE(RIVAL, module) {
  rivals::bind_keys<BTreeSet, rivals::Texts, rivals::Pairs>(module, "absl::btree_set");
}
