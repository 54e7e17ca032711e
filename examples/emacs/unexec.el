;;; unexec.el --- write the running Emacs as a program  -*- lexical-binding: t -*-
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; M-x unexec-dump writes this Emacs as a program, with everything that is loaded, its buffers,
;; windows, history and all other state.  The program resumes at the terminal where it is
;; started, and visits the files in its arguments.
;;
;; In `emacs --batch', the same function writes an Emacs that starts from its command line, with
;; all options, but has everything loaded:
;;
;;     emacs --batch -l ~/.emacs.d/init.el -l unexec --eval '(unexec-dump "my-emacs")'
;;
;; This needs unexec-module.so, next to this file or in `load-path', and an Emacs that supports
;; modules.  Emacs itself is unchanged.

;;; Code:

(defvar unexec-dump-hook nil
  "Functions called in this Emacs before a dump is made.")

(defvar unexec-resume-hook nil
  "Functions called in the new program after its terminal is set up.")

(define-error 'unexec-error "No dump was made")

(declare-function unexec--dump "unexec-module" (file))
(declare-function unexec--dump-main "unexec-module" (file))
(declare-function unexec--arguments "unexec-module" ())
(declare-function unexec--environment "unexec-module" ())
(defvar server-process)

(unless (fboundp 'unexec--dump)
  (module-load (let ((load-suffixes (list module-file-suffix)))
		 (or (locate-file "unexec-module"
				  (cons (file-name-directory (or load-file-name buffer-file-name))
					load-path)
				  load-suffixes)
		     (error "There is no unexec-module%s" module-file-suffix)))))

;;;###autoload
(defun unexec-dump (file)
  "Write this Emacs as a program, FILE.
The program resumes here, at the terminal where it is started, and visits the files in its
arguments.  Its subprocesses have ended, files are not watched, and there is no server; start
such things again in `unexec-resume-hook'.

In a batch session, the program starts like any Emacs, but does not read an init file again.

Return `dumped' in this Emacs and `resumed' in a program that resumes."
  (interactive "FDump this Emacs as: ")
  (setq file (expand-file-name file))
  (run-hooks 'unexec-dump-hook)
  (cond (noninteractive (unexec--dump-batch file))
	((unexec--graphic-p)
	 (user-error "Only an Emacs on terminals (-nw, or a daemon) can be dumped"))
	(t (unexec--dump-session file))))

(defun unexec--graphic-p ()
  (delq nil (mapcar #'display-graphic-p (frame-list))))

;;; Batch sessions

(defun unexec--dump-batch (file)
  ;; The program must process its command line, but not read its init file again.
  (let ((command-line-processed nil))
    (advice-add 'startup--load-user-init-file :override #'ignore)
    (unwind-protect
	(unexec--dump-main file)
      (advice-remove 'startup--load-user-init-file #'ignore))))

;;; Interactive sessions

(defun unexec--terminals ()
  "Return the terminals that are in use, except the one of a daemon."
  (delq nil (mapcar (lambda (terminal)
		      (and (eq (terminal-live-p terminal) t)
			   (terminal-name terminal)
			   (not (equal (terminal-name terminal) "initial_terminal"))
			   terminal))
		    (terminal-list))))

(defun unexec--dump-session (file)
  (let ((terminals (unexec--terminals))
	(serving (and (boundp 'server-process) server-process))
	(here (selected-frame))
	result)
    (when serving
      (server-start t t))
    (when (fboundp 'file-notify-rm-all-watches)
      (file-notify-rm-all-watches))
    (mapc #'suspend-tty terminals)
    (unwind-protect
	(setq result (unexec--dump file))
      (unless (eq result 'resumed)
	(mapc #'resume-tty terminals)
	(when serving
	  (server-start nil t))))
    (if (eq result 'resumed)
	(unexec--resume here)
      (message "This Emacs is in %s" file))
    result))

(defun unexec--resume (frame)
  (condition-case problem
      (progn
	(unexec--take-over)
	(unexec--take-terminal frame))
    (error (princ (format "emacs: %s\n" (error-message-string problem))
		  #'external-debugging-output)
	   (let ((kill-emacs-hook nil))
	     (kill-emacs 1))))
  (run-hooks 'unexec-resume-hook)
  (unexec--take-arguments))

(defun unexec--take-over ()
  "Update the state that Lisp has recorded of the process."
  (setq process-environment (unexec--environment)
	initial-environment (copy-sequence process-environment)
	command-line-args (unexec--arguments)
	before-init-time (current-time)
	auto-save-list-file-name nil)
  (dolist (frame (frame-list))
    (set-frame-parameter frame 'environment nil))
  (set-time-zone-rule (getenv "TZ"))
  (set-locale-environment)
  (random t)
  (when auto-save-list-file-prefix
    (setq auto-save-list-file-name
	  (expand-file-name (format "%s%d-%s~" auto-save-list-file-prefix (emacs-pid)
				    (system-name))))))

(defun unexec--take-terminal (frame)
  "Show FRAME, or a new frame on another kind of terminal, and delete all others."
  (let* ((old (frame-terminal frame))
	 (same (and (memq old (terminal-list))
		    (equal (terminal-name old) "/dev/tty")
		    (equal (tty-type old) (getenv "TERM"))))
	 (windows (window-state-get (frame-root-window frame) t)))
    (if same
	(resume-tty old)
      (setq frame (make-frame `((window-system . nil) (tty . "/dev/tty")
				(tty-type . ,(getenv "TERM")))))
      (select-frame frame)
      (window-state-put windows (frame-root-window frame)))
    (dolist (other (frame-list))
      (unless (or (eq other frame) (equal (terminal-name other) "initial_terminal")
		  (eq (frame-terminal other) (frame-terminal frame)))
	(delete-frame other t)))
    (select-frame-set-input-focus frame)))

(defun unexec--take-arguments ()
  (let ((directory (file-name-as-directory (file-truename "/proc/self/cwd")))
	(arguments (cdr command-line-args)))
    (while (member (car arguments)
		   '("-nw" "--no-window-system" "-Q" "--quick" "-q" "--no-init-file"))
      (pop arguments))
    (with-current-buffer (get-buffer-create "*scratch*")
      (setq default-directory directory))
    (when arguments
      (let ((inhibit-startup-screen t)
	    (inhibit-startup-message t)
	    (inhibit-startup-echo-area-message t)
	    (command-line-args-left arguments)
	    (command-line-default-directory directory))
	(with-temp-buffer
	  (setq default-directory directory)
	  (command-line-1 arguments))))))

(provide 'unexec)
;;; unexec.el ends here
