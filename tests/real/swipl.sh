#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# SWI-Prolog at its prompt, with its thread that collects atoms.
. "${0%/*}/../lib/at_prompt.sh"

need swipl
cat > first << 'END'
use_module(library(clpfd)).
use_module(library(apply)).
forall(between(1, 20000, I), (S is I * I, assertz(square(I, S)))).
END
cat > second << 'END'
square(777, S), print(S), nl.
X #> 3, X #< 6, X #\= 5, print(X), nl.
findall(I, between(1, 300000, I), L), sum_list(L, S), print(S), nl, garbage_collect_atoms.
catch(atom_length(_, _), error(E, _), (print(E), nl)).
thread_create(X is 6 * 7, T), thread_join(T, S), print(S), nl.
length(L, 3), maplist(=(a), L), atomic_list_concat(L, A), print(A), nl.
END
tidy()
{
	sed 's,<thread>([^)]*),<thread>,'
}
as_ever swipl -q
grep -q '^603729' ordinary || fail "$(cat ordinary)"
