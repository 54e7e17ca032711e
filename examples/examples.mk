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
EXTRA_DIST += %D%/python/app.py %D%/python/unexec.py %D%/lua/words.lua %D%/tex/latex-now

if HAVE_LUA
check_PROGRAMS += %D%/lua/lua_app
endif
%C%_lua_lua_app_SOURCES = %D%/lua/lua_app.c
%C%_lua_lua_app_CFLAGS = $(AM_CFLAGS) $(LUA_CFLAGS)
%C%_lua_lua_app_LDADD = libunexec.la $(LUA_LIBS)
%C%_lua_lua_app_LDFLAGS = -no-install

if HAVE_SQLITE
check_PROGRAMS += %D%/sqlite/sqlite_app
endif
%C%_sqlite_sqlite_app_SOURCES = %D%/sqlite/sqlite_app.c
%C%_sqlite_sqlite_app_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
%C%_sqlite_sqlite_app_LDADD = libunexec.la $(SQLITE_LIBS)
%C%_sqlite_sqlite_app_LDFLAGS = -no-install

check_PROGRAMS += %D%/server/server
%C%_server_server_SOURCES = %D%/server/server.c
%C%_server_server_CFLAGS = $(AM_CFLAGS) -pthread
%C%_server_server_LDADD = libunexec.la
%C%_server_server_LDFLAGS = -no-install -pthread
