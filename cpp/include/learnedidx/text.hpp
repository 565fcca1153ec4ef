// Look up byte strings in sorted keys.
#pragma once

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/text/build.hpp"
#include "learnedidx/text/index.hpp"
#include "learnedidx/text/open.hpp"
