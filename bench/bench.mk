# SPDX-License-Identifier: GPL-3.0-or-later
#
# `make bench` prints the table of figures; it is no part of `make check`.

bench_programs = %D%/bench %D%/floor %D%/heap %D%/hello %D%/pair %D%/target
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs) %D%/heap-1.dump %D%/heap-1024.dump %D%/imports.dump \
	%D%/imports-own.dump %D%/heap.copy
EXTRA_DIST += %D%/imports.py %D%/tools.sh

%C%_bench_SOURCES = %D%/bench.c %D%/outside.c %D%/rows.c %D%/rows.h
%C%_pair_SOURCES = %D%/pair.c %D%/rows.c %D%/rows.h
%C%_bench_LDADD =
%C%_pair_LDADD =
%C%_target_LDADD =
%C%_hello_LDADD =
%C%_hello_LDFLAGS = -all-static

%C%_floor_LDADD =
%C%_floor_CFLAGS = $(AM_CFLAGS) -fno-stack-protector
%C%_floor_LDFLAGS = -all-static -nostdlib -nostartfiles

# Linked statically with libunexec, dynamically with libc.
%C%_heap_LDADD = libunexec.la
%C%_heap_LDFLAGS = -static

.PHONY: bench
bench: all $(bench_programs) tests/lib/clean_exec examples/python.stamp
	@UNEXEC_TOOL='$(abs_top_builddir)/unexec'; PYTHONDONTWRITEBYTECODE=1; \
	PYTHONPATH='$(abs_top_builddir)/examples/python.build/lib'; \
	export UNEXEC_TOOL PYTHONDONTWRITEBYTECODE PYTHONPATH; \
	tests/lib/clean_exec %D%/bench %D% '$(PYTHON3)' '$(srcdir)/%D%/imports.py' && \
	tests/lib/clean_exec '$(abs_top_srcdir)/%D%/tools.sh' %D% '$(PYTHON3)'
