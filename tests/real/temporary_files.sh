#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Temporary files of real programs, which delete them as soon as they are open, are in the dump:
# those of Python's tempfile, of Perl, and of SQLite's temporary tables. Each start has its own.
. "${0%/*}/../lib/functions.sh"

# dumped COMMAND…: makes `dump`, at the first read of standard input.
dumped()
{
	limited "$UNEXEC_TOOL" run -q -o dump -- "$@" < /dev/null || fail "no dump of $1"
	tried="$tried $1"
}

# prints INPUT EXPECTED: checks the output of two starts.
prints()
{
	for start in 1 2
	do
		same "output of start $start" "$2" "$(echo "$1" | limited ./dump 2>&1)"
	done
}

tried=
cat > temporary.py << 'END'
import os, sys, tempfile
file = tempfile.TemporaryFile()
file.write(b"one two three")
file.seek(4)
spooled = tempfile.SpooledTemporaryFile(max_size=4, mode="w+")
spooled.write("more than four")
number, name = tempfile.mkstemp()
os.fchmod(number, 0o604)
os.utime(number, (5, 6))
os.unlink(name)
sys.stdin.readline()
print(file.read(3).decode(), os.fstat(number).st_mtime, oct(os.fstat(number).st_mode))
file.seek(0)
file.write(b"ONE")
file.seek(0)
spooled.seek(0)
print(file.read().decode(), spooled.read())
END
dumped "$PYTHON3" temporary.py
prints go 'two 6.0 0o100604
ONE two three more than four'

if command -v perl > /dev/null
then
	cat > temporary.pl << 'END'
open(my $file, "+>", undef) or die;
print $file "first\nsecond\n";
seek($file, 6, 0);
<STDIN>;
print scalar(<$file>);
print $file "third\n";
seek($file, 0, 0);
print <$file>;
END
	dumped perl temporary.pl
	prints go "$(echo go | perl temporary.pl)"
fi

if command -v sqlite3 > /dev/null
then
	dumped sqlite3 -cmd 'pragma temp_store=file; pragma cache_size=10;
		create temp table t as with recursive c(x) as
			(select 1 union all select x + 1 from c where x < 50000)
			select x, hex(randomblob(20)) y from c;'
	limited "$UNEXEC_TOOL" info dump | grep -q 'deleted file, .*etilqs' || fail "no file"
	prints 'insert into t values (0, "last"); create index i on t(y);
		select count(*), sum(x), count(distinct y), max(y) from t;' \
		'50001|1250025000|50001|last'
fi
echo "tried:$tried"
