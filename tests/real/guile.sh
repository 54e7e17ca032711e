#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Guile at its prompt, with its collector's and finalizer's threads.
. "${0%/*}/../lib/at_prompt.sh"

need guile
# Nothing is compiled into the home directory.
GUILE_AUTO_COMPILE=0
export GUILE_AUTO_COMPILE
cat > first <<'END'
(use-modules (ice-9 format) (ice-9 threads) (srfi srfi-1) (srfi srfi-19))
(define table (make-hash-table))
(for-each (lambda (i) (hash-set! table i (* i i))) (iota 100000))
(define (answer n) (* 6 n))
(define guard (make-guardian))
(guard (list 'lost))
(begin (gc) (display "ready\n"))
END
cat > second <<'END'
(begin (display (answer 7)) (newline))
(begin (gc) (gc) (format #t "~a ~a~%" (hash-ref table 99999) (hash-count (const #t) table)))
(begin (display (join-thread (call-with-new-thread (lambda () (answer 8))))) (newline))
(begin (display (par-map answer '(1 2 3))) (newline))
(begin (display (call/cc (lambda (k) (for-each k '(9)) 1))) (newline))
END
# Guile prompts only when it has to wait.
tidy()
{
	sed 's/^\(scheme@(guile-user)> \)*//'
}
as_ever guile -q
prints 42
