/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Users and host names can be looked up in the dump, which then loads the modules for it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static void check_users(void)
{
	struct passwd *root = getpwnam("root");

	CHECK(root);
	CHECK_EQUAL(root->pw_uid, 0);
	CHECK_STRING(getpwuid(0)->pw_name, "root");
	CHECK(getgrgid(0));
	CHECK(!getpwnam("no-such-user-here"));
}

static void check_hosts(void)
{
	struct addrinfo hint = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;
	struct sockaddr_in *address;
	int status = getaddrinfo("localhost", "80", &hint, &found);

	if (status)
		fprintf(stderr, "%s\n", gai_strerror(status));
	CHECK_EQUAL(status, 0);
	address = (struct sockaddr_in *)found->ai_addr;
	CHECK_EQUAL(ntohl(address->sin_addr.s_addr), INADDR_LOOPBACK);
	CHECK_EQUAL(ntohs(address->sin_port), 80);
	freeaddrinfo(found);
}

/* Asks in another process, so that this one asks for the first time in the dump. */
static void skip_without_localhost(void)
{
	pid_t pid = fork();
	struct addrinfo *found;

	if (pid == 0)
		_exit(getaddrinfo("localhost", "80", NULL, &found) != 0);
	if (roundtrip_wait(pid))
		roundtrip_skip("localhost has no address here (/etc/hosts)");
}

int main(void)
{
	roundtrip_begin();
	skip_without_localhost();
	roundtrip_cut();
	check_users();
	check_hosts();
	/* The second dump already has the modules loaded. */
	roundtrip_cut();
	CHECK_EQUAL(unexec_generation(), 2);
	check_users();
	check_hosts();
	return 0;
}
