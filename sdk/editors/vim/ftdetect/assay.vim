autocmd BufRead,BufNewFile *.assay setfiletype assay
