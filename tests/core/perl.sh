#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Perl's dump(): the program made of its core continues at the label, with all computed data
# (perldoc -f dump).
. "${0%/*}/core.sh"

need perl
cat > script <<'END'
my %square = map { $_ => $_ * $_ } 1 .. 1000;
$| = 1;
print "computed\n";
CORE::dump(START);
START:
print "at the label: $square{7}\n";
END
kernel_core perl script
grep -q '^computed$' printed || fail "$(cat printed)"
undumped
same "output of the dump" 'at the label: 49' "$(limited ./dump 2>&1)"
limited ./dump > /dev/null 2>&1
same "its status" 0 $?

# The same when perl has an environment of its own, which it frees at its end.
sed '1i\
$ENV{NEW} = "value";' script > other
kernel_core perl other
undumped
same "output of the dump" 'at the label: 49' "$(limited ./dump 2>&1)"
limited ./dump > /dev/null 2>&1
same "its status" 0 $?
