# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of a dump and of the commands that read one: shell scripts around small programs that
# dump themselves. They look at the file, and at the memory of its starts.

dump_tests = \
	%D%/aslr.sh \
	%D%/copies.sh \
	%D%/diff.sh \
	%D%/disk_full.sh \
	%D%/elf.sh \
	%D%/fresh.sh \
	%D%/generators.sh \
	%D%/identity.sh \
	%D%/info.sh \
	%D%/killed.sh \
	%D%/leaks.sh \
	%D%/lose.sh \
	%D%/many.sh \
	%D%/memory.sh \
	%D%/name.sh \
	%D%/names.sh \
	%D%/paths.sh \
	%D%/perf.sh \
	%D%/prefault.sh \
	%D%/protection.sh \
	%D%/running.sh \
	%D%/save.sh \
	%D%/setid.sh \
	%D%/short_stack.sh \
	%D%/strip.sh \
	%D%/target.sh \
	%D%/tune.sh \
	%D%/unprivileged.sh \
	%D%/verify.sh \
	%D%/zero_pages.sh

TESTS += $(dump_tests)
EXTRA_DIST += $(dump_tests) tests/lib/functions.sh %D%/aslr.py %D%/be_dumped.h %D%/damage.py %D%/protection.py

check_PROGRAMS += \
	%D%/busy \
	%D%/differ \
	%D%/fresh \
	%D%/generator \
	%D%/identity \
	%D%/leaks \
	%D%/lose \
	%D%/many \
	%D%/measure \
	%D%/places \
	%D%/protection \
	%D%/settings \
	%D%/subject

%C%_busy_LDADD = libunexec.la
%C%_differ_LDADD = libunexec.la
%C%_fresh_LDADD = libunexec.la $(libc_ldadd)
%C%_generator_LDADD = libunexec.la $(libc_ldadd)
%C%_identity_LDADD = libunexec.la $(libc_ldadd)
%C%_leaks_LDADD = libunexec.la
%C%_lose_LDADD = libunexec.la
%C%_many_LDADD = libunexec.la
%C%_places_LDADD = libunexec.la $(libc_ldadd)
%C%_protection_LDADD = libunexec.la $(libc_ldadd)
%C%_settings_LDADD = libunexec.la $(libc_ldadd)
%C%_subject_LDADD = libunexec.la
%C%_leaks_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,now
%C%_measure_LDADD =
