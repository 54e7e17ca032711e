/* SPDX-License-Identifier: MIT
 *
 * Lua as a library: loads a script, dumps itself with all that the script has made, and
 * evaluates the expressions it is started with.
 *
 *   lua_app SCRIPT EXPRESSION…           loads and evaluates
 *   lua_app --dump FILE SCRIPT           writes FILE, to be started with EXPRESSION…
 */
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <unexec.h>

static int fail(lua_State *lua)
{
	fprintf(stderr, "lua_app: %s\n", lua_tostring(lua, -1));
	return 1;
}

static int evaluate(lua_State *lua, const char *expression)
{
	const char *code = lua_pushfstring(lua, "return %s", expression);

	if (luaL_dostring(lua, code))
		return fail(lua);
	printf("%s = %s\n", expression, luaL_tolstring(lua, -1, NULL));
	lua_settop(lua, 0);
	return 0;
}

int main(int argc, char **argv)
{
	int first = 2, status = 0;
	const char *dump = NULL;
	lua_State *lua = luaL_newstate();

	if (argc > 2 && !strcmp(argv[1], "--dump")) {
		dump = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 2) {
		fputs("usage: lua_app [--dump FILE] SCRIPT EXPRESSION...\n", stderr);
		return 2;
	}
	luaL_openlibs(lua);
	if (luaL_dofile(lua, argv[1]))
		return fail(lua);
	if (dump) {
		status = unexec_dump(dump, NULL, NULL);
		if (status != UNEXEC_RESUMED)
			return status != UNEXEC_DUMPED;
		unexec_arguments(&argc, &argv, NULL);
		first = 1;
		status = 0;
	}
	for (int i = first; i < argc; i++)
		status |= evaluate(lua, argv[i]);
	lua_close(lua);
	return status;
}
