/* SPDX-License-Identifier: MIT
 *
 * A database in memory, 50 MB, filled and indexed before the dump and queried after it.
 *
 *   sqlite_app SQL…            fills and queries the database
 *   sqlite_app --dump FILE     fills it and dumps to FILE; then run FILE SQL…
 */
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>
#include <unexec.h>

static const char fill[] =
	"create table event (id integer primary key, user text, amount integer, note text);"
	"with recursive number(n) as (select 1 union all select n + 1 from number"
	"                             where n < 400000)"
	"insert into event select n, 'user' || (n * 7919 % 10007), n * 104729 % 1000,"
	"                         'note of event ' || n || ' ' || hex(n * 31337) from number;"
	"create index by_user on event (user, amount);"
	"create index by_note on event (note);"
	"analyze;";

static int print_row(void *unused, int count, char **values, char **names)
{
	(void)unused;
	(void)names;
	for (int i = 0; i < count; i++)
		printf("%s%c", values[i] ? values[i] : "NULL", i + 1 < count ? '|' : '\n');
	return 0;
}

static int run(sqlite3 *database, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(database, sql, print_row, NULL, &message) == SQLITE_OK)
		return 0;
	fprintf(stderr, "sqlite_app: %s\n", message);
	sqlite3_free(message);
	return 1;
}

int main(int argc, char **argv)
{
	sqlite3 *database;
	int status = 0;

	if (sqlite3_open(":memory:", &database) != SQLITE_OK || run(database, fill))
		return 1;
	if (argc > 2 && !strcmp(argv[1], "--dump")) {
		int dumped = unexec_dump(argv[2], NULL, NULL);

		if (dumped != UNEXEC_RESUMED)
			return dumped != UNEXEC_DUMPED;
		unexec_arguments(&argc, &argv, NULL);
	}
	for (int i = 1; i < argc; i++)
		status |= run(database, argv[i]);
	sqlite3_close(database);
	return status;
}
