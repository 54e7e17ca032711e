/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `unexec verify FILE`: checks that a dump is intact and can run on this machine as this user.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch_cpu.h"
#include "arch_machine.h"
#include "arch_syscall.h"
#include "cli/cli.h"
#include "cli/info.h"
#include "cli/progress.h"
#include "dumpfile/verify.h"
#include "base/words.h"
#include "base/xalloc.h"

struct verify {
	const char *path;
	bool quiet;
	struct progress progress;
	bool cannot_run;
};

/* ---- Messages --------------------------------------------------------------------------- */

static void verify_diagnostic(void *context, const struct unexec_diagnostic *diagnostic)
{
	struct verify *verify = context;

	progress_hide(&verify->progress);
	report_to_stderr((void *)verify->path, diagnostic);
}

static void verify_progress(void *context, const char *what, uint64_t done, uint64_t all)
{
	struct verify *verify = context;

	progress_step(&verify->progress, what, done, all);
}

/* `name` comes from the dump and may hold any bytes; NULL: there is none. */
static void __attribute__((format(printf, 3, 4)))
cannot_run(struct verify *verify, const char *name, const char *format, ...)
{
	char *escaped = name ? words_escape(name) : NULL;
	char text[128];
	va_list arguments;

	verify->cannot_run = true;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	report_line(verify->path, UNEXEC_ERROR, "cannot run here: %s%s", text,
		    escaped ? escaped : "");
	free(escaped);
}

/* ---- The machine ------------------------------------------------------------------------ */

static void check_cpu(struct verify *verify, const struct image *image)
{
	for (size_t i = 0; i < image->need_count; i++)
		if (!arch_cpu_has(image->needs[i]))
			cannot_run(verify, image->needs[i], "this CPU lacks ");
}

static void check_this_machine(struct verify *verify, const struct image *image)
{
	long page = sysconf(_SC_PAGESIZE);

	if (image->machine != ARCH_MACHINE) {
		cannot_run(verify, NULL, "the dump is for %s, this machine is " ARCH_NAME,
			   info_machine_name(image->machine));
		return;
	}
	if (image->page_size != page)
		cannot_run(verify, NULL, "the dump needs pages of %u bytes, this machine has %ld",
			   image->page_size, page);
	check_cpu(verify, image);
}

/* The limit does not apply to root. */
static void check_lowest(struct verify *verify, uint64_t lowest)
{
	FILE *stream = fopen("/proc/sys/vm/mmap_min_addr", "re");
	unsigned long long minimum;

	if (!stream)
		return;
	if (fscanf(stream, "%llu", &minimum) == 1 && lowest < minimum && geteuid() != 0)
		cannot_run(verify, NULL, "its memory begins at 0x%llx, below vm.mmap_min_addr (0x%llx)",
			   (unsigned long long)lowest, minimum);
	fclose(stream);
}

/* ---- Files ------------------------------------------------------------------------------ */

static void check_access(struct verify *verify, const char *path, int mode)
{
	if (faccessat(AT_FDCWD, path, mode, AT_EACCESS))
		cannot_run(verify, path, "%s: ", strerror(errno));
}

static int mode_of(uint32_t flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return R_OK;
	case O_WRONLY:
		return W_OK;
	}
	return R_OK | W_OK;
}

static void check_unchanged(struct verify *verify, const struct image_file *file)
{
	const struct plan_file *plan = &file->plan;
	struct stat status;
	uint64_t time;

	if (!file->path[0] || stat(file->path, &status))
		return;
	time = (uint64_t)status.st_mtim.tv_sec * 1000000000 + (uint64_t)status.st_mtim.tv_nsec;
	if (plan->check.policy == PLAN_CHECK_STOP
	    && ((uint64_t)status.st_size != plan->check.size || time != plan->check.time))
		cannot_run(verify, file->path, "changed since the dump: ");
	if (plan->check.policy == PLAN_CHECK_TRUNCATE
	    && (uint64_t)status.st_size < plan->check.size)
		cannot_run(verify, file->path, "shorter than at the dump: ");
}

static void check_directory(struct verify *verify, const struct image *image)
{
	if (image->directory && image->directory_needed && access(image->directory, X_OK))
		cannot_run(verify, image->directory, "%s: ", strerror(errno));
}

/* Creates the ring as the start does (src/restarter/descriptors/rings.c). */
static void check_ring(struct verify *verify, const struct image_file *file)
{
	struct io_uring_params params = { .flags = (uint32_t)file->plan.ring.flags,
					  .cq_entries = (uint32_t)file->plan.ring.completions };
	int fd = (int)syscall(SYS_io_uring_setup, file->plan.ring.entries, &params);

	if (fd < 0)
		cannot_run(verify, NULL, "cannot create an io_uring for descriptor %d: %s", file->plan.number,
			   strerror(errno));
	else
		close(fd);
}

static void check_files(struct verify *verify, const struct image *image)
{
	for (size_t i = 0; i < image->file_count; i++) {
		const struct image_file *file = &image->files[i];

		if (file->plan.kind == PLAN_FD_OPEN)
			check_access(verify, file->path, mode_of(file->plan.flags));
		else if (file->plan.kind == PLAN_FD_CHECK)
			check_unchanged(verify, file);
		else if (file->plan.kind == PLAN_FD_RING)
			check_ring(verify, file);
	}
	for (size_t i = 0; i < image->region_count; i++) {
		const struct region *region = &image->regions[i];

		if (region->flags & REGION_REOPEN)
			check_access(verify, region->name,
				     region->prot & PROT_WRITE ? R_OK | W_OK : R_OK);
	}
}

/* ---- The verb --------------------------------------------------------------------------- */

static void print_intact(const struct verify *verify)
{
	char *path = xstrdup(verify->path);

	report_make_line(path);
	printf("%s: whole%s\n", path, verify->cannot_run ? "" : ", and can run here");
	free(path);
}

static int verify_file(struct verify *verify, int fd)
{
	struct report report = { .sink = verify_diagnostic, .context = verify,
				 .progress = verify_progress };
	struct verified verified;
	int r;

	progress_begin(&verify->progress, !verify->quiet);
	r = verify_whole(fd, &verified, &report);
	progress_hide(&verify->progress);
	if (r == 0) {
		if (faccessat(AT_FDCWD, verify->path, X_OK, AT_EACCESS))
			cannot_run(verify, NULL, "no permission to execute it: %s", strerror(errno));
		check_this_machine(verify, verified.image);
		check_lowest(verify, verified.lowest);
		check_directory(verify, verified.image);
		check_files(verify, verified.image);
		if (!verify->quiet)
			print_intact(verify);
	}
	verified_free(&verified);
	return r < 0 || verify->cannot_run ? CLI_FAILED : CLI_OK;
}

static const struct cli_option verify_options[] = {
	{ "quiet", 'q', NULL, NULL, "print only errors",
	  options_take_flag, offsetof(struct verify, quiet) },
	{ .name = NULL },
};

static int run_verify(int argc, char **argv)
{
	struct verify verify = { 0 };
	int fd, status;

	if (!options_parse(&cli_verify, &verify, &argc, &argv, &status))
		return status;
	verify.path = argv[0];
	fd = open(verify.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		report_line(verify.path, UNEXEC_ERROR, "%s", strerror(errno));
		return CLI_FAILED;
	}
	status = verify_file(&verify, fd);
	close(fd);
	return status;
}

const struct cli_verb cli_verify = {
	.name = "verify",
	.summary = "check that a dump is intact and can run here",
	.usage = "FILE",
	.description = "Checks that FILE, a dump, is as it was written and can run on this machine.\n",
	.notes = "Exit status: 0 if the dump is intact and can run here, 1 if not.\n",
	.operand = "FILE",
	.options = verify_options,
	.run = run_verify,
};
