# SPDX-License-Identifier: MIT
#
# Build modules, a hash and a closure, which takes a while, then print facts about each word in
# the arguments. With --dump FILE, dump to FILE instead; then run FILE WORD…
use strict;
use warnings;
use List::Util 'sum';
use POSIX 'strftime';

my %number = map { ("word$_" => $_) } 1 .. 100_000;
my $count = do { my $n = 0; sub { ++$n } };
$count->();

if (@ARGV && $ARGV[0] eq '--dump') {
	require Unexec;
	Unexec::dump($ARGV[1]) or exit;
}
# This runs in the program without --dump, and in the dump, with other arguments.
for my $word (@ARGV) {
	my $number = $number{$word};
	print $count->(), ": ", defined $number ? "$word is number $number" : "no $word", "\n";
}
print "sum ", sum(0, map { $number{$_} // 0 } @ARGV), strftime(", %H:%M", gmtime(0)), "\n";
