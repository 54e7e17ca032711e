# SPDX-License-Identifier: GPL-3.0-or-later
#
# What must be fresh in each start, and what must not be weaker than in the program.

secrets_tests = \
	%D%/openssl.sh

TESTS += $(secrets_tests)
EXTRA_DIST += $(secrets_tests)

check_PROGRAMS += %D%/generator
tests_secrets_generator_SOURCES = %D%/generator.c
tests_secrets_generator_LDADD = libunexec.la
tests_secrets_generator_LDFLAGS = -no-install -pthread
