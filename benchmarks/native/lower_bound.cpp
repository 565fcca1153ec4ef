// std::lower_bound over numbers, over the offsets of Arrow, or over the first numbers of pairs.
#include <algorithm>

#include "text.hpp"

namespace {

template <typename Keys>
class BinarySearch : public rivals::Adapter {
 public:
  explicit BinarySearch(const Keys& keys) : keys_(keys) {}

  std::int64_t lookup(const typename Keys::Key& query) const {
    const auto below = [this](const auto& at, const auto& asked) { return keys_.key(&at) < asked; };
    return std::lower_bound(keys_.first, keys_.first + keys_.size, query, below) - keys_.first;
  }
  std::size_t nbytes() const { return 0; }

 private:
  Keys keys_;
};

}  // namespace

PYBIND11_MODULE(RIVAL, module) {
  using namespace rivals;
  bind_keys<BinarySearch, Numbers<std::uint64_t>, Texts, Pairs>(module, "std::lower_bound, C++17");
}
