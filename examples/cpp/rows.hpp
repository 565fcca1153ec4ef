// The kernels of this program: only rows.cpp waits for the compiler to make them.
#pragma once

#include <learnedidx/kernels/kernels.hpp>

// The rows that this processor can run.
learnedidx::KernelRows rows_of_this_processor();
