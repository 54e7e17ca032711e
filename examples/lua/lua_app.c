/* SPDX-License-Identifier: MIT
 *
 * A program with Lua embedded, whose scripts can dump it with all their state:
 *
 *   lua_app SCRIPT ARGUMENT…
 *
 *   unexec.dump(path)     returns "dumped" in this process, and "resumed" in each start of the
 *                         file, with the new arguments in `arg` and new random numbers; or nil
 *                         and the cause, if there is no dump
 *   unexec.generation()   returns 0 in a program that was never dumped, 1 in its dump, …
 */
#include <stdio.h>
#include <sys/random.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <unexec.h>

/* arg[0] is the name of the script; in a dump, the name of the dump. */
static void set_arguments(lua_State *lua, int count, char **strings)
{
	lua_createtable(lua, count, 1);
	for (int i = 0; i < count; i++) {
		lua_pushstring(lua, strings[i]);
		lua_rawseti(lua, -2, i);
	}
	lua_setglobal(lua, "arg");
}

/* Lua makes its seed from the time in seconds and from addresses, which a dump preserves. */
static void seed(lua_State *lua)
{
	lua_Integer numbers[2];

	if (getrandom(numbers, sizeof(numbers), 0) != sizeof(numbers))
		return;
	luaL_requiref(lua, "math", luaopen_math, 0); /* the script may have hidden its name */
	lua_getfield(lua, -1, "randomseed");
	lua_pushinteger(lua, numbers[0]);
	lua_pushinteger(lua, numbers[1]);
	lua_pcall(lua, 2, 0, 0);
	lua_pop(lua, 1);
}

static int push_errors(lua_State *lua, const struct unexec_report *report, int status)
{
	struct unexec_diagnostic diagnostic;
	const char *separator = ": ";
	luaL_Buffer text;

	lua_pushnil(lua);
	luaL_buffinit(lua, &text);
	luaL_addstring(&text, unexec_status_name(status));
	for (size_t i = 0; !unexec_report_get(report, i, &diagnostic); i++) {
		if (diagnostic.severity != UNEXEC_ERROR)
			continue;
		luaL_addstring(&text, separator);
		luaL_addstring(&text, diagnostic.text);
		separator = "; ";
	}
	luaL_pushresult(&text);
	return 2;
}

static int dump(lua_State *lua)
{
	const char *path = luaL_checkstring(lua, 1);
	struct unexec_report *report = unexec_report_new();
	int status, results = 1, count;
	char **strings;

	lua_gc(lua, LUA_GCCOLLECT);
	status = unexec_dump(path, NULL, report);
	if (status == UNEXEC_RESUMED) {
		unexec_arguments(&count, &strings, NULL);
		set_arguments(lua, count, strings);
		seed(lua);
		lua_pushliteral(lua, "resumed");
	} else if (status == UNEXEC_DUMPED) {
		lua_pushliteral(lua, "dumped");
	} else {
		results = push_errors(lua, report, status);
	}
	unexec_report_free(report);
	return results;
}

static int generation(lua_State *lua)
{
	lua_pushinteger(lua, unexec_generation());
	return 1;
}

static int explain(lua_State *lua)
{
	luaL_traceback(lua, lua, lua_tostring(lua, 1), 1);
	return 1;
}

int main(int argc, char **argv)
{
	static const luaL_Reg functions[] = {
		{ "dump", dump }, { "generation", generation }, { NULL, NULL }
	};
	lua_State *lua = luaL_newstate();
	int failed;

	if (!lua || argc < 2) {
		fputs("usage: lua_app SCRIPT ARGUMENT...\n", stderr);
		return 2;
	}
	luaL_openlibs(lua);
	luaL_newlib(lua, functions);
	lua_setglobal(lua, "unexec");
	set_arguments(lua, argc - 1, argv + 1);
	lua_pushcfunction(lua, explain);
	failed = luaL_loadfile(lua, argv[1]) || lua_pcall(lua, 0, 0, 1);
	if (failed)
		fprintf(stderr, "lua_app: %s\n", lua_tostring(lua, -1));
	lua_close(lua);
	return failed;
}
