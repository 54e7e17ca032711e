# SPDX-License-Identifier: GPL-3.0-or-later
#
# Examples of real programs; tests/real runs them.

EXTRA_DIST += \
	%D%/build/CMakeLists.txt \
	%D%/build/Makefile.am \
	%D%/build/app.c \
	%D%/build/check.sh \
	%D%/build/configure.ac \
	%D%/build/meson.build \
	%D%/build/meson_options.txt

# Built by its own setup.py, in a copy, as that leaves things among the sources.
python_module = \
	%D%/python/README \
	%D%/python/pyproject.toml \
	%D%/python/setup.py \
	%D%/python/src/unexec/__init__.py \
	%D%/python/src/unexec/__main__.py \
	%D%/python/src/unexec/_argv.py \
	%D%/python/src/unexec/_end.py \
	%D%/python/src/unexec/_target.py \
	%D%/python/src/unexec/_update.py \
	%D%/python/src/unexec/_unexec.c \
	%D%/python/src/unexec/_unexec.pyi \
	%D%/python/src/unexec/py.typed
EXTRA_DIST += $(python_module) %D%/python/app.py

if HAVE_PYTHON
check_DATA += %D%/python.stamp
endif
%D%/python.stamp: $(python_module) include/unexec.h libunexec.la libunexec-uninstalled.pc
	@rm -rf %D%/python.build && $(MKDIR_P) %D%/python.build/src/unexec
	@for file in $(python_module); do \
		cp "$(srcdir)/$$file" "%D%/python.build/$${file#%D%/python/}" || exit; done
	$(AM_V_GEN)cd %D%/python.build && PKG_CONFIG_PATH='$(abs_top_builddir)' \
		CFLAGS='$(WARN_CFLAGS)' $(PYTHON3) setup.py -q build --build-lib lib
	@touch $@
clean-local:
	rm -rf %D%/python.build %D%/python.stamp

EXTRA_DIST += %D%/lua/words.lua %D%/tex/latex-now

EXTRA_DIST += %D%/emacs/README %D%/emacs/unexec-module.c %D%/emacs/unexec.el

if HAVE_LUA
check_PROGRAMS += %D%/lua/lua_app
endif
%C%_lua_lua_app_CFLAGS = $(AM_CFLAGS) $(LUA_CFLAGS)
%C%_lua_lua_app_LDADD = libunexec.la $(LUA_LIBS)

if HAVE_SQLITE
check_PROGRAMS += %D%/sqlite/sqlite_app
endif
%C%_sqlite_sqlite_app_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
%C%_sqlite_sqlite_app_LDADD = libunexec.la $(SQLITE_LIBS)

# Built by their tests, as by anybody.
EXTRA_DIST += \
	%D%/tcl/Makefile \
	%D%/tcl/pkgIndex.tcl \
	%D%/tcl/unexec.c \
	%D%/tcl/unexec.tcl \
	%D%/tcl/words.tcl \
	%D%/perl/Makefile.PL \
	%D%/perl/Unexec.xs \
	%D%/perl/lib/Unexec.pm \
	%D%/perl/words.pl

check_PROGRAMS += %D%/server/server
%C%_server_server_CFLAGS = $(AM_CFLAGS) -pthread
%C%_server_server_LDADD = libunexec.la $(libc_ldadd)
