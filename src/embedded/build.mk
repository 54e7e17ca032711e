# SPDX-License-Identifier: GPL-3.0-or-later
#
# The code that goes into dumps, as bytes of the program.

libunexec_tool_a_SOURCES += \
	%D%/embedded.h \
	%D%/redirect_blob.S \
	%D%/restarter_blob.S
