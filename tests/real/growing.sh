#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Large blocks that grow after the start: lists, strings, tables, arrays. malloc maps blocks of
# more than 128 KB, and grows them with mremap.
. "${0%/*}/../lib/functions.sh"

# grows NAME COMMAND…: dumped while it waits for a line, it prints the same as without a dump.
grows()
{
	name=$1
	shift
	command -v "$1" > /dev/null || { echo "no $1"; return; }
	echo x | limited "$@" > "$name.ordinary" || fail "$name itself: status $?"
	[ -s "$name.ordinary" ] || fail "$name printed nothing"
	limited "$UNEXEC_TOOL" run -q -o "$name" -- "$@" < /dev/null || fail "$name: no dump"
	limited "$UNEXEC_TOOL" run -q -o "$name.again" -- "./$name" < /dev/null ||
		fail "$name: no dump of the dump"
	for dump in "$name" "$name.again"
	do
		same "output of $dump" "$(cat "$name.ordinary")" "$(echo x | limited "./$dump" 2>&1)"
	done
	tried=$((tried + 1))
}

tried=0
cat > grow.py << 'END'
import sys
numbers, data, text = list(range(300000)), bytearray(b'x' * 1000000), 'y' * 1000000
sys.stdin.readline()
for i in range(300000, 2000000):
    numbers.append(i)
for i in range(40):
    data += bytes(100000)
    text += 'z' * 100000
print(sum(numbers), data.count(b'x'), data.count(b'\0'), text.count('y'), text.count('z'))
del numbers[1000:]
print(len(numbers), sum(numbers))
END
grows python python3 -S grow.py
cat > grow.pl << 'END'
my $text = "x" x 1000000; my @list = (1 .. 300000);
<STDIN>;
$text .= "y" x 100000 for 1 .. 50;
push @list, $_ for 300001 .. 1000000;
my $sum = 0; $sum += $_ for @list;
printf "%d %d %d %d\n", length $text, ($text =~ tr/x//), ($text =~ tr/y//), $sum;
END
grows perl perl grow.pl
cat > grow.lua << 'END'
local list, words = {}, {}
for i = 1, 200000 do list[i] = i; words["w" .. i] = i end
io.read()
for i = 200001, 1000000 do list[i] = i end
for i = 200001, 400000 do words["w" .. i] = i end
local sum, count = 0, 0
for _, value in ipairs(list) do sum = sum + value end
for _ in pairs(words) do count = count + 1 end
print(sum, count)
END
grows lua lua5.4 grow.lua
cat > grow.php << 'END'
<?php
$list = range(1, 200000); $text = str_repeat('x', 1000000);
fgets(STDIN);
for ($i = 200001; $i <= 1000000; $i++) $list[] = $i;
for ($i = 0; $i < 50; $i++) $text .= str_repeat('y', 100000);
echo array_sum($list), ' ', strlen($text), ' ', substr_count($text, 'y'), "\n";
END
grows php php grow.php
cat > grow.rb << 'END'
list = (1..300000).to_a; text = 'x' * 1000000
STDIN.gets
(300001..1000000).each { |i| list << i }
50.times { text << 'y' * 100000 }
puts "#{list.sum} #{text.length} #{text.count('y')}"
END
grows ruby ruby grow.rb
[ $tried -gt 0 ] || skip "none of the languages is there"
