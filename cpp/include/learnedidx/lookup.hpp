// Look up batches and single queries in sorted keys: models, how they are trained, and the kernels.
//
// The kernels take seconds to compile: include this in few files, or the headers that a file needs.
#pragma once

#include "learnedidx/kernels/rows.hpp"
#include "learnedidx/lookup/direct_index.hpp"
#include "learnedidx/lookup/index.hpp"
#include "learnedidx/models/btree.hpp"
#include "learnedidx/training/fit_pgm.hpp"
#include "learnedidx/training/fit_rmi.hpp"
#include "learnedidx/training/fit_spline.hpp"
#include "learnedidx/training/order_check.hpp"
