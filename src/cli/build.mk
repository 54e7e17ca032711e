# SPDX-License-Identifier: GPL-3.0-or-later
#
# The verbs of the program.

unexec_SOURCES = \
	%D%/census.c \
	%D%/census.h \
	%D%/cli.h \
	%D%/children_option.c \
	%D%/children_option.h \
	%D%/descriptor_options.c \
	%D%/descriptor_options.h \
	%D%/diff.c \
	%D%/diff.h \
	%D%/diff_json.c \
	%D%/diff_lines.c \
	%D%/diff_memory.c \
	%D%/diff_print.c \
	%D%/diff_symbols.c \
	%D%/dump.c \
	%D%/info.c \
	%D%/info.h \
	%D%/info_json.c \
	%D%/info_print.c \
	%D%/info_read.c \
	%D%/info_svg.c \
	%D%/input_option.c \
	%D%/input_option.h \
	%D%/json.c \
	%D%/json.h \
	%D%/lose_option.c \
	%D%/lose_option.h \
	%D%/main.c \
	%D%/options.c \
	%D%/options.h \
	%D%/output.c \
	%D%/output.h \
	%D%/policy_options.c \
	%D%/policy_options.h \
	%D%/progress.c \
	%D%/progress.h \
	%D%/run.c \
	%D%/save.c \
	%D%/save.h \
	%D%/tune.c \
	%D%/tune_dump.c \
	%D%/tune_dump.h \
	%D%/undump.c \
	%D%/verify.c \
	%D%/write_frozen.c
