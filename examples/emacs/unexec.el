;;; unexec.el --- Emacs as a program that starts already started  -*- lexical-binding: t -*-
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; M-x unexec-dump writes this Emacs as a program: with all that is loaded, its buffers,
;; windows, history, and whatever else there is.  Started, it goes on from there at the
;; terminal that it is started at, and visits the files that are its arguments.
;;
;; From `emacs --batch' the same function writes an Emacs that begins anew, with every option
;; of the command line, but has everything loaded:
;;
;;     emacs --batch -l ~/.emacs.d/init.el -l unexec --eval '(unexec-dump "my-emacs")'
;;
;; It takes unexec-module.so, next to this file or in `load-path', and any Emacs that has
;; modules; nothing of Emacs is changed.

;;; Code:

(defvar unexec-dump-hook nil
  "Functions called before a dump is made; in this Emacs, as those after are.")

(defvar unexec-resume-hook nil
  "Functions called in the new program, when its terminal is there.")

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
The program goes on here, at the terminal at which it is started, with its arguments as files
to visit.  What runs as a subprocess has ended in it, files are not watched and there is no
server; `unexec-resume-hook' is the place to start such things again.

In a batch session, the program starts like any Emacs, but does not read an init file again.

Return `dumped' here and, in a program that goes on, `resumed'."
  (interactive "FDump this Emacs as: ")
  (setq file (expand-file-name file))
  (run-hooks 'unexec-dump-hook)
  (cond (noninteractive (unexec--dump-to-begin file))
	((unexec--graphic-p)
	 (user-error "Only an Emacs on terminals (-nw, or a daemon) can be dumped"))
	(t (unexec--dump-to-go-on file))))

(defun unexec--graphic-p ()
  (delq nil (mapcar #'display-graphic-p (frame-list))))

;;; As Emacs was dumped when it was built

(defun unexec--dump-to-begin (file)
  ;; The program believes that it has just been started.  Its init file was read before.
  (let ((command-line-processed nil))
    (advice-add 'startup--load-user-init-file :override #'ignore)
    (unwind-protect
	(unexec--dump-main file)
      (advice-remove 'startup--load-user-init-file #'ignore))))

;;; In the middle of a session

(defun unexec--terminals ()
  "The terminals that are in use, but for the one of a daemon."
  (delq nil (mapcar (lambda (terminal)
		      (and (eq (terminal-live-p terminal) t)
			   (terminal-name terminal)
			   (not (equal (terminal-name terminal) "initial_terminal"))
			   terminal))
		    (terminal-list))))

(defun unexec--dump-to-go-on (file)
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
	(unexec--go-on here)
      (message "This Emacs is in %s" file))
    result))

(defun unexec--go-on (frame)
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
  "Have what Lisp knows of the process be that of the new one."
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
  "Show FRAME, or a new one if this is another kind of terminal, and delete all others."
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
