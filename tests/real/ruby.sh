#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Ruby, with its timer and a thread of the program's alive: a loop that reads standard input,
# and irb. Nothing here waits for the end of a child: Ruby before 3.3 caches its process ID, and
# in a process with another its handler of SIGCHLD wakes nobody up.
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
Thread.new { 1 + 1 }.value
GC.start; GC.stress = true; (1..10).map { |i| "s#{i}" }.join; GC.stress = false
raise "caught"
END
as_ever ruby loop.rb
prints 42
prints true

command -v irb > /dev/null || exit 0
rm -rf app*
cat > first <<'END'
require 'json'
def answer(n) 6 * n end
END
cat > second <<'END'
answer(7)
JSON.generate([1, { "a" => nil }])
END
as_ever irb -f
prints 42
