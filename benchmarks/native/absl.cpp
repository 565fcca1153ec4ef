// absl::btree_set of numbers, of views of strings, or of pairs.
//
// The set holds no ranks, so a lookup answers with the key that lower_bound found. Beyond the last
// key there is none: then the answer is the last key, so that no value has to be reserved.
#include <absl/container/btree_set.h>

#include <functional>

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

  auto lookup(const Key& query) const {
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
  using namespace rivals;
  bind_keys<BTreeSet, Numbers<std::uint64_t>, Numbers<std::int64_t>, Numbers<double>, Texts, Pairs>(
      module, "absl::btree_set");
}
