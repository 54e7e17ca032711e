;;; session.el --- much loaded Lisp  -*- lexical-binding: t -*-
;; SPDX-License-Identifier: GPL-3.0-or-later
;;
;; Stands for an init file: what fifty packages have, and some state.

(setq inhibit-startup-screen t
      native-comp-deferred-compilation nil)
(dolist (feature
	 '(org org-agenda ox-html ob-python gnus gnus-sum message calc calc-ext ediff
	    eshell em-term tramp tramp-sh semantic ede speedbar erc rmail calendar diary-lib
	    nxml-mode js python cc-mode sql vc vc-git vc-dir smerge-mode ido icomplete dired-x
	    wdired ibuffer ibuf-ext proced bookmark recentf savehist saveplace desktop flymake
	    flyspell ispell eldoc xref project eww shr url url-http json image-mode doc-view
	    picture artist table outline hideshow imenu which-func gud compile grep info woman man
	    term ansi-color comint shell whitespace winner windmove cua-base allout todo-mode appt
	    timeclock bibtex tex-mode reftex sgml-mode css-mode perl-mode ruby-mode sh-script
	    make-mode diff-mode log-view add-log epa epa-file edebug ert package re-builder hl-line
	    linum display-line-numbers cwarn paren elec-pair skeleton tempo abbrev-mode dabbrev
	    hippie-exp expand autorevert time battery mailcap mm-decode mml-sec pcomplete
	    pcmpl-unix tetris gomoku))
  (require feature nil t))
(dolist (mode '(recentf-mode savehist-mode show-paren-mode electric-pair-mode winner-mode))
  (funcall mode 1))
(dotimes (i 20)
  (with-current-buffer (get-buffer-create (format "buffer-%d" i))
    (insert (make-string 10000 ?x))))
