# SPDX-License-Identifier: MIT
#
# Something that takes a while to make, a coroutine in the middle; then it says something about
# each word that it is given. With --dump FILE it writes itself there instead, and FILE WORD…
# does.
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
