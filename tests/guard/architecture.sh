#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Code that depends on the architecture is in src/arch. The folder of each architecture has the
# headers that the rest of the tree includes and the objects that the build links, and nothing
# else but headers of its own. Outside src/arch nothing uses a machine's vocabulary.
. "$top_srcdir/tests/guard/functions.sh"
cd "$top_srcdir/src" || exit 99

# ---- Vocabulary ---------------------------------------------------------------------------------

# finds REGEX [ALLOWED]: fails if words outside src/arch match, except in lines that have ALLOWED.
status=0
finds()
{
	found=$(grep -rnwE "$1" --include='*.[chS]' --include='*.ld' . ../include |
		grep -v '^\./arch/' | grep -vE "${2:-^$}")
	[ -z "$found" ] && return
	echo "vocabulary of a machine:"
	echo "$found"
	status=1
}

# Compilers' names of machines, and those of ELF. Allowed: `unexec info` names a machine for which
# unexec is not built; files that are written have this machine's byte order.
finds '__(x86_64|amd64|i386|aarch64|arm|riscv|powerpc64|s390x?|loongarch64)(__)?'
finds 'Elf(32|64)_[A-Z][a-z]+|(EM|R)_(X86_64|386|AARCH64|ARM|RISCV|PPC64|S390|LOONGARCH)[A-Z0-9_]*|ELFCLASS64|ELFDATA2LSB' \
	'case EM_AARCH64:|== __ORDER_LITTLE_ENDIAN__'
finds '[Xx]86(-64|_64)?|[Aa][Mm][Dd](64)?|[Ii]ntel|aarch64|AArch64' '"aarch64"'
# Registers and structs that hold them.
finds '[er]?[abcd]x|[er]([sb]p|[sd]i|ip)|orig_[er]ax|r([89]|1[0-5])'
finds 'user_(fp)?regs(_struct)?|uc_mcontext|gregs|REG_[A-Z0-9]+|sigcontext'
finds '[fg]s_?base|[fg]s:[x0-9a-f]+|arch_prctl|(SYS|__NR)_arch_prctl|ARCH_[GS]ET_[FG]S'
# Vector registers and what a CPU has.
finds '[a-z_]*x(save|rstor|getbv)[a-z0-9_]*|XSAVE[A-Z]*|X[A-Z]*STATE[A-Z0-9_]*|XCR0|XFEATURE[A-Z_]*'
finds 'NT_(X86|ARM|386|PPC|RISCV|S390)[A-Z0-9_]*|[A-Z_a-z]*([Cc][Pp][Uu][Ii][Dd])[a-z_]*|SSE[0-9.]*|AVX[-A-Z0-9]*|AMX|MXCSR'
# Instructions.
finds 'int3|0xcc|0xe[89]|0xc3|0x0f, 0x05|x0f.x05|endbr64|(mov|lea|jmp|cmp) +[$%].*'
# The length of an instruction: the places before and after a program counter are ARCH_…_LENGTH
# away. A return address is inside the call's next instruction, so any byte before it is in the
# call.
finds '(counter|pc) [-+] [0-9]+' 'frame->counter - 1;'
# The thread pointer's surroundings.
finds 'thread_pointer(_2)? [-+] [0-9x]+'
# The red zone, rseq's signature, results of system calls.
finds '0x53053053|RED_ZONE [0-9]+|[a-z]+ > -4096[UL]*' 

# Addresses: the search for regions starts at ARCH_…_START. A magic number is not an address, and
# neither is the length that no run of zeros reaches, which ends a search.
finds '(UINT64_C\()?0x[0-9a-f]{9,}(U?L*|\))?|1\) << (3[2-9]|4[0-9])' \
	'_MAGIC UINT64_C|define ZEROS_LAST |define SIZE_LIMIT '

# Pages: ARCH_PAGE_MIN, the image's, the plan's or the process's page_size. Other numbers of that
# size are lengths of arrays and growing buffers; bits; room on stacks, counts and lengths of code
# and headers, by their names; the unit in which memory is scanned and written; and the bounds of
# page sizes that an image's text may have, with an example.
finds '4096|4095|8192|0x[12]000|0xfff|PAGE_(SIZE|SHIFT|MASK)' \
	'\[(4096|8192)\]|: 4096;|REGION_LOCK[A-Z]* = |define (STACK_ROOM|START_FRAMES|PIECE|PIECES_LEAST|NEAR|NOTES_MAX|FIRST_BYTES|BLOCK|LIBC_SCAN_BLOCK) |define PLAN_PREFAULT_PAGES |"page-size"|  page-size 4096$'

[ $status = 0 ] || exit 1

# ---- Folders ------------------------------------------------------------------------------------

headers=$(grep -rhoE '#[[:space:]]*include[[:space:]]*"arch_[a-z_]+\.h"' . |
	sed 's/.*"\(.*\)"/\1/' | sort -u)
# Makefile.am and build.mk name objects, with or without automake's prefix:
# $(arch)/cpu_fits.ro, $(arch)/libunexec_tool_a-frame.$(OBJEXT).
objects=$(grep -ohE '\$\(arch\)/[a-z_]+(-[a-z_]+)?' ../Makefile.am */build.mk | sed 's/.*[/-]//' |
	sort -u)
for directory in arch/*/
do
	same "included headers" "$headers" "src/$directory" "$(cd "$directory" && ls arch_*.h)"
	same "linked objects" "$objects" "src/$directory" "$(
		cd "$directory" && ls | sed -n 's/\.[cS]$//p' | sort -u)"
done
same "included headers" "$headers" "src/arch/README" "$(
	sed -n 's/^  \(arch_[a-z_]*\.h\) .*/\1/p' arch/README | sort -u)"
