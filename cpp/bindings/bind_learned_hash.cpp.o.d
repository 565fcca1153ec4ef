cpp/bindings/CMakeFiles/_core.dir/Unity/unity_filters_cxx.cxx.o: \
 /work/w/f17b/cpp/bindings/bind_learned_hash.cpp \
 /usr/include/stdc-predef.h /work/w/f17b/cpp/bindings/filter_codes.hpp \
 /usr/include/c++/12/cstddef \
 /usr/include/x86_64-linux-gnu/c++/12/bits/c++config.h \
 /usr/include/x86_64-linux-gnu/c++/12/bits/os_defines.h \
 /usr/include/features.h /usr/include/features-time64.h \
 /usr/include/x86_64-linux-gnu/bits/wordsize.h \
 /usr/include/x86_64-linux-gnu/bits/timesize.h \
 /usr/include/x86_64-linux-gnu/sys/cdefs.h \
 /usr/include/x86_64-linux-gnu/bits/long-double.h \
 /usr/include/x86_64-linux-gnu/gnu/stubs.h \
 /usr/include/x86_64-linux-gnu/gnu/stubs-64.h \
 /usr/include/x86_64-linux-gnu/c++/12/bits/cpu_defines.h \
 /usr/include/c++/12/pstl/pstl_config.h \
 /usr/lib/gcc/x86_64-linux-gnu/12/include/stddef.h \
 /usr/include/c++/12/cstdint \
 /usr/lib/gcc/x86_64-linux-gnu/12/include/stdint.h /usr/include/stdint.h \
 /usr/include/x86_64-linux-gnu/bits/libc-header-start.h \
 /usr/include/x86_64-linux-gnu/bits/types.h \
 /usr/include/x86_64-linux-gnu/bits/typesizes.h \
 /usr/include/x86_64-linux-gnu/bits/time64.h \
 /usr/include/x86_64-linux-gnu/bits/wchar.h \
 /usr/include/x86_64-linux-gnu/bits/stdint-intn.h \
 /usr/include/x86_64-linux-gnu/bits/stdint-uintn.h \
 /usr/include/x86_64-linux-gnu/bits/stdint-least.h \
 /work/w/f17b/cpp/include/learnedidx/base/aligned_table.hpp \
 /usr/include/c++/12/new /usr/include/c++/12/bits/exception.h \
 /usr/include/c++/12/vector /usr/include/c++/12/bits/stl_algobase.h \
 /usr/include/c++/12/bits/functexcept.h \
 /usr/include/c++/12/bits/exception_defines.h \
 /usr/include/c++/12/bits/cpp_type_traits.h \
 /usr/include/c++/12/ext/type_traits.h \
 /usr/include/c++/12/ext/numeric_traits.h \
 /usr/include/c++/12/bits/stl_pair.h /usr/include/c++/12/type_traits \
 /usr/include/c++/12/bits/move.h /usr/include/c++/12/bits/utility.h \
 /usr/include/c++/12/bits/stl_iterator_base_types.h \
 /usr/include/c++/12/bits/stl_iterator_base_funcs.h \
 /usr/include/c++/12/bits/concept_check.h \
 /usr/include/c++/12/debug/assertions.h \
 /usr/include/c++/12/bits/stl_iterator.h \
 /usr/include/c++/12/bits/ptr_traits.h /usr/include/c++/12/debug/debug.h \
 /usr/include/c++/12/bits/predefined_ops.h \
 /usr/include/c++/12/bits/allocator.h \
 /usr/include/x86_64-linux-gnu/c++/12/bits/c++allocator.h \
 /usr/include/c++/12/bits/new_allocator.h \
 /usr/include/c++/12/bits/memoryfwd.h \
 /usr/include/c++/12/bits/stl_construct.h \
 /usr/include/c++/12/bits/stl_uninitialized.h \
 /usr/include/c++/12/ext/alloc_traits.h \
 /usr/include/c++/12/bits/alloc_traits.h \
 /usr/include/c++/12/bits/stl_vector.h \
 /usr/include/c++/12/initializer_list \
 /usr/include/c++/12/bits/stl_bvector.h \
 /usr/include/c++/12/bits/functional_hash.h \
 /usr/include/c++/12/bits/hash_bytes.h /usr/include/c++/12/bits/refwrap.h \
 /usr/include/c++/12/bits/invoke.h \
 /usr/include/c++/12/bits/stl_function.h \
 /usr/include/c++/12/backward/binders.h \
 /usr/include/c++/12/bits/range_access.h \
 /usr/include/c++/12/bits/vector.tcc \
 /usr/include/x86_64-linux-gnu/sys/mman.h \
 /usr/include/x86_64-linux-gnu/bits/mman.h \
 /usr/include/x86_64-linux-gnu/bits/mman-map-flags-generic.h \
 /usr/include/x86_64-linux-gnu/bits/mman-linux.h \
 /usr/include/x86_64-linux-gnu/bits/mman-shared.h \
 /usr/include/x86_64-linux-gnu/bits/mman_ext.h \
 /work/w/f17b/cpp/include/learnedidx/base/cancellation.hpp \
 /work/w/f17b/cpp/include/learnedidx/keys/queries.hpp \
 /usr/include/c++/12/atomic /usr/include/c++/12/bits/atomic_base.h \
 /usr/include/c++/12/bits/atomic_lockfree_defines.h \
 /work/w/f17b/cpp/include/learnedidx/base/compiled.hpp \
 /work/w/f17b/cpp/include/learnedidx/base/key_types.hpp \
 /work/w/f17b/cpp/include/learnedidx/base/key_traits.hpp \
 /usr/include/c++/12/cstring /usr/include/string.h \
 /usr/include/x86_64-linux-gnu/bits/types/locale_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/__locale_t.h \
 /usr/include/strings.h /usr/include/c++/12/limits \
 /work/w/f17b/cpp/include/learnedidx/base/compiler.hpp \
 /work/w/f17b/cpp/include/learnedidx/keys/convert.hpp \
 /usr/include/c++/12/cmath /usr/include/math.h \
 /usr/include/x86_64-linux-gnu/bits/math-vector.h \
 /usr/include/x86_64-linux-gnu/bits/libm-simd-decl-stubs.h \
 /usr/include/x86_64-linux-gnu/bits/floatn.h \
 /usr/include/x86_64-linux-gnu/bits/floatn-common.h \
 /usr/include/x86_64-linux-gnu/bits/flt-eval-method.h \
 /usr/include/x86_64-linux-gnu/bits/fp-logb.h \
 /usr/include/x86_64-linux-gnu/bits/fp-fast.h \
 /usr/include/x86_64-linux-gnu/bits/mathcalls-macros.h \
 /usr/include/x86_64-linux-gnu/bits/mathcalls-helper-functions.h \
 /usr/include/x86_64-linux-gnu/bits/mathcalls.h \
 /usr/include/x86_64-linux-gnu/bits/mathcalls-narrow.h \
 /usr/include/x86_64-linux-gnu/bits/iscanonical.h \
 /usr/include/c++/12/bits/std_abs.h /usr/include/stdlib.h \
 /usr/include/x86_64-linux-gnu/bits/waitflags.h \
 /usr/include/x86_64-linux-gnu/bits/waitstatus.h \
 /usr/include/x86_64-linux-gnu/sys/types.h \
 /usr/include/x86_64-linux-gnu/bits/types/clock_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/clockid_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/time_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/timer_t.h /usr/include/endian.h \
 /usr/include/x86_64-linux-gnu/bits/endian.h \
 /usr/include/x86_64-linux-gnu/bits/endianness.h \
 /usr/include/x86_64-linux-gnu/bits/byteswap.h \
 /usr/include/x86_64-linux-gnu/bits/uintn-identity.h \
 /usr/include/x86_64-linux-gnu/sys/select.h \
 /usr/include/x86_64-linux-gnu/bits/select.h \
 /usr/include/x86_64-linux-gnu/bits/types/sigset_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/__sigset_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/struct_timeval.h \
 /usr/include/x86_64-linux-gnu/bits/types/struct_timespec.h \
 /usr/include/x86_64-linux-gnu/bits/pthreadtypes.h \
 /usr/include/x86_64-linux-gnu/bits/thread-shared-types.h \
 /usr/include/x86_64-linux-gnu/bits/pthreadtypes-arch.h \
 /usr/include/x86_64-linux-gnu/bits/atomic_wide_counter.h \
 /usr/include/x86_64-linux-gnu/bits/struct_mutex.h \
 /usr/include/x86_64-linux-gnu/bits/struct_rwlock.h /usr/include/alloca.h \
 /usr/include/x86_64-linux-gnu/bits/stdlib-bsearch.h \
 /usr/include/x86_64-linux-gnu/bits/stdlib-float.h \
 /usr/include/c++/12/bits/specfun.h /usr/include/c++/12/tr1/gamma.tcc \
 /usr/include/c++/12/tr1/special_function_util.h \
 /usr/include/c++/12/tr1/bessel_function.tcc \
 /usr/include/c++/12/tr1/beta_function.tcc \
 /usr/include/c++/12/tr1/ell_integral.tcc \
 /usr/include/c++/12/tr1/exp_integral.tcc \
 /usr/include/c++/12/tr1/hypergeometric.tcc \
 /usr/include/c++/12/tr1/legendre_function.tcc \
 /usr/include/c++/12/tr1/modified_bessel_func.tcc \
 /usr/include/c++/12/tr1/poly_hermite.tcc \
 /usr/include/c++/12/tr1/poly_laguerre.tcc \
 /usr/include/c++/12/tr1/riemann_zeta.tcc \
 /work/w/f17b/cpp/include/learnedidx/keys/strings.hpp \
 /usr/include/c++/12/algorithm /usr/include/c++/12/bits/stl_algo.h \
 /usr/include/c++/12/bits/algorithmfwd.h \
 /usr/include/c++/12/bits/stl_heap.h \
 /usr/include/c++/12/bits/stl_tempbuf.h \
 /usr/include/c++/12/bits/uniform_int_dist.h /usr/include/c++/12/cstdlib \
 /usr/include/c++/12/pstl/glue_algorithm_defs.h \
 /usr/include/c++/12/pstl/execution_defs.h \
 /work/w/f17b/cpp/include/learnedidx/base/shared_memory.hpp \
 /work/w/f17b/cpp/include/learnedidx/base/unaligned_array.hpp \
 /work/w/f17b/cpp/include/learnedidx/keys/times.hpp \
 /work/w/f17b/cpp/bindings/filter_words.hpp \
 /work/w/f17b/cpp/bindings/arrays.hpp \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/numpy.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/pybind11.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/class.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/attr.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/common.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/conduit/wrap_include_python_h.h \
 /usr/include/python3.13/Python.h /usr/include/python3.13/patchlevel.h \
 /usr/include/python3.13/pyconfig.h \
 /usr/include/x86_64-linux-gnu/python3.13/pyconfig.h \
 /usr/include/python3.13/pymacconfig.h /usr/include/assert.h \
 /usr/include/inttypes.h \
 /usr/lib/gcc/x86_64-linux-gnu/12/include/limits.h \
 /usr/lib/gcc/x86_64-linux-gnu/12/include/syslimits.h \
 /usr/include/limits.h /usr/include/x86_64-linux-gnu/bits/posix1_lim.h \
 /usr/include/x86_64-linux-gnu/bits/local_lim.h \
 /usr/include/linux/limits.h \
 /usr/include/x86_64-linux-gnu/bits/pthread_stack_min-dynamic.h \
 /usr/include/x86_64-linux-gnu/bits/posix2_lim.h \
 /usr/include/x86_64-linux-gnu/bits/xopen_lim.h \
 /usr/include/x86_64-linux-gnu/bits/uio_lim.h /usr/include/c++/12/math.h \
 /usr/lib/gcc/x86_64-linux-gnu/12/include/stdarg.h /usr/include/wchar.h \
 /usr/include/x86_64-linux-gnu/bits/types/wint_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/mbstate_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/__mbstate_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/__FILE.h \
 /usr/include/x86_64-linux-gnu/bits/types/FILE.h /usr/include/errno.h \
 /usr/include/x86_64-linux-gnu/bits/errno.h /usr/include/linux/errno.h \
 /usr/lib/linux/uapi/x86/asm/errno.h /usr/include/asm-generic/errno.h \
 /usr/include/asm-generic/errno-base.h \
 /usr/include/x86_64-linux-gnu/bits/types/error_t.h /usr/include/stdio.h \
 /usr/include/x86_64-linux-gnu/bits/types/__fpos_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/__fpos64_t.h \
 /usr/include/x86_64-linux-gnu/bits/types/struct_FILE.h \
 /usr/include/x86_64-linux-gnu/bits/types/cookie_io_functions_t.h \
 /usr/include/x86_64-linux-gnu/bits/stdio_lim.h \
 /usr/include/x86_64-linux-gnu/bits/stdio.h /usr/include/c++/12/stdlib.h \
 /usr/include/ctype.h /usr/include/unistd.h \
 /usr/include/x86_64-linux-gnu/bits/posix_opt.h \
 /usr/include/x86_64-linux-gnu/bits/environments.h \
 /usr/include/x86_64-linux-gnu/bits/confname.h \
 /usr/include/x86_64-linux-gnu/bits/getopt_posix.h \
 /usr/include/x86_64-linux-gnu/bits/getopt_core.h \
 /usr/include/x86_64-linux-gnu/bits/unistd_ext.h \
 /usr/include/linux/close_range.h /usr/include/python3.13/pyport.h \
 /usr/include/python3.13/exports.h /usr/include/python3.13/pymacro.h \
 /usr/include/python3.13/pymath.h /usr/include/python3.13/pymem.h \
 /usr/include/python3.13/cpython/pymem.h \
 /usr/include/python3.13/pytypedefs.h /usr/include/python3.13/pybuffer.h \
 /usr/include/python3.13/pystats.h /usr/include/python3.13/pyatomic.h \
 /usr/include/python3.13/cpython/pyatomic.h \
 /usr/include/python3.13/cpython/pyatomic_gcc.h \
 /usr/include/python3.13/lock.h /usr/include/python3.13/cpython/lock.h \
 /usr/include/python3.13/object.h \
 /usr/include/python3.13/cpython/object.h \
 /usr/include/python3.13/objimpl.h \
 /usr/include/python3.13/cpython/objimpl.h \
 /usr/include/python3.13/typeslots.h /usr/include/python3.13/pyhash.h \
 /usr/include/python3.13/cpython/pyhash.h \
 /usr/include/python3.13/cpython/pydebug.h \
 /usr/include/python3.13/bytearrayobject.h \
 /usr/include/python3.13/cpython/bytearrayobject.h \
 /usr/include/python3.13/bytesobject.h \
 /usr/include/python3.13/cpython/bytesobject.h \
 /usr/include/python3.13/unicodeobject.h \
 /usr/include/python3.13/cpython/unicodeobject.h \
 /usr/include/python3.13/pyerrors.h \
 /usr/include/python3.13/cpython/pyerrors.h \
 /usr/include/python3.13/longobject.h \
 /usr/include/python3.13/cpython/longobject.h \
 /usr/include/python3.13/cpython/longintrepr.h \
 /usr/include/python3.13/boolobject.h \
 /usr/include/python3.13/floatobject.h \
 /usr/include/python3.13/cpython/floatobject.h \
 /usr/include/python3.13/complexobject.h \
 /usr/include/python3.13/cpython/complexobject.h \
 /usr/include/python3.13/rangeobject.h \
 /usr/include/python3.13/memoryobject.h \
 /usr/include/python3.13/cpython/memoryobject.h \
 /usr/include/python3.13/tupleobject.h \
 /usr/include/python3.13/cpython/tupleobject.h \
 /usr/include/python3.13/listobject.h \
 /usr/include/python3.13/cpython/listobject.h \
 /usr/include/python3.13/dictobject.h \
 /usr/include/python3.13/cpython/dictobject.h \
 /usr/include/python3.13/cpython/odictobject.h \
 /usr/include/python3.13/enumobject.h /usr/include/python3.13/setobject.h \
 /usr/include/python3.13/cpython/setobject.h \
 /usr/include/python3.13/methodobject.h \
 /usr/include/python3.13/cpython/methodobject.h \
 /usr/include/python3.13/moduleobject.h \
 /usr/include/python3.13/monitoring.h \
 /usr/include/python3.13/cpython/monitoring.h \
 /usr/include/python3.13/cpython/funcobject.h \
 /usr/include/python3.13/cpython/classobject.h \
 /usr/include/python3.13/fileobject.h \
 /usr/include/python3.13/cpython/fileobject.h \
 /usr/include/python3.13/pycapsule.h \
 /usr/include/python3.13/cpython/code.h /usr/include/python3.13/pyframe.h \
 /usr/include/python3.13/cpython/pyframe.h \
 /usr/include/python3.13/traceback.h \
 /usr/include/python3.13/cpython/traceback.h \
 /usr/include/python3.13/sliceobject.h \
 /usr/include/python3.13/cpython/cellobject.h \
 /usr/include/python3.13/iterobject.h \
 /usr/include/python3.13/cpython/initconfig.h \
 /usr/include/python3.13/pystate.h \
 /usr/include/python3.13/cpython/pystate.h \
 /usr/include/python3.13/cpython/genobject.h \
 /usr/include/python3.13/descrobject.h \
 /usr/include/python3.13/cpython/descrobject.h \
 /usr/include/python3.13/genericaliasobject.h \
 /usr/include/python3.13/warnings.h \
 /usr/include/python3.13/cpython/warnings.h \
 /usr/include/python3.13/weakrefobject.h \
 /usr/include/python3.13/cpython/weakrefobject.h \
 /usr/include/python3.13/structseq.h \
 /usr/include/python3.13/cpython/picklebufobject.h \
 /usr/include/python3.13/cpython/pytime.h \
 /usr/include/python3.13/codecs.h /usr/include/python3.13/pythread.h \
 /usr/include/python3.13/cpython/pythread.h /usr/include/pthread.h \
 /usr/include/sched.h /usr/include/x86_64-linux-gnu/bits/sched.h \
 /usr/include/linux/sched/types.h /usr/include/linux/types.h \
 /usr/lib/linux/uapi/x86/asm/types.h /usr/include/asm-generic/types.h \
 /usr/include/asm-generic/int-ll64.h \
 /usr/lib/linux/uapi/x86/asm/bitsperlong.h \
 /usr/include/asm-generic/bitsperlong.h /usr/include/linux/posix_types.h \
 /usr/include/linux/stddef.h /usr/lib/linux/uapi/x86/asm/posix_types.h \
 /usr/lib/linux/uapi/x86/asm/posix_types_64.h \
 /usr/include/asm-generic/posix_types.h \
 /usr/include/x86_64-linux-gnu/bits/types/struct_sched_param.h \
 /usr/include/x86_64-linux-gnu/bits/cpu-set.h /usr/include/time.h \
 /usr/include/x86_64-linux-gnu/bits/time.h \
 /usr/include/x86_64-linux-gnu/bits/timex.h \
 /usr/include/x86_64-linux-gnu/bits/types/struct_tm.h \
 /usr/include/x86_64-linux-gnu/bits/types/struct_itimerspec.h \
 /usr/include/x86_64-linux-gnu/bits/setjmp.h \
 /usr/include/x86_64-linux-gnu/bits/types/struct___jmp_buf_tag.h \
 /usr/include/python3.13/cpython/context.h \
 /usr/include/python3.13/modsupport.h \
 /usr/include/python3.13/cpython/modsupport.h \
 /usr/include/python3.13/compile.h \
 /usr/include/python3.13/cpython/compile.h \
 /usr/include/python3.13/pythonrun.h \
 /usr/include/python3.13/cpython/pythonrun.h \
 /usr/include/python3.13/pylifecycle.h \
 /usr/include/python3.13/cpython/pylifecycle.h \
 /usr/include/python3.13/ceval.h /usr/include/python3.13/cpython/ceval.h \
 /usr/include/python3.13/sysmodule.h \
 /usr/include/python3.13/cpython/sysmodule.h \
 /usr/include/python3.13/osmodule.h /usr/include/python3.13/intrcheck.h \
 /usr/include/python3.13/import.h \
 /usr/include/python3.13/cpython/import.h \
 /usr/include/python3.13/abstract.h \
 /usr/include/python3.13/cpython/abstract.h \
 /usr/include/python3.13/bltinmodule.h \
 /usr/include/python3.13/critical_section.h \
 /usr/include/python3.13/cpython/critical_section.h \
 /usr/include/python3.13/cpython/pyctype.h \
 /usr/include/python3.13/pystrtod.h /usr/include/python3.13/pystrcmp.h \
 /usr/include/python3.13/fileutils.h \
 /usr/include/x86_64-linux-gnu/sys/stat.h \
 /usr/include/x86_64-linux-gnu/bits/stat.h \
 /usr/include/x86_64-linux-gnu/bits/struct_stat.h \
 /usr/include/x86_64-linux-gnu/bits/statx.h /usr/include/linux/stat.h \
 /usr/include/x86_64-linux-gnu/bits/statx-generic.h \
 /usr/include/x86_64-linux-gnu/bits/types/struct_statx_timestamp.h \
 /usr/include/x86_64-linux-gnu/bits/types/struct_statx.h \
 /usr/include/python3.13/cpython/fileutils.h \
 /usr/include/python3.13/cpython/pyfpe.h \
 /usr/include/python3.13/cpython/tracemalloc.h \
 /usr/include/python3.13/frameobject.h \
 /usr/include/python3.13/cpython/frameobject.h \
 /usr/include/python3.13/pythread.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/pybind11_namespace_macros.h \
 /usr/include/c++/12/exception /usr/include/c++/12/bits/exception_ptr.h \
 /usr/include/c++/12/bits/cxxabi_init_exception.h \
 /usr/include/c++/12/typeinfo /usr/include/c++/12/bits/nested_exception.h \
 /usr/include/c++/12/forward_list /usr/include/c++/12/bits/forward_list.h \
 /usr/include/c++/12/ext/aligned_buffer.h \
 /usr/include/c++/12/bits/forward_list.tcc /usr/include/c++/12/memory \
 /usr/include/c++/12/bits/stl_raw_storage_iter.h \
 /usr/include/c++/12/bits/align.h /usr/include/c++/12/bit \
 /usr/include/c++/12/bits/uses_allocator.h \
 /usr/include/c++/12/bits/unique_ptr.h /usr/include/c++/12/tuple \
 /usr/include/c++/12/bits/shared_ptr.h /usr/include/c++/12/iosfwd \
 /usr/include/c++/12/bits/stringfwd.h /usr/include/c++/12/bits/postypes.h \
 /usr/include/c++/12/cwchar /usr/include/c++/12/bits/shared_ptr_base.h \
 /usr/include/c++/12/bits/allocated_ptr.h \
 /usr/include/c++/12/ext/atomicity.h \
 /usr/include/x86_64-linux-gnu/c++/12/bits/gthr.h \
 /usr/include/x86_64-linux-gnu/c++/12/bits/gthr-default.h \
 /usr/include/x86_64-linux-gnu/c++/12/bits/atomic_word.h \
 /usr/include/x86_64-linux-gnu/sys/single_threaded.h \
 /usr/include/c++/12/ext/concurrence.h \
 /usr/include/c++/12/bits/shared_ptr_atomic.h \
 /usr/include/c++/12/backward/auto_ptr.h \
 /usr/include/c++/12/pstl/glue_memory_defs.h \
 /usr/include/c++/12/stdexcept /usr/include/c++/12/string \
 /usr/include/c++/12/bits/char_traits.h \
 /usr/include/c++/12/bits/localefwd.h \
 /usr/include/x86_64-linux-gnu/c++/12/bits/c++locale.h \
 /usr/include/c++/12/clocale /usr/include/locale.h \
 /usr/include/x86_64-linux-gnu/bits/locale.h /usr/include/c++/12/cctype \
 /usr/include/c++/12/bits/ostream_insert.h \
 /usr/include/c++/12/bits/cxxabi_forced.h \
 /usr/include/c++/12/bits/basic_string.h /usr/include/c++/12/string_view \
 /usr/include/c++/12/bits/string_view.tcc \
 /usr/include/c++/12/ext/string_conversions.h /usr/include/c++/12/cstdio \
 /usr/include/c++/12/cerrno /usr/include/c++/12/bits/charconv.h \
 /usr/include/c++/12/bits/basic_string.tcc /usr/include/c++/12/typeindex \
 /usr/include/c++/12/unordered_map /usr/include/c++/12/bits/hashtable.h \
 /usr/include/c++/12/bits/hashtable_policy.h \
 /usr/include/c++/12/bits/enable_special_members.h \
 /usr/include/c++/12/bits/node_handle.h \
 /usr/include/c++/12/bits/unordered_map.h \
 /usr/include/c++/12/bits/erase_if.h /usr/include/c++/12/unordered_set \
 /usr/include/c++/12/bits/unordered_set.h /usr/include/c++/12/version \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/cast.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/argument_vector.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/pytypes.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/buffer_info.h \
 /usr/include/c++/12/iterator /usr/include/c++/12/bits/stream_iterator.h \
 /usr/include/c++/12/bits/streambuf_iterator.h \
 /usr/include/c++/12/streambuf /usr/include/c++/12/bits/ios_base.h \
 /usr/include/c++/12/bits/locale_classes.h \
 /usr/include/c++/12/bits/locale_classes.tcc \
 /usr/include/c++/12/system_error \
 /usr/include/x86_64-linux-gnu/c++/12/bits/error_constants.h \
 /usr/include/c++/12/bits/streambuf.tcc /usr/include/c++/12/utility \
 /usr/include/c++/12/bits/stl_relops.h /usr/include/c++/12/optional \
 /usr/include/c++/12/array /usr/include/c++/12/compare \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/descr.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/holder_caster_foreign_helpers.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/gil.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/internals.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/conduit/pybind11_platform_abi_id.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/gil_simple.h \
 /usr/include/c++/12/cassert \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/trampoline_self_life_support.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/using_smart_holder.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/struct_smart_holder.h \
 /usr/include/c++/12/functional /usr/include/c++/12/bits/std_function.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/value_and_holder.h \
 /usr/include/c++/12/mutex /usr/include/c++/12/bits/chrono.h \
 /usr/include/c++/12/ratio /usr/include/c++/12/ctime \
 /usr/include/c++/12/bits/parse_numbers.h \
 /usr/include/c++/12/bits/std_mutex.h \
 /usr/include/c++/12/bits/unique_lock.h /usr/include/c++/12/thread \
 /usr/include/c++/12/bits/std_thread.h \
 /usr/include/c++/12/bits/this_thread_sleep.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/native_enum_data.h \
 /usr/include/c++/12/sstream /usr/include/c++/12/istream \
 /usr/include/c++/12/ios /usr/include/c++/12/bits/basic_ios.h \
 /usr/include/c++/12/bits/locale_facets.h /usr/include/c++/12/cwctype \
 /usr/include/wctype.h /usr/include/x86_64-linux-gnu/bits/wctype-wchar.h \
 /usr/include/x86_64-linux-gnu/c++/12/bits/ctype_base.h \
 /usr/include/x86_64-linux-gnu/c++/12/bits/ctype_inline.h \
 /usr/include/c++/12/bits/locale_facets.tcc \
 /usr/include/c++/12/bits/basic_ios.tcc /usr/include/c++/12/ostream \
 /usr/include/c++/12/bits/ostream.tcc \
 /usr/include/c++/12/bits/istream.tcc \
 /usr/include/c++/12/bits/sstream.tcc \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/type_caster_base.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/cpp_conduit.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/dynamic_raw_ptr_cast_if_possible.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/typeid.h \
 /usr/include/c++/12/cxxabi.h \
 /usr/include/x86_64-linux-gnu/c++/12/bits/cxxabi_tweaks.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/options.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/exception_translation.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/function_record_pyobject.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/function_ref.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/detail/init.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/gil_safe_call_once.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/typing.h \
 /usr/include/c++/12/stack /usr/include/c++/12/deque \
 /usr/include/c++/12/bits/stl_deque.h /usr/include/c++/12/bits/deque.tcc \
 /usr/include/c++/12/bits/stl_stack.h \
 /work/w/base/lib/python3.13/site-packages/pybind11/include/pybind11/complex.h \
 /usr/include/c++/12/complex /usr/include/c++/12/numeric \
 /usr/include/c++/12/bits/stl_numeric.h \
 /usr/include/c++/12/pstl/glue_numeric_defs.h \
 /work/w/f17b/cpp/include/learnedidx/base/executor.hpp \
 /work/w/f17b/cpp/include/learnedidx/kernels/kernels.hpp \
 /work/w/f17b/cpp/include/learnedidx/kernels/tree_node.hpp \
 /work/w/f17b/cpp/include/learnedidx/keys/coordinate.hpp \
 /work/w/f17b/cpp/include/learnedidx/keys/ordinal.hpp \
 /work/w/f17b/cpp/include/learnedidx/models/pgm.hpp \
 /work/w/f17b/cpp/include/learnedidx/base/doubles.hpp \
 /work/w/f17b/cpp/include/learnedidx/base/inline_vector.hpp \
 /work/w/f17b/cpp/include/learnedidx/models/corrections.hpp \
 /work/w/f17b/cpp/include/learnedidx/search/trace.hpp \
 /work/w/f17b/cpp/include/learnedidx/search/window.hpp \
 /work/w/f17b/cpp/include/learnedidx/models/line.hpp \
 /work/w/f17b/cpp/include/learnedidx/search/bisect.hpp \
 /work/w/f17b/cpp/include/learnedidx/models/radix_spline.hpp \
 /work/w/f17b/cpp/include/learnedidx/models/rmi.hpp \
 /work/w/f17b/cpp/include/learnedidx/models/pieces.hpp \
 /work/w/f17b/cpp/bindings/pool.hpp \
 /work/w/f17b/cpp/bindings/without_gil.hpp /usr/include/c++/12/chrono \
 /work/w/f17b/cpp/bindings/forks.hpp \
 /work/w/f17b/cpp/bindings/bindings.hpp \
 /work/w/f17b/cpp/include/learnedidx/filters/build_hash.hpp \
 /work/w/f17b/cpp/include/learnedidx/filters/learned_hash.hpp \
 /work/w/f17b/cpp/include/learnedidx/filters/binary_fuse.hpp \
 /work/w/f17b/cpp/include/learnedidx/filters/bits.hpp \
 /work/w/f17b/cpp/include/learnedidx/filters/elias_fano.hpp
