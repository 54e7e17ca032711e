#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The sqlite3 shell at its prompt, with a database in memory and an open one in a file.
. "${0%/*}/../lib/at_prompt.sh"

need sqlite3
cat > first <<'END'
create table event as with recursive n(i) as (select 1 union all select i + 1 from n
	where i < 100000) select i, i * 7919 % 10007 as v from n;
create index by_v on event (v);
attach 'file.db' as kept;
create table if not exists kept.t (a);
delete from kept.t;
insert into kept.t values (41), (42);
END
cat > second <<'END'
select count(*), sum(v) from event where v < 1000;
explain query plan select * from event where v = 77;
select max(a) from kept.t;
insert into kept.t values (43);
select group_concat(a) from kept.t;
delete from kept.t where a = 43;
select 6 * 7;
pragma integrity_check;
END
as_ever sqlite3
prints 42
