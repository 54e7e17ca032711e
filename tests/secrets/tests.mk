# SPDX-License-Identifier: GPL-3.0-or-later
#
# What must be fresh in each start, and what must not be weaker than in the program.

secrets_tests = \
	%D%/aslr.sh \
	%D%/copies.sh \
	%D%/fresh.sh \
	%D%/generators.sh \
	%D%/protection.sh \
	%D%/setid.sh

TESTS += $(secrets_tests)
EXTRA_DIST += $(secrets_tests) %D%/aslr.py %D%/protection.py

check_PROGRAMS += %D%/fresh %D%/generator %D%/places %D%/protection
tests_secrets_fresh_SOURCES = %D%/fresh.c
tests_secrets_fresh_LDADD = libunexec.la
tests_secrets_fresh_LDFLAGS = -no-install -pthread
tests_secrets_generator_SOURCES = %D%/generator.c
tests_secrets_generator_LDADD = libunexec.la
tests_secrets_generator_LDFLAGS = -no-install -pthread
tests_secrets_places_SOURCES = %D%/places.c
tests_secrets_places_LDADD = libunexec.la
tests_secrets_places_LDFLAGS = -no-install -pthread
tests_secrets_protection_SOURCES = %D%/protection.c
tests_secrets_protection_LDADD = libunexec.la
tests_secrets_protection_LDFLAGS = -no-install -pthread
