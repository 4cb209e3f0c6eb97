/* Scores the rows of a file by its model: what callgrind counts. The file begins with an hs_model whose pointers are places
   in it; usage: driver FILE ROWS_AT N SET. */
#include <stdio.h>
#include <stdlib.h>

#include "trees.h"

int32_t hs_trees_score(const hs_model *model, const void *values, int64_t n, int32_t is_float, int32_t set, int32_t kind,
                       void *output);

static char *read_file(const char *name) {
  FILE *file = fopen(name, "rb");
  if (!file || fseek(file, 0, SEEK_END)) return NULL;
  long size = ftell(file);
  char *content = aligned_alloc(64, ((size_t)size + 63) / 64 * 64);
  rewind(file);
  return content && fread(content, 1, (size_t)size, file) == (size_t)size ? content : NULL;
}

#define MOVE(name) model->name = (const void *)(content + (intptr_t)model->name)

int main(int count, char **words) {
  char *content = count == 5 ? read_file(words[1]) : NULL;
  if (!content) return 2;
  hs_model *model = (hs_model *)content;
  MOVE(groups), MOVE(thresholds), MOVE(categories), MOVE(bits), MOVE(trees), MOVE(nodes), MOVE(values);
  int64_t n = atoll(words[3]);
  double *scores = malloc((size_t)(n * model->classes) * sizeof(double));
  if (!scores || hs_trees_score(model, content + atoll(words[2]), n, 1, atoi(words[4]), HS_RAW, scores)) return 1;
  return fwrite(scores, sizeof(double), (size_t)(n * model->classes), stdout) == (size_t)(n * model->classes) ? 0 : 1;
}
