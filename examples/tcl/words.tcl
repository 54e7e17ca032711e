# SPDX-License-Identifier: MIT
#
# Build an array, which takes a while, and start a coroutine, then print facts about each word in
# the arguments. With --dump FILE, dump to FILE instead; then run FILE WORD…
for {set i 0} {$i < 100000} {incr i} {
	set number(word$i) $i
}
proc count {} {
	while 1 {
		yield [incr n]
	}
}
coroutine next count

proc answer {} {
	foreach word $::argv {
		if {[info exists ::number($word)]} {
			puts "[next]: $word is number $::number($word)"
		} else {
			puts "[next]: no $word"
		}
	}
}

if {[lindex $argv 0] eq "--dump"} {
	package require unexec
	unexec::dump [lindex $argv 1] -entry answer
} else {
	answer
}
