;;; use.el --- checks of a dumped Emacs  -*- lexical-binding: t -*-
;; SPDX-License-Identifier: GPL-3.0-or-later
;;
;; Prints values that must be the same in each Emacs of a configuration, however it was dumped.

(defun say (format &rest arguments)
  (princ (apply #'format (concat format "\n") arguments)))

;; Time and locale.
(say "time: %s" (format-time-string "%A %d %B %Y %H:%M:%S %Z %z" '(25000 0)))
(say "offset: %S" (car (current-time-zone 0)))
(say "decoded: %S" (decode-time 0))
(setenv "TZ" "Europe/Paris")
(say "zone set: %s" (format-time-string "%H %Z" 0))
(set-time-zone-rule "XYZ-3")
(say "rule set: %s" (format-time-string "%H %Z" 0))
(say "locale: %S" (list (getenv "LC_ALL") (getenv "LANG") locale-coding-system
			current-language-environment (default-value 'buffer-file-coding-system)))
(say "codeset: %S" (locale-info 'codeset))
(say "days: %S" (locale-info 'days))
(say "collation: %S" (sort (list "b" "a" "B" "A" "ä" "z") #'string-collate-lessp))
(say "numbers: %S %S" (format "%f" 1.5) (string-to-number "2.25"))
(say "error: %s" (condition-case err (insert-file-contents "/no/such/file") (error err)))

;; Environment and arguments.
(say "environment: %S" (sort (seq-remove (lambda (s) (string-match "\\`\\(PWD\\|_\\|OLDPWD\\)=" s))
					    (copy-sequence initial-environment))
			     #'string<))
(say "where: %S %S" default-directory noninteractive)

;; Memory: collector and allocator work on the dumped heap.
(let ((table (make-hash-table :test 'equal)))
  (dotimes (i 50000)
    (puthash (number-to-string i) (make-vector 10 i) table))
  (garbage-collect)
  (dotimes (i 49000)
    (remhash (number-to-string i) table))
  (garbage-collect)
  (say "table: %d %S" (hash-table-count table) (aref (gethash "49999" table) 9)))
(say "bignum: %d" (* most-positive-fixnum most-positive-fixnum))
(with-temp-buffer
  (insert (make-string 3000000 ?x) "é∀")
  (say "buffer: %d %d" (point-max) (position-bytes (point-max)))
  (erase-buffer))
(say "file: %d" (with-temp-buffer
		  (insert-file-contents (locate-library "simple.el"))
		  (emacs-lisp-mode)
		  (goto-char (point-min))
		  (forward-sexp 10)
		  (point)))
(say "documentation: %s" (substring (documentation 'car) 0 40))
(say "compiled: %S" (funcall (byte-compile '(lambda (x) (* x x))) 12))

;; Subprocesses.
(say "call: %S" (with-temp-buffer
		  (list (call-process "sh" nil t nil "-c" "echo out; exit 3") (buffer-string))))
(say "shell: %S" (shell-command-to-string "printf %s \"$LC_ALL\"; tty < /dev/null; trap"))
(dolist (type '(pipe pty))
  (let* ((out "") done
	 (process-connection-type (eq type 'pty))
	 (process (make-process :name "cat" :command '("cat")
				:filter (lambda (_ text) (setq out (concat out text)))
				:sentinel (lambda (_ what) (setq done what)))))
    (process-send-string process "through\n")
    (process-send-eof process)
    (while (not done) (accept-process-output nil 0.1))
    (say "%s: %S %S" type (replace-regexp-in-string "\r" "" out) done)))
(say "network: %S"
     (let* ((got nil)
	    (server (make-network-process :name "s" :server t :family 'ipv4 :service t
					  :host "127.0.0.1"
					  :filter (lambda (_ text) (setq got text))))
	    (client (make-network-process :name "c" :family 'ipv4 :host "127.0.0.1"
					  :service (process-contact server :service))))
       (process-send-string client "hello")
       (while (not got) (accept-process-output nil 0.1))
       (delete-process client)
       (delete-process server)
       got))

;; Timers.
(let (fired)
  (run-at-time 0.05 nil (lambda () (setq fired t)))
  (while (not fired) (sit-for 0.05 t) (sleep-for 0.01))
  (say "timer: %S" fired))
(say "timeout: %S" (with-timeout (0.1 'late) (while t (sleep-for 0.01))))

;; Threads, where there are any.
(if (not (fboundp 'make-thread))
    (say "threads: none")
  (let* ((mutex (make-mutex)) (condition (make-condition-variable mutex)) (count 0)
	 (threads (mapcar (lambda (i)
			    (make-thread (lambda ()
					   (dotimes (_ 10) (thread-yield))
					   (with-mutex mutex
					     (setq count (+ count i))
					     (condition-notify condition t)))))
			  (number-sequence 1 20))))
    (with-mutex mutex
      (while (< count 210) (condition-wait condition)))
    (mapc #'thread-join threads)
    (say "threads: %d %d" count (length (all-threads)))))
