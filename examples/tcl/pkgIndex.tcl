# SPDX-License-Identifier: MIT
package ifneeded unexec 0.1.0 [list apply {dir {
	load [file join $dir unexec.so] Unexec
	uplevel #0 [list source [file join $dir unexec.tcl]]
}} $dir]
