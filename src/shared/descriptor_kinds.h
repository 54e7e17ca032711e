/* SPDX-License-Identifier: MIT
 *
 * All kinds of entries for descriptors in a plan: one list that everything else is made from.
 *
 * A new kind is a line in the list below; src/descriptors/README has the other steps.
 *
 * The list gives the enum (plan.h), the entry in an image's text (src/image/image_text_files.c), the
 * name that `unexec info` prints (src/cli/info_read.c), the function that captures the descriptor
 * (src/descriptors/descriptors.c), and the function that restores it (src/restarter/descriptors/).
 *
 *   KIND(NAME, KEYWORD, PHASE, SHOWN, CAPTURE, RESTORE, FIELDS...)
 *
 *   NAME     PLAN_FD_NAME
 *   KEYWORD  in an image's text
 *   PHASE    CREATE: makes the descriptor `number`
 *            OBJECT: for shared memory, done by PLAN_OBJECTS before all other kinds
 *            CHANGE: changes something that exists
 *   SHOWN    the descriptor's name in `unexec info`; "": it does not print the entry
 *   CAPTURE  BY_TARGET(FUNCTION, TARGET...): descriptors whose link in /proc/PID/fd begins with
 *            one of the targets are captured by this function. OTHERWISE: other code adds the
 *            entry: for files and sockets, which the type of the file shows, or along with
 *            another kind
 *   RESTORE  a function of the restarter
 *   FIELDS   members of struct plan_file in the text, after `number`: DECIMAL(MEMBER, NAME) or
 *            HEX(MEMBER, NAME)
 *
 * The restarter handles entries in the order of this list, and may rely on what earlier kinds
 * have made.
 */
#ifndef SHARED_DESCRIPTOR_KINDS_H
#define SHARED_DESCRIPTOR_KINDS_H

#define DESCRIPTOR_KINDS(KIND) \
	/* Opens the path. */ \
	KIND(OPEN, "file", CREATE, "file", OTHERWISE, restore_open, \
	     HEX(flags, "flags"), DECIMAL(offset, "offset")) \
	/* The same; /dev/null if the path is gone. */ \
	KIND(OPEN_ANY, "file-or-null", CREATE, "file", OTHERWISE, restore_open, \
	     HEX(flags, "flags"), DECIMAL(offset, "offset")) \
	/* Makes a deleted directory in the directory that the data is, or in another. `path`: the \
	 * name that it had. */ \
	KIND(DIRECTORY, "deleted-directory", CREATE, "deleted directory", OTHERWISE, \
	     restore_directory, HEX(flags, "flags"), DECIMAL(length, "length")) \
	/* Makes a pipe with the data in it. */ \
	KIND(PIPE, "pipe", CREATE, "pipe", \
	     BY_TARGET(descriptor_add_pipe, "pipe:["), restore_pipe, \
	     HEX(flags, "flags"), DECIMAL(other, "other"), HEX(other_flags, "other-flags"), \
	     DECIMAL(pipe.capacity, "capacity"), DECIMAL(pipe.end, "end"), \
	     DECIMAL(length, "length")) \
	/* Opens a named pipe, if nobody else reads it, and writes the data to it. */ \
	KIND(FIFO, "fifo", CREATE, "named pipe", OTHERWISE, restore_fifo, \
	     HEX(flags, "flags"), DECIMAL(pipe.capacity, "capacity"), \
	     DECIMAL(pipe.end, "end"), DECIMAL(length, "length")) \
	/* Makes a pair of sockets; the data can be read from `number`. */ \
	KIND(PAIR, "pair", CREATE, "socket pair", OTHERWISE, restore_pair, \
	     HEX(flags, "flags"), DECIMAL(other, "other"), HEX(other_flags, "other-flags"), \
	     DECIMAL(socket.type, "type"), DECIMAL(length, "length")) \
	/* Makes a socket without a peer. */ \
	KIND(SOCKET, "socket", CREATE, "socket", OTHERWISE, restore_socket, \
	     HEX(flags, "flags"), DECIMAL(socket.domain, "domain"), \
	     DECIMAL(socket.type, "type"), DECIMAL(socket.protocol, "protocol")) \
	KIND(EVENT, "eventfd", CREATE, "eventfd", \
	     BY_TARGET(descriptor_add_eventfd, "anon_inode:[eventfd]"), restore_event, \
	     HEX(flags, "flags"), DECIMAL(event.count, "count"), \
	     DECIMAL(event.semaphore, "semaphore")) \
	/* Makes an empty epoll set. */ \
	KIND(EPOLL, "epoll", CREATE, "epoll set", \
	     BY_TARGET(descriptor_add_epoll, "anon_inode:[eventpoll]"), restore_epoll, \
	     HEX(flags, "flags"), HEX(epoll.parameters, "parameters")) \
	/* Makes and sets a timerfd. */ \
	KIND(TIMER, "timerfd", CREATE, "timerfd", \
	     BY_TARGET(descriptor_add_timerfd, "anon_inode:[timerfd]"), restore_timer, \
	     HEX(flags, "flags"), DECIMAL(timer.clock, "clock"), \
	     DECIMAL(timer.flags, "flags"), DECIMAL(timer.value, "value"), \
	     DECIMAL(timer.interval, "interval"), DECIMAL(timer.ticks, "ticks")) \
	KIND(SIGNAL, "signalfd", CREATE, "signalfd", \
	     BY_TARGET(descriptor_add_signalfd, "anon_inode:[signalfd]"), restore_signal, \
	     HEX(flags, "flags"), HEX(signal.mask, "mask")) \
	/* Makes an inotify descriptor without watches. */ \
	KIND(INOTIFY, "inotify", CREATE, "inotify", \
	     BY_TARGET(descriptor_add_inotify, "anon_inode:inotify"), restore_inotify, \
	     HEX(flags, "flags")) \
	/* Makes an io_uring; the data is a struct plan_ring_layout and its memory. */ \
	KIND(RING, "io_uring", CREATE, "io_uring", \
	     BY_TARGET(descriptor_add_io_uring, "anon_inode:[io_uring]"), restore_ring, \
	     HEX(flags, "flags"), HEX(ring.flags, "setup"), DECIMAL(ring.entries, "entries"), \
	     DECIMAL(ring.completions, "completions"), DECIMAL(ring.idle, "idle"), \
	     DECIMAL(ring.count, "count"), DECIMAL(length, "length")) \
	/* Makes a pidfd of the process itself. */ \
	KIND(SELF, "pidfd", CREATE, "pidfd of itself", \
	     BY_TARGET(descriptor_add_pidfd, "anon_inode:[pidfd]", "pidfd:["), restore_self, \
	     HEX(flags, "flags")) \
	/* Makes shared memory: a memfd with the name `path`. `number` 0: the program has no \
	 * descriptor of it, and the restarter closes it after mapping it. */ \
	KIND(MEMORY, "memfd", OBJECT, "memfd", \
	     BY_TARGET(descriptor_add_memfd, "/memfd:"), restore_memory, \
	     HEX(flags, "flags"), DECIMAL(offset, "offset"), HEX(memory.flags, "flags"), \
	     DECIMAL(memory.size, "size")) \
	/* Makes a file without a name in the directory that the data is; in memory if that is \
	 * impossible. `path`: the name that it had. */ \
	KIND(UNNAMED, "deleted-file", OBJECT, "deleted file", OTHERWISE, restore_unnamed, \
	     HEX(flags, "flags"), DECIMAL(memory.size, "size"), DECIMAL(length, "length")) \
	/* Writes memory to it. */ \
	KIND(FILL, "fill", OBJECT, "", OTHERWISE, restore_fill, \
	     DECIMAL(offset, "offset"), HEX(fill.source, "source"), \
	     DECIMAL(fill.length, "length")) \
	/* fcntl(F_ADD_SEALS) */ \
	KIND(SEAL, "seal", OBJECT, "", OTHERWISE, restore_seal, HEX(seal.seals, "seals")) \
	/* Maps it; flags: MAP_NORESERVE or 0. */ \
	KIND(MAP, "map", OBJECT, "", OTHERWISE, restore_map, \
	     HEX(flags, "flags"), DECIMAL(offset, "offset"), HEX(map.start, "start"), \
	     DECIMAL(map.length, "length"), DECIMAL(map.prot, "prot")) \
	/* Adds F_SEAL_FUTURE_WRITE, which leaves existing mappings alone. */ \
	KIND(SEAL_LAST, "seal-last", OBJECT, "", OTHERWISE, restore_seal, \
	     HEX(seal.seals, "seals")) \
	/* Reports a change of the file, or refuses to start then. */ \
	KIND(CHECK, "check", CHANGE, "", OTHERWISE, restore_check, \
	     DECIMAL(check.size, "size"), DECIMAL(check.time, "time"), \
	     DECIMAL(check.policy, "policy")) \
	/* If `number`, standard input, is the same file: sets its offset. */ \
	KIND(INPUT, "input", CHANGE, "", OTHERWISE, restore_input, \
	     DECIMAL(offset, "offset"), HEX(input.device, "device"), \
	     DECIMAL(input.inode, "inode"), DECIMAL(input.size, "size"), \
	     DECIMAL(input.time, "time")) \
	/* Closes a descriptor that the starter may have left open. */ \
	KIND(CLOSE, "close", CHANGE, "", OTHERWISE, restore_close) \
	/* setsockopt with the data; the path is the option's name. */ \
	KIND(OPTION, "option", CHANGE, "", OTHERWISE, restore_option, \
	     DECIMAL(option.level, "level"), DECIMAL(option.name, "name"), \
	     HEX(option.how, "how"), DECIMAL(length, "length")) \
	/* bind of a UNIX-domain socket whose file is gone: another one may have the path. */ \
	KIND(BIND_GONE, "bind-gone", CHANGE, "", OTHERWISE, restore_bind_gone, \
	     DECIMAL(length, "length")) \
	/* bind; the data is the address. */ \
	KIND(BIND, "bind", CHANGE, "", OTHERWISE, restore_bind, \
	     DECIMAL(length, "length"), HEX(bind.mode, "mode"), \
	     DECIMAL(bind.optional, "optional")) \
	KIND(LISTEN, "listen", CHANGE, "", OTHERWISE, restore_listen, \
	     DECIMAL(listen.backlog, "backlog")) \
	/* Connects `other` to the address in the data, and accepts that from `listener`, or from \
	 * a new socket if that is 0. */ \
	KIND(CONNECTION, "connection", CREATE, "connection", OTHERWISE, restore_connection, \
	     HEX(flags, "flags"), DECIMAL(other, "other"), \
	     DECIMAL(connection.listener, "listener"), DECIMAL(length, "length")) \
	KIND(ACCEPTED_OPTION, "accepted-option", CHANGE, "", OTHERWISE, restore_option, \
	     DECIMAL(option.level, "level"), DECIMAL(option.name, "name"), \
	     HEX(option.how, "how"), DECIMAL(length, "length")) \
	/* Connects `other` to the address in the data, which is that of `number`. */ \
	KIND(PENDING, "pending", CHANGE, "", OTHERWISE, restore_pending, \
	     DECIMAL(other, "other"), DECIMAL(length, "length")) \
	/* connect of a datagram socket; the data is the address. */ \
	KIND(CONNECT, "connect", CHANGE, "", OTHERWISE, restore_connect, \
	     DECIMAL(length, "length")) \
	/* Writes the data to `number`. */ \
	KIND(SEND, "send", CHANGE, "", OTHERWISE, restore_send, DECIMAL(length, "length")) \
	/* An option that decides what a socket receives from now on. */ \
	KIND(FILTER, "filter", CHANGE, "", OTHERWISE, restore_option, \
	     DECIMAL(option.level, "level"), DECIMAL(option.name, "name"), \
	     HEX(option.how, "how"), DECIMAL(length, "length")) \
	KIND(SHUTDOWN, "shutdown", CHANGE, "", OTHERWISE, restore_shutdown, \
	     DECIMAL(shutdown.how, "how")) \
	/* Maps an io_uring, whose address only the kernel chooses. */ \
	KIND(MAP_RING, "map-ring", CHANGE, "", OTHERWISE, restore_ring_mappings, \
	     HEX(flags, "flags"), DECIMAL(offset, "offset"), HEX(map.start, "start"), \
	     DECIMAL(map.length, "length"), DECIMAL(map.prot, "prot")) \
	/* Makes a pseudo-terminal, of which `number` is the master; the data is a struct \
	 * termios2. */ \
	KIND(PTY, "pty", CREATE, "pseudo-terminal", OTHERWISE, restore_pty, \
	     HEX(flags, "flags"), HEX(pty.size, "size"), DECIMAL(pty.packet, "packet"), \
	     DECIMAL(pty.hung_up, "hung-up"), DECIMAL(length, "length")) \
	/* Opens the other end of the pseudo-terminal `other`. */ \
	KIND(PTY_END, "pty-end", CREATE, "end of a pseudo-terminal", OTHERWISE, restore_pty_end, \
	     HEX(flags, "flags"), DECIMAL(other, "other")) \
	/* Opens the file that `other` leads to a second time. */ \
	KIND(AGAIN, "again", CREATE, "the same file", OTHERWISE, restore_again, \
	     HEX(flags, "flags"), DECIMAL(other, "other"), DECIMAL(offset, "offset")) \
	/* Makes a duplicate of `other`. */ \
	KIND(SAME, "same", CREATE, "duplicate", OTHERWISE, restore_same, \
	     HEX(flags, "flags"), DECIMAL(other, "other")) \
	/* Sets owner, mode and times of the file that `number` leads to. */ \
	KIND(STATUS, "status", CHANGE, "", OTHERWISE, restore_status, \
	     HEX(status.mode, "mode"), DECIMAL(status.user, "user"), \
	     DECIMAL(status.group, "group"), DECIMAL(status.accessed, "accessed"), \
	     DECIMAL(status.modified, "modified")) \
	/* io_uring_register with the data. */ \
	KIND(REGISTER, "register", CHANGE, "", OTHERWISE, restore_registered, \
	     DECIMAL(registered.opcode, "opcode"), DECIMAL(registered.count, "count"), \
	     DECIMAL(length, "length")) \
	/* inotify_add_watch of the path. */ \
	KIND(NOTIFY, "notify", CHANGE, "", OTHERWISE, restore_notify, \
	     HEX(notify.mask, "mask"), DECIMAL(notify.watch, "watch")) \
	/* epoll_ctl(EPOLL_CTL_ADD) of `other`. */ \
	KIND(WATCH, "watch", CHANGE, "", OTHERWISE, restore_watch, \
	     DECIMAL(other, "other"), HEX(watch.events, "events"), HEX(watch.data, "data"), \
	     DECIMAL(watch.number, "as"), DECIMAL(watch.disarmed, "disarmed")) \
	/* If `number` is a terminal: sets it to the data, a struct termios2, if there is any, \
	 * and sends SIGWINCH. */ \
	KIND(TERMINAL, "terminal", CHANGE, "", OTHERWISE, restore_terminal, \
	     DECIMAL(length, "length")) \
	/* Closes a number whose file has been sent. */ \
	KIND(SENT, "sent", CHANGE, "", OTHERWISE, restore_close) \
	/* The last kind: closing a descriptor of a file ends POSIX locks on it. */ \
	KIND(LOCK, "lock", CHANGE, "", OTHERWISE, restore_lock, \
	     DECIMAL(lock.which, "which"), DECIMAL(lock.type, "type"), \
	     DECIMAL(lock.start, "start"), DECIMAL(lock.length, "length"))

#endif
