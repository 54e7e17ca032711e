#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Steel Bank Common Lisp at its prompt: the dump compiles, collects garbage and handles signals.
. "${0%/*}/../lib/at_prompt.sh"

need sbcl
cat > first << 'END'
(defvar *words* (make-hash-table))
(dotimes (i 100000) (setf (gethash i *words*) (* i i)))
(defun fib (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(gc :full t)
END
cat > second << 'END'
(fib 25)
(gethash 777 *words*)
(defun answer (n) (declare (fixnum n)) (* 6 n))
(answer 7)
(progn (dotimes (i 1000000) (make-array 100)) (gc :full t) (hash-table-count *words*))
(handler-case (error "lost") (error (e) (format nil "caught ~a" e)))
(handler-case (car (the list (identity 1))) (type-error () 'not-a-list))
(sb-thread:join-thread (sb-thread:make-thread (lambda () (answer 8))))
(progn (sleep 0.05) (expt 3 100))
END
tidy()
{
	sed 's/^\(\* \)*//'
}
as_ever sbcl --noinform --no-sysinit --no-userinit
grep -q '42$' ordinary || fail "$(cat ordinary)"
