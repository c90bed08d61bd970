" Colours without a language server.
if exists("b:current_syntax")
  finish
endif

syntax keyword assayDeclaration assay use as workflow experiment policy step variant default vary in out
syntax keyword assayClause foreach when max and or not
syntax keyword assayOption retry backoff jitter timeout resources cpu memory gpu reuse isolation on failure
syntax keyword assayConstant true false null
syntax keyword assayType bool int float string bytes enum list tensor table file dir any
syntax match assayPhase "@\s*\h\w*"
syntax match assayName "\.\s*\h\w*" contains=NONE
syntax match assayParameter "\h\w*\ze\s*:"
syntax match assayNumber "\<\d[0-9_]*\%(\.\d\+\)\?\%([eE][+-]\?\d\+\)\?\a*"
syntax match assayOperator "??\|==\|!=\|<=\|>=\|\.\.\|[-+*/<>=?]"
syntax region assayString start=+"+ skip=+\\.+ end=+"+ oneline contains=assayEscape
syntax match assayEscape "\\\%([ntr0\"\\]\|u{\x\{1,6}}\)" contained
syntax match assayComment "#.*$" contains=@Spell
syntax match assayDoc "##.*$" contains=@Spell

highlight default link assayDeclaration Keyword
highlight default link assayClause Conditional
highlight default link assayOption Statement
highlight default link assayConstant Constant
highlight default link assayType Type
highlight default link assayPhase PreProc
highlight default link assayName Identifier
highlight default link assayParameter Identifier
highlight default link assayNumber Number
highlight default link assayOperator Operator
highlight default link assayString String
highlight default link assayEscape SpecialChar
highlight default link assayComment Comment
highlight default link assayDoc SpecialComment

let b:current_syntax = "assay"
