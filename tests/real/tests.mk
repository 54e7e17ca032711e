# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs that people use are dumped. The dump's output is compared with the program's own.

real_tests = \
	%D%/asyncio.sh \
	%D%/at_terminal.sh \
	%D%/bash.sh \
	%D%/bc.sh \
	%D%/black.sh \
	%D%/gawk.sh \
	%D%/gdb.sh \
	%D%/go_cgo.sh \
	%D%/growing.sh \
	%D%/guile.sh \
	%D%/generators.sh \
	%D%/gunicorn.sh \
	%D%/java.sh \
	%D%/latex_now.sh \
	%D%/lua.sh \
	%D%/lua_prompt.sh \
	%D%/node.sh \
	%D%/node_server.sh \
	%D%/perl.sh \
	%D%/perl_module.sh \
	%D%/php.sh \
	%D%/python.sh \
	%D%/python_command.sh \
	%D%/python_pip.sh \
	%D%/python_shared.sh \
	%D%/python_startup_values.sh \
	%D%/python_loops.sh \
	%D%/python_threads.sh \
	%D%/redis.sh \
	%D%/ruby.sh \
	%D%/sbcl.sh \
	%D%/server.sh \
	%D%/sqlite.sh \
	%D%/sqlite_prompt.sh \
	%D%/swipl.sh \
	%D%/tcl_package.sh \
	%D%/tclsh.sh \
	%D%/temporary_files.sh \
	%D%/tex_plain.sh

TESTS += $(real_tests)
EXTRA_DIST += $(real_tests) tests/lib/at_prompt.sh tests/lib/python_module.sh

# Run by hand: see the README there.
EXTRA_DIST += \
	%D%/emacs/README \
	%D%/emacs/build \
	%D%/emacs/check \
	%D%/emacs/compare \
	%D%/emacs/figures \
	%D%/emacs/on_terminal.py \
	%D%/emacs/run \
	%D%/emacs/session \
	%D%/emacs/session.el \
	%D%/emacs/use \
	%D%/emacs/use.el

# Preloaded into programs that do not use libunexec.
check_LTLIBRARIES += tests/lib/at_prompt.la
tests_lib_at_prompt_la_LIBADD = libunexec.la
tests_lib_at_prompt_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
