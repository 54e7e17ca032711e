#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Perl with threads alive: two that wait in a queue, and one that sleeps.
. "${0%/*}/../lib/at_prompt.sh"

need perl
perl -e 'use threads; use Thread::Queue' 2> /dev/null || skip "perl without threads"
cat > loop.pl <<'END'
use strict; use warnings; use threads; use threads::shared; use Thread::Queue;
use POSIX (); use Data::Dumper; use Time::HiRes 'sleep';
$| = 1;
my ($asked, $answers) = (Thread::Queue->new, Thread::Queue->new);
my $ticks :shared = 0;
my @workers = map { threads->create(sub {
	while (defined(my $n = $asked->dequeue)) { $answers->enqueue(6 * $n) }
	return threads->tid;
}) } 1 .. 2;
threads->create(sub { while (1) { sleep 0.01; $ticks++ } })->detach;
my %words = map { ("word$_" => $_) } 1 .. 50000;
sub ask { $asked->enqueue(@_); join ' ', sort { $a <=> $b } map { $answers->dequeue } @_ }
while (my $line = <STDIN>) {
	my $value = eval $line;
	print defined $value ? $value : $@, "\n";
}
END
cat > first <<'END'
ask(1)
END
cat > second <<'END'
ask(7)
ask(1 .. 20)
scalar(keys %words) . $words{word777}
my $before = $ticks; sleep 0.2; $ticks > $before ? 'ticks' : 'stands still'
$asked->end; join ' ', sort map { $_->join } @workers
`echo child`
die "caught\n"
END
as_ever perl loop.pl
prints 42
prints ticks
