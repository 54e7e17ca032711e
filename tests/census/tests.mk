# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of the census: each entry has a test, nothing that the kernel shows is without an entry.

census_tests = %D%/list.sh %D%/manual.sh
census_probes = %D%/by_pid.sh %D%/landlock.sh %D%/probe

TESTS += $(census_tests) $(census_probes)
QUICK_TESTS += $(census_tests)
EXTRA_DIST += $(census_tests) %D%/by_pid.sh %D%/landlock.sh %D%/kernel.list man/census.sh
check_PROGRAMS += %D%/landlock %D%/probe
%C%_landlock_LDADD = libunexec.la

# Writes the lists of the section CENSUS of libunexec(7).
.PHONY: update-census
update-census: unexec$(EXEEXT)
	$(top_srcdir)/man/census.sh ./unexec $(top_srcdir)/man/libunexec.7 > census.tmp
	cat census.tmp > $(top_srcdir)/man/libunexec.7
	rm -f census.tmp
