# SPDX-License-Identifier: MIT
package Unexec;

use strict;
use warnings;
use XSLoader;

our $VERSION = '0.1.0';
XSLoader::load('Unexec', $VERSION);

sub dump {
	my ($path) = @_;
	return 0 unless _dump($path);
	my ($name, @arguments) = _arguments();
	@ARGV = @arguments;
	%ENV = map { /^([^=]+)=(.*)/s ? ($1, $2) : () } _environment();
	_update($name);
	return generation();
}

1;

__END__

=encoding utf8

=head1 NAME

Unexec - turn the running Perl into an executable that resumes where Perl was

=head1 SYNOPSIS

	use Unexec;
	# … modules, data, everything that is slow …
	Unexec::dump("app") or exit;
	# Only the dump runs this, with its own @ARGV and %ENV.

=head1 DESCRIPTION

=over

=item Unexec::dump(PATH)

Writes this process as an executable file. Like fork, it returns twice: 0 in this process, and
the generation, from 1, in each start of the file. If nothing was written, it dies with one line
for each cause. It flushes all file handles before the dump.

In each start, C<@ARGV>, C<%ENV>, C<$0> and C<$^T> are new (entries of C<%ENV> that the
program had set or deleted stay so) and C<rand> returns other numbers.
Input that was read ahead from STDIN is discarded, and STDOUT is line-buffered at a terminal.
C<$$> and the time are the new process's. C<@INC>, C<$^X>, the locale and the seed of hashes
stay as they were. The original and each start run the C<END> blocks.

=item Unexec::generation()

Returns 0 in a program that was never dumped, 1 in its dump, 2 in a dump of that, …

=back

=cut
