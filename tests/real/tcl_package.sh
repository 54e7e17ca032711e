#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Tcl package unexec, built by its own Makefile: the dump of its example has the same
# output, and each start has updated startup values.
. "${0%/*}/../lib/functions.sh"
need tclsh make pkg-config
pkg-config --exists tcl || skip "no tcl-dev"

cp -r "$top_srcdir/examples/tcl" package && chmod -R u+w package || exit 99
unset MAKEFLAGS MFLAGS MAKELEVEL
PKG_CONFIG_PATH=$top_builddir make -C package CFLAGS='-O2 -Wall -Wextra -Werror' install \
	DESTDIR="$work/root" PACKAGES=/packages > log 2>&1 || fail "$(cat log)"
script=$top_srcdir/examples/tcl/words.tcl
expected=$(limited tclsh "$script" word7 'no word' word99999)
TCLLIBPATH=$work/root/packages
export TCLLIBPATH

limited tclsh "$script" --dump app || fail "no dump"
same "output undumped" "2: word7 is number 7
3: no no word
4: word99999 is number 99999" "$expected"
same "the dump's answer" "$expected" "$(limited ./app word7 'no word' word99999)"
same "nothing asked" "" "$(limited ./app)"

cat > facts.tcl <<'EOF'
package require unexec
gets stdin line
set later [open kept w]
puts -nonewline $later "before "
set env(SET) 1
expr rand()
set ::tcl::clock::CachedSystemTimeZone :somewhere; # as it is where TZ is not set
puts -nonewline "printed once "
if {![unexec::dump facts]} {
	puts -nonewline [read stdin]
	puts -nonewline $later original
	exit
}
puts -nonewline $later dump
close $later
puts "generation [unexec::generation]"
puts "arguments $argv0 $argc $argv"
puts "environment $env(NEW) [info exists env(SET)] [info exists env(OLD)]"
set env(NEW) 3
puts "child [exec sh -c {echo $NEW $OLD}]"
puts "cached [info exists ::tcl::clock::CachedSystemTimeZone]"
puts "zone [clock format 0 -format {%H %Z}]"
puts "input [gets stdin] [read stdin] [fconfigure stdin -translation]"
puts "random [expr rand()]"
EOF
same "the original" "printed once old 2" "$(printf 'old 1\nold 2\n' |
	OLD=1 TZ=UTC+5 limited tclsh facts.tcl)"
same "its file" "before original" "$(cat kept)"
start()
{
	printf 'new 1\nnew 2\n' | NEW=2 TZ=ABC-3 limited env -u OLD ./facts a 'b c'
}
start > one || fail "the dump"
start > two || fail "the dump"
same "the dump" "generation 1
arguments ./facts 2 a {b c}
environment 2 1 0
child 3
cached 0
zone 03 ABC
input new 1 new 2
 auto" "$(sed /random/d one)"
same "its file, written over" "before dumpinal" "$(cat kept)"
[ "$(grep random one)" != "$(grep random two)" ] ||
	fail "two starts have the same random numbers"

cat > ends.tcl <<'EOF'
package require unexec
proc main {} {
	if {$::argc} {
		error [lindex $::argv 0]
	}
	puts end
}
unexec::dump ends -entry main
EOF
limited tclsh ends.tcl || fail "no dump"
same "an end" end "$(limited ./ends)"
limited ./ends 'what was said' > out 2> said
same "status of an error" 1 $?
same "the first line of an error" "what was said" "$(head -n 1 said)"
grep -q 'procedure "main" line 3' said || fail "no traceback: $(cat said)"

cat > refused.tcl <<'EOF'
package require unexec
set pipe [open |cat r+]
puts [catch {unexec::dump refused} message options]
puts $message
puts [dict get $options -errorcode]
puts [catch {unexec::dump refused -enter main} message]
puts $message
close $pipe
EOF
same "refused" '1
the process has 1 child
descriptor
UNEXEC UNEXEC_UNSUPPORTED
1
wrong # args: should be "unexec::dump path ?-entry script?"' \
	"$(limited tclsh refused.tcl | sed 's/^descriptor .*/descriptor/; s/ child, .*/ child/' | uniq)"
