# SPDX-License-Identifier: MIT
#
# The Tcl package unexec.
#
#   unexec::dump path ?-entry script?
#       Writes this process as an executable file. Returns 0 in this process and the generation,
#       from 1, in each start of the file. A start has new values of argv0, argv, argc and env,
#       new random numbers and the new time zone, and discards input that was read ahead. With
#       -entry, a start instead evaluates the script at global level and ends as tclsh does at
#       the end of a script. If no dump is made, the error message names each cause; errorCode is
#       UNEXEC and a status.
#   unexec::generation
#       Returns 0 in a program that was never dumped, 1 in its dump, 2 in a dump of that, …
package provide unexec 0.1.0

namespace eval unexec {
	namespace export dump generation
}

proc unexec::dump {path args} {
	if {[llength $args] % 2 || [dict remove $args -entry] ne ""} {
		error {wrong # args: should be "unexec::dump path ?-entry script?"}
	}
	# Otherwise the dump would also print it.
	foreach channel [chan names] {
		catch {flush $channel}
	}
	if {![Dump $path]} {
		return 0
	}
	Update
	if {![dict exists $args -entry]} {
		return [generation]
	}
	if {[catch {uplevel #0 [dict get $args -entry]} message options] == 1} {
		puts stderr [dict get $options -errorinfo]
		exit 1
	}
	exit
}

# Update the state that Tcl has recorded of the process it started in.
proc unexec::Update {} {
	set ::argv [lassign [Arguments] ::argv0]
	set ::argc [llength $::argv]
	array names ::env; # makes Tcl read the environment
	unset -nocomplain ::tcl::clock::CachedSystemTimeZone ::tcl::clock::TZData(:localtime)
	expr {srand([Seed])}
	if {"stdin" in [chan names]} {
		DiscardInput
	}
}

proc unexec::DiscardInput {} {
	set how {}
	foreach option {-translation -encoding -eofchar} {
		lappend how $option [chan configure stdin $option]
	}
	chan configure stdin -translation binary
	read stdin [chan pending input stdin]
	chan configure stdin {*}$how
}
