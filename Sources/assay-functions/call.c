#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

static assay_status call(frame *fr) {
  const function *f = fr->f;
  size_t size = f->has_result && !f->result_is_pointer && f->result.kind == K_STRUCT ? f->cif.rtype->size : 0;
  /* libffi widens narrow results: never less than a register, and room for two. */
  if (!block_make(&fr->result, "the result", size < 16 ? 16 : size, 16))
    return assay_failf(fr->run, ASSAY_E_RESOURCE, NULL, "no memory for the result");
  assay_status s = frame_fill(fr);
  if (s != ASSAY_OK) return s;
  if (assay_cancelled(fr->run)) return ASSAY_E_CANCELLED;
  guard_call(f->task.id, fr->blocks, f->count);
  errno = 0;
  ffi_call((ffi_cif *)(uintptr_t)&f->cif, f->address, fr->result.data, fr->arguments);
  fr->error = errno;
  guard_call(NULL, NULL, 0);
  s = frame_empty(fr);
  if (f->free_result) {
    void *pointer;
    memcpy(&pointer, fr->result.data, sizeof pointer);
    if (pointer) f->free_result(pointer);
  }
  return s;
}

assay_status ASSAY_CALL run_function(void *instance, const assay_run *run) {
  frame *fr = calloc(1, sizeof *fr);
  if (!fr) return assay_failf(run, ASSAY_E_RESOURCE, NULL, "no memory for a call");
  fr->f = instance;
  fr->run = run;
  assay_status s = call(fr);
  for (uint32_t i = 0; i < fr->f->count; i++) {
    block_free(&fr->blocks[i]);
    callback_free(fr->closures[i]);
  }
  block_free(&fr->result);
  while (fr->scratches) {
    scratch *next = fr->scratches->next;
    free(fr->scratches);
    fr->scratches = next;
  }
  free(fr);
  return s;
}
