# SPDX-License-Identifier: GPL-3.0-or-later
#
# The descriptors of a process. README has the steps to a new kind.

EXTRA_DIST += %D%/README

libunexec_tool_a_SOURCES += \
	%D%/descriptors.c \
	%D%/descriptors.h \
	%D%/fd_deleted.c \
	%D%/fd_common.c \
	%D%/fd_epoll.c \
	%D%/fd_inotify.c \
	%D%/fd_input.c \
	%D%/fd_kernel.c \
	%D%/fd_memory.c \
	%D%/fd_path.c \
	%D%/fd_pipe.c \
	%D%/fd_proc.c \
	%D%/fd_pty.c \
	%D%/fd_registered.c \
	%D%/fd_socket.c \
	%D%/fd_terminal.c \
	%D%/fd_uring.c \
	%D%/fdinfo.c \
	%D%/fdinfo.h \
	%D%/in_flight.c \
	%D%/packet_diag.c \
	%D%/packet_diag.h \
	%D%/same_file.c \
	%D%/socket_address.c \
	%D%/socket_connection.c \
	%D%/socket_content.c \
	%D%/socket_find.c \
	%D%/socket_groups.c \
	%D%/socket_options.c \
	%D%/socket_pending.c \
	%D%/socket_raw.c \
	%D%/socket_single.c \
	%D%/socket_tcp.c \
	%D%/socket_unix.c \
	%D%/sockets.h \
	%D%/unix_diag.c \
	%D%/unix_diag.h
