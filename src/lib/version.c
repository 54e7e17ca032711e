/* SPDX-License-Identifier: MIT
 *
 * The version of the library at run time, which may differ from the header's.
 */
#include <unexec.h>

const char *unexec_version(void)
{
	return UNEXEC_VERSION;
}
