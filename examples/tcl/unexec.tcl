# SPDX-License-Identifier: MIT
#
# The Tcl package unexec.
#
#   unexec::dump path ?-entry script?
#       Writes this process as an executable: 0 here; in each start of the file the generation,
#       from 1, with that start's argv0, argv, argc, env, random numbers and time zone, and
#       without input that was read ahead. With -entry, a start evaluates the script at global
#       level instead, and ends as a script of tclsh does.
#       What stands in the way is the message of an error; errorCode is UNEXEC and a status.
#   unexec::generation
#       0, in a dump 1, in a dump of that 2, …
package provide unexec 0.1.0

namespace eval unexec {
	namespace export dump generation
}

proc unexec::dump {path args} {
	if {[llength $args] % 2 || [dict remove $args -entry] ne ""} {
		error {wrong # args: should be "unexec::dump path ?-entry script?"}
	}
	# Or the dump would print it, too.
	foreach channel [chan names] {
		catch {flush $channel}
	}
	if {![Dump $path]} {
		return 0
	}
	Renew
	if {![dict exists $args -entry]} {
		return [generation]
	}
	if {[catch {uplevel #0 [dict get $args -entry]} message options] == 1} {
		puts stderr [dict get $options -errorinfo]
		exit 1
	}
	exit
}

# What Tcl remembers of the process it began in.
proc unexec::Renew {} {
	set ::argv [lassign [Arguments] ::argv0]
	set ::argc [llength $::argv]
	array names ::env; # makes Tcl look at the environment
	unset -nocomplain ::tcl::clock::CachedSystemTimeZone ::tcl::clock::TZData(:localtime)
	expr {srand([Seed])}
	if {"stdin" in [chan names]} {
		ForgetInput
	}
}

proc unexec::ForgetInput {} {
	set how {}
	foreach option {-translation -encoding -eofchar} {
		lappend how $option [chan configure stdin $option]
	}
	chan configure stdin -translation binary
	read stdin [chan pending input stdin]
	chan configure stdin {*}$how
}
