// Read and write .lidx files (FORMAT.md) in memory that the caller owns or maps.
#pragma once

#include "learnedidx/file/open.hpp"
#include "learnedidx/file/plan.hpp"
