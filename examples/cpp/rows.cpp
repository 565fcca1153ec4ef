#include "rows.hpp"

#include <learnedidx/kernels/rows.hpp>

learnedidx::KernelRows rows_of_this_processor() { return learnedidx::available_kernels(); }
