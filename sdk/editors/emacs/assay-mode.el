;;; assay-mode.el --- Major mode for .assay workflows  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))

;;; Commentary:

;; Colours and indentation, and `assay lsp' for eglot (built into Emacs 29, a package before).

;;; Code:

(defgroup assay nil "Workflows in .assay documents." :group 'languages)

(defcustom assay-path "assay" "The assay executable." :type 'string :group 'assay)

(defvar assay-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?\" "\"" table)
    table))

(defconst assay-font-lock-keywords
  `((,(regexp-opt '("assay" "use" "as" "workflow" "experiment" "policy" "step" "variant" "default" "vary" "in" "out"
                    "foreach" "when" "max" "and" "or" "not")
                  'symbols)
     . font-lock-keyword-face)
    (,(regexp-opt '("retry" "backoff" "jitter" "timeout" "resources" "reuse" "isolation" "on failure") 'symbols)
     . font-lock-builtin-face)
    (,(regexp-opt '("true" "false" "null") 'symbols) . font-lock-constant-face)
    (,(regexp-opt '("bool" "int" "float" "string" "bytes" "enum" "list" "tensor" "table" "file" "dir" "any") 'symbols)
     . font-lock-type-face)
    ("@\\s-*[A-Za-z_][A-Za-z0-9_]*" . font-lock-preprocessor-face)
    ("\\_<\\(?:workflow\\|experiment\\|policy\\)\\s-+\\([A-Za-z_][A-Za-z0-9_]*\\)" 1 font-lock-function-name-face)
    ("\\_<\\(?:step\\|in\\|out\\|variant\\)\\s-+\\([A-Za-z_][A-Za-z0-9_]*\\)" 1 font-lock-variable-name-face)))

(defun assay-indent-line ()
  "Indent the line by two spaces for each bracket that is open before it."
  (interactive)
  (let* ((depth (save-excursion
                  (beginning-of-line)
                  (let ((open (car (syntax-ppss))))
                    (skip-chars-forward " \t")
                    (if (looking-at "[])}]") (1- open) open))))
         (column (* 2 (max 0 depth))))
    (if (<= (current-column) (current-indentation))
        (indent-line-to column)
      (save-excursion (indent-line-to column)))))

;;;###autoload
(define-derived-mode assay-mode prog-mode "Assay"
  "Major mode for .assay documents."
  (setq-local comment-start "# ")
  (setq-local comment-start-skip "#+\\s-*")
  (setq-local indent-line-function #'assay-indent-line)
  (setq-local indent-tabs-mode nil)
  (setq-local font-lock-defaults '(assay-font-lock-keywords)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.assay\\'" . assay-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs (cons 'assay-mode (lambda (&rest _) (list assay-path "lsp")))))

(provide 'assay-mode)

;;; assay-mode.el ends here
