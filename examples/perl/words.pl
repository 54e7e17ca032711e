# SPDX-License-Identifier: MIT
#
# Something that takes a while to make: modules, a hash, a closure; then it says something
# about each word that it is given. With --dump FILE it writes itself there instead, and FILE
# WORD… does.
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
# Here is the program without --dump, or the dump, which has other arguments.
for my $word (@ARGV) {
	my $number = $number{$word};
	print $count->(), ": ", defined $number ? "$word is number $number" : "no $word", "\n";
}
print "sum ", sum(0, map { $number{$_} // 0 } @ARGV), strftime(", %H:%M", gmtime(0)), "\n";
