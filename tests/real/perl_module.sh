#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Perl module Unexec, built by its own Makefile.PL: the dump of its example has the same
# output, and each start has updated startup values.
. "${0%/*}/../lib/functions.sh"
need perl podchecker make pkg-config
perl -MConfig -MExtUtils::MakeMaker -e 'exit !-e "$Config{archlibexp}/CORE/perl.h"' ||
	skip "no headers of Perl's"

cp -r "$top_srcdir/examples/perl" module && chmod -R u+w module || exit 99
unset MAKEFLAGS MFLAGS MAKELEVEL PERL_MM_OPT PERL_MB_OPT PERL5LIB
(cd module && PKG_CONFIG_PATH=$top_builddir perl Makefile.PL INSTALL_BASE=/perl &&
	make OPTIMIZE='-O2 -Wall -Werror' install DESTDIR="$work/root") > log 2>&1 ||
	fail "$(cat log)"
script=$top_srcdir/examples/perl/words.pl
expected=$(limited perl "$script" word7 'no word' word99999)
PERL5LIB=$work/root/perl/lib/perl5
export PERL5LIB

limited perl "$script" --dump app || fail "no dump"
same "output undumped" "2: word7 is number 7
3: no no word
4: word99999 is number 99999
sum 100006, 00:00" "$expected"
same "the dump's answer" "$expected" "$(limited ./app word7 'no word' word99999)"

cat > facts.pl <<'EOF'
use strict; use warnings; use Unexec;
binmode STDIN, ':encoding(UTF-8)' if @ARGV;
my $line = <STDIN>;
open my $later, '>', 'kept';
print $later 'before ';
$ENV{SET} = 1;
my $number = rand;
my $old = $^T = 1;
print 'printed once ';
END { print "end\n" }
if (!Unexec::dump('facts')) {
	print <STDIN>;
	exit;
}
print $later 'dump';
close $later;
print 'generation ', Unexec::generation, "\n";
print "arguments $0 @ARGV\n";
print "environment $ENV{NEW} ", join(' ', map { exists $ENV{$_} ? 1 : 0 } 'SET', 'OLD'), "\n";
$ENV{NEW} = 3;
print 'child ', `echo \$NEW \$OLD`;
print 'zone ', (localtime 0)[2], "\n";
print 'input ', <STDIN>;
print 'begun ', time - $^T < 60 ? 1 : 0, $$ == getppid, "\n";
open my $name, '<', '/proc/self/comm';
print 'name ', <$name>;
print 'random ', rand, "\n";
exit 3;
EOF
start()
{
	printf 'new 1\nnew 2\n' | NEW=2 TZ=ABC-3 limited env -u OLD ./facts a 'b c'
	same "status" 3 $?
}
# The second time with two layers that read ahead.
for layers in '' layers
do
	same "the original" "printed once old 2
end" "$(printf 'old 1\nold 2\n' | OLD=1 TZ=UTC+5 limited perl facts.pl $layers)"
	start > one || fail "the dump"
	start > two || fail "the dump"
	same "the dump" "generation 1
arguments ./facts a b c
environment 2 1 0
child 3
zone 3
input new 1
new 2
begun 1
name facts
end" "$(sed /random/d one)"
	[ "$(grep random one)" != "$(grep random two)" ] ||
		fail "two starts have the same random numbers"
	same "its file" "before dump" "$(cat kept)"
done

# Output to a terminal is line-buffered, so an exit without a flush loses nothing.
cat > lines.pl <<'EOF'
use strict; use warnings; use Unexec; use POSIX ();
Unexec::dump('lines') or exit;
print "a line\n";
POSIX::_exit(0);
EOF
limited perl lines.pl || fail "no dump"
same "output to a pipe" "" "$(limited ./lines | cat)"
[ -x "$PYTHON3" ] && same "output to a terminal" "a line" \
	"$(limited "$PYTHON3" -c 'import pty; pty.spawn("./lines")' | tr -d '\r')"

cat > refused.pl <<'EOF'
use strict; use warnings; use Unexec;
open my $pipe, '|-', 'cat';
eval { Unexec::dump('refused') };
print $@;
EOF
same "refused" 'refused: the process has 1 child
refused: descriptor' "$(limited perl refused.pl |
	sed 's/^\(refused: descriptor\) .*/\1/; s/^\(refused: .* child\), .*/\1/')"
podchecker "$top_srcdir/examples/perl/lib/Unexec.pm" > log 2>&1 || fail "$(cat log)"
