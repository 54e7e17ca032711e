#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Ruby, with its timer and a thread of the program's alive: a loop that reads standard input,
# and irb. Ruby before 3.3 remembers its process ID: with another, it would ignore signals and abort
# in fork().
. "${0%/*}/../lib/at_prompt.sh"

need ruby
cat > loop.rb <<'END'
require 'json'
require 'set'
$stdout.sync = true
$asked, $answers = Queue.new, Queue.new
$worker = Thread.new { while (n = $asked.pop) do $answers << 6 * n end; :done }
$ticks = 0
Thread.new { loop { sleep 0.01; $ticks += 1 } }
$words = (1..50000).to_h { |i| ["word#{i}", i] }
def ask(n) $asked << n; $answers.pop end
place = binding
while (line = gets)
  begin
    puts place.eval(line).inspect
  rescue => e
    puts e.message
  end
end
END
cat > first <<'END'
ask(1)
GC.start
END
cat > second <<'END'
ask(7)
$words["word777"]
JSON.generate($words.first(2).to_h)
before = $ticks; sleep 0.2; $ticks > before
$asked << nil; $worker.value
r, w = IO.pipe; spawn("echo child", out: w); w.close; r.read
Process.wait(fork { exit 3 }); $?.exitstatus
system("exit 5"); $?.exitstatus
got = false; trap("TERM") { got = true }; system("kill -TERM #{$$}"); nil until got; got
Thread.new { 1 + 1 }.value
GC.start; GC.stress = true; (1..10).map { |i| "s#{i}" }.join; GC.stress = false
raise "caught"
END
as_ever ruby loop.rb
prints 42
prints true
prints 3

# From outside, and twice.
from=first
count=0
for generation in "ruby loop.rb" ./outside1
do
	count=$((count + 1))
	next=outside$count
	limited "$UNEXEC_TOOL" run -q -o "$next" -- $generation < "$from" > printed ||
		fail "no dump of $generation"
	from=/dev/null
	limited "./$next" < second > got || fail "start of $next: status $?"
	same "output of $next" "$(sed "1,$(wc -l < first)d" ordinary)" "$(cat got)"
done

command -v irb > /dev/null || exit 0
rm -rf app*
cat > first <<'END'
require 'json'
def answer(n) 6 * n end
END
cat > second <<'END'
answer(7)
JSON.generate([1, { "a" => nil }])
Process.wait(fork { exit 3 }); $?.exitstatus
begin; system("kill -INT #{$$}"); sleep; rescue Exception; 1234; end
END
as_ever irb -f
prints 42
