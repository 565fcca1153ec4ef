#include "rows.hpp"

#include <learnedidx/rows.hpp>

learnedidx::KernelRows rows_of_this_processor() { return learnedidx::available_kernels(); }
