#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# tclsh at its prompt, with its notifier thread and its descriptors; and a script that reads its
# lines by events.
. "${0%/*}/../lib/at_prompt.sh"

need tclsh
cat > first <<'END'
package require msgcat
proc answer n { expr {6 * $n} }
set words {}
for {set i 0} {$i < 50000} {incr i} { lappend words word$i }
set words [lsort $words]
after 10 { set started 1 }
vwait started
END
cat > second <<'END'
puts [answer 7]
puts "[llength $words] [lindex $words 777]"
after 50 { set later yes }
vwait later
puts $later
puts [exec echo child]
set pipe [open {|sort -r} w+]
puts $pipe "a\nb"
close $pipe write
puts [read $pipe]
END
as_ever tclsh
prints 42

# Not at a prompt: the notifier thread waits for the input.
cat > events.tcl <<'END'
set sum 0
proc line {} {
	if {[gets stdin text] >= 0} {
		incr ::sum $text
		puts $::sum
		flush stdout
	} elseif {[eof stdin]} {
		set ::done 1
	}
}
fconfigure stdin -blocking 0
fileevent stdin readable line
proc tick {} { incr ::ticks; after 20 tick }
tick
vwait done
puts "[expr {$ticks > 0}] end"
END
rm -rf app*
printf '%s\n' 1 2 3 > first
printf '%s\n' 30 6 > second
as_ever tclsh events.tcl
prints 42
