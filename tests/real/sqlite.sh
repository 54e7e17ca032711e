#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# SQLite with 50 MB in memory, filled and indexed before the dump: queries and changes
# have the same results in the dump.
. "${0%/*}/../lib/functions.sh"

program=$top_builddir/examples/sqlite/sqlite_app
[ -x "$program" ] || skip "built without SQLite"
limited "$program" --dump app || fail "no dump"
set -- 'select page_count * page_size > 50000000 from pragma_page_count, pragma_page_size' \
	"select count(*), sum(amount), min(note) from event where user = 'user77'" \
	'explain query plan select * from event where note > "note of event 5"' \
	'select user, sum(amount) s from event group by user order by s desc, user limit 5' \
	"insert into event values (null, 'new', 1, 'added'); select max(id) from event" \
	'delete from event where amount < 500; select count(*) from event' \
	"create table t as select upper(user) u from event limit 3; select * from t" \
	'pragma integrity_check'
same "the dump's answer" "$(limited "$program" "$@")" "$(limited ./app "$@")"
# Each start has the database of the dump.
same "a second start" 400000 "$(limited ./app 'select count(*) from event')"
