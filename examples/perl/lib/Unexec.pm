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
	_renew($name);
	return generation();
}

1;

__END__

=encoding utf8

=head1 NAME

Unexec - write the running Perl as an executable that starts already started

=head1 SYNOPSIS

	use Unexec;
	# … modules, data, everything that is slow …
	Unexec::dump("app") or exit;
	# Only the dump comes here, with its own @ARGV and %ENV.

=head1 DESCRIPTION

=over

=item Unexec::dump(PATH)

Writes this process as an executable. Like fork, it returns twice: 0 here, and in each start
of the file the generation, from 1. It dies if nothing was written, with a line for each thing
that stands in the way. All file handles are flushed before.

In each start C<@ARGV>, C<%ENV>, C<$0> and C<$^T> are new, C<rand> gives other numbers, what
was read ahead from STDIN is forgotten, and STDOUT is buffered by lines at a terminal. C<$$>
and the time are the new ones anyway. As they were: C<@INC>, C<$^X>, the locale, the seed of
hashes; C<END> blocks are run by the original and by each start.

=item Unexec::generation()

0, in a dump 1, in a dump of that 2, …

=back

=cut
