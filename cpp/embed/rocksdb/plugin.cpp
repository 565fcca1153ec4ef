// A library to be preloaded into programs that know the factory by its name only, such as db_bench and ldb.
#include "learnedidx_rocksdb.h"

namespace {
const bool registered = (learnedidx::RegisterMemtableFactory(), true);
}
