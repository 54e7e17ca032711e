/* SPDX-License-Identifier: MIT
 *
 * A server with a pool of workers, one of which dumps it in a request. The dump listens on the
 * same port, and its workers continue to wait for work.
 *
 *   server PORT          prints the port; 0 selects a free one
 *
 * A client sends lines:
 *
 *   prime N              answers "N is prime" or "N is not prime"
 *   count                answers the number of prime requests, including those before a dump
 *   generation           answers 0, in the dump 1
 *   dump FILE            writes FILE, a server with the current state of this one
 *   quit                 ends the server
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <unexec.h>

#define WORKERS 8
#define WAITING 128
#define LIMIT 20000000

static char composite[LIMIT];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work_to_do = PTHREAD_COND_INITIALIZER, room = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t dumping = PTHREAD_MUTEX_INITIALIZER;
static int waiting[WAITING]; /* a ring of connections for the workers to take */
static unsigned first, count;
static unsigned long asked;

static void find_primes(void)
{
	for (size_t i = 2; i * i < LIMIT; i++)
		for (size_t j = i * i; !composite[i] && j < LIMIT; j += i)
			composite[j] = 1;
}

/* ---- Requests ---------------------------------------------------------------------------- */

static void answer_prime(int connection, const char *number)
{
	unsigned long n = strtoul(number, NULL, 10);

	pthread_mutex_lock(&lock);
	asked++;
	pthread_mutex_unlock(&lock);
	if (n >= LIMIT)
		dprintf(connection, "%lu is too large\n", n);
	else
		dprintf(connection, "%lu is %sprime\n", n,
			n < 2 || composite[n] ? "not " : "");
}

static void answer_count(int connection)
{
	unsigned long n;

	pthread_mutex_lock(&lock);
	n = asked;
	pthread_mutex_unlock(&lock);
	dprintf(connection, "%lu\n", n);
}

/* unexec_dump returns twice: in this process, where the client gets an answer, and in the dump,
 * where all connections are /dev/null, so that each worker reads the end of its client's input.
 *
 * UNEXEC_FD_CLOSE would free the number, and the next client could get it while a worker still
 * uses it.
 */
static void answer_dump(int connection, const char *path)
{
	const struct unexec_options options = {
		.size = sizeof(options),
		.threads = UNEXEC_THREADS_KEEP,
		/* For the other clients; a warning names each. */
		.descriptors = UNEXEC_FD_NULL,
	};
	int status;

	pthread_mutex_lock(&dumping);
	unexec_set_fd_policy(connection, UNEXEC_FD_NULL);
	status = unexec_dump(path, &options, NULL);
	unexec_set_fd_policy(connection, UNEXEC_FD_RECREATE);
	pthread_mutex_unlock(&dumping);
	if (status == UNEXEC_RESUMED) {
		puts("serving again");
		fflush(stdout);
	} else if (status == UNEXEC_DUMPED) {
		dprintf(connection, "dumped\n");
	} else {
		dprintf(connection, "no dump: %s\n", unexec_status_name(status));
	}
}

static void answer(int connection, const char *request)
{
	if (!strncmp(request, "prime ", 6))
		answer_prime(connection, request + 6);
	else if (!strncmp(request, "dump ", 5))
		answer_dump(connection, request + 5);
	else if (!strcmp(request, "count"))
		answer_count(connection);
	else if (!strcmp(request, "generation"))
		dprintf(connection, "%d\n", unexec_generation());
	else if (!strcmp(request, "quit"))
		exit(0);
	else
		dprintf(connection, "what?\n");
}

static void serve(int connection)
{
	FILE *stream = fdopen(connection, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	while (stream && (length = getline(&line, &size, stream)) > 0) {
		if (line[length - 1] == '\n')
			line[length - 1] = 0;
		answer(connection, line);
	}
	free(line);
	if (stream)
		fclose(stream);
	else
		close(connection);
}

/* ---- Workers ----------------------------------------------------------------------------- */

static void *work(void *nothing)
{
	for (;;) {
		int connection;

		pthread_mutex_lock(&lock);
		while (!count)
			pthread_cond_wait(&work_to_do, &lock);
		connection = waiting[first++ % WAITING];
		count--;
		pthread_cond_signal(&room);
		pthread_mutex_unlock(&lock);
		serve(connection);
	}
	return nothing;
}

static void hand_over(int connection)
{
	pthread_mutex_lock(&lock);
	while (count == WAITING)
		pthread_cond_wait(&room, &lock);
	waiting[(first + count++) % WAITING] = connection;
	pthread_cond_signal(&work_to_do);
	pthread_mutex_unlock(&lock);
}

static void start_workers(void)
{
	pthread_t worker;

	for (int i = 0; i < WORKERS; i++) {
		int error = pthread_create(&worker, NULL, work, NULL);

		if (error) {
			fprintf(stderr, "server: pthread_create: %s\n", strerror(error));
			exit(1);
		}
		pthread_detach(worker);
	}
}

/* ---- Listening --------------------------------------------------------------------------- */

static int listen_at(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	if (listener < 0
	    || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes))
	    || bind(listener, (struct sockaddr *)&address, length)
	    || listen(listener, WAITING)
	    || getsockname(listener, (struct sockaddr *)&address, &length)) {
		perror("server");
		exit(1);
	}
	printf("listening at %d\n", ntohs(address.sin_port));
	fflush(stdout);
	return listener;
}

int main(int argc, char **argv)
{
	int listener;

	if (argc != 2) {
		fputs("usage: server PORT\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	find_primes();
	start_workers();
	listener = listen_at(atoi(argv[1]));
	for (;;) {
		int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (connection >= 0)
			hand_over(connection);
		else if (errno != EINTR && errno != ECONNABORTED) {
			perror("server: accept");
			return 1;
		}
	}
}
