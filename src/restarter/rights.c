/* SPDX-License-Identifier: MIT
 *
 * Gives up user IDs and capabilities that the process had given up, if whoever starts the dump has
 * more. A starter with other or fewer rights keeps its own.
 */
#include <linux/capability.h>
#include <linux/prctl.h>

#include "restarter.h"

struct capabilities {
	uint64_t permitted, effective, inheritable;
};

static void get_capabilities(struct capabilities *ret)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	long failed = sys(__NR_capget, &header, data);

	if (failed)
		fail("read its capabilities", NULL, failed);
	ret->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	ret->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	ret->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
}

static void set_capabilities(const struct capabilities *to)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)to->effective, (uint32_t)to->permitted, (uint32_t)to->inheritable },
		{ (uint32_t)(to->effective >> 32), (uint32_t)(to->permitted >> 32),
		  (uint32_t)(to->inheritable >> 32) },
	};
	long failed = sys(__NR_capset, &header, data);

	if (failed)
		fail("give up capabilities", NULL, failed);
}

/* Is the starter root, or does it have any ID 0 that the process did not have? */
static bool is_root(const struct plan_rights *rights)
{
	uint32_t users[3] = { 1, 1, 1 };

	sys(__NR_getresuid, &users[0], &users[1], &users[2]);
	for (int i = 0; i < 3; i++)
		if (!users[i])
			return users[0] != rights->users[0] || users[1] != rights->users[1]
			       || users[2] != rights->users[2] || rights->users[1] == 0;
	return false;
}

/* Are the three other IDs those of the process? A starter with others has its own ID for files. */
static bool has_ids(long call, const uint32_t wanted[3])
{
	uint32_t ids[3] = { 0 };

	return !sys(call, &ids[0], &ids[1], &ids[2]) && ids[0] == wanted[0]
	       && ids[1] == wanted[1] && ids[2] == wanted[2];
}

/* These calls return the ID before, also if they fail. -1 is no ID, so it only reads. */
static void take_file_id(long call, uint32_t id)
{
	sys(call, id);
	if ((uint32_t)sys(call, -1) != id)
		fail("set the IDs for access to files (setfsuid, setfsgid)", NULL, 0);
}

static void take_file_ids(const struct plan_rights *rights)
{
	if (has_ids(__NR_getresgid, rights->groups))
		take_file_id(__NR_setfsgid, rights->groups[3]);
	if (has_ids(__NR_getresuid, rights->users))
		take_file_id(__NR_setfsuid, rights->users[3]);
}

static void take_ids(const struct plan *plan)
{
	const struct plan_rights *rights = &plan->rights;
	long failed;

	/* Otherwise, the change would clear the permitted capabilities. */
	sys(__NR_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);
	failed = sys(__NR_setgroups, rights->group_count, rights->group_list);
	if (!failed)
		failed = sys(__NR_setresgid, rights->groups[0], rights->groups[1],
			     rights->groups[2]);
	if (!failed)
		failed = sys(__NR_setresuid, rights->users[0], rights->users[1],
			     rights->users[2]);
	if (failed)
		fail("give up user IDs", NULL, failed);
	if (!(plan->protection.securebits & 1u << 4 /* SECBIT_KEEP_CAPS */))
		sys(__NR_prctl, PR_SET_KEEPCAPS, 0, 0, 0, 0);
}

static void drop_bounding(uint64_t bounding)
{
	for (int i = 0; i < 64; i++) {
		long failed = 0;

		if (!(bounding >> i & 1) && sys(__NR_prctl, PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			failed = sys(__NR_prctl, PR_CAPBSET_DROP, i, 0, 0, 0);
		if (failed)
			fail("give up a capability that it could gain by exec", NULL, failed);
	}
}

static void limit_ambient(uint64_t ambient)
{
	sys(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (int i = 0; i < 64; i++)
		if (ambient >> i & 1)
			sys(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0);
}

static void limit_rights(const struct plan *plan)
{
	const struct plan_rights *rights = &plan->rights;
	struct capabilities have, to;
	bool root = is_root(rights);

	get_capabilities(&have);
	if (!root && !(have.permitted & ~rights->permitted)) {
		take_file_ids(rights);
		return;
	}
	drop_bounding(rights->bounding);
	if (root)
		take_ids(plan);
	/* A change of the effective user ID has cleared the effective ones. */
	to = have;
	to.effective = to.permitted;
	set_capabilities(&to);
	take_file_ids(rights);
	to.permitted = have.permitted & rights->permitted;
	to.effective = to.permitted & rights->effective;
	to.inheritable = (have.inheritable | have.permitted) & rights->inheritable;
	set_capabilities(&to);
	limit_ambient(rights->ambient);
}

void rights_restore(const struct plan *plan)
{
	long before = sys(__NR_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);

	limit_rights(plan);
	/* A change of IDs has reset it. */
	if (plan->process.dumpable == 1 && before == 1)
		sys(__NR_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}
