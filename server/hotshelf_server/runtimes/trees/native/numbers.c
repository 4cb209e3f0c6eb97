/* Numbers of a text. A large model has several 100,000: read here, nobody waits for the interpreter's lock meanwhile. */
#include <stdlib.h>

#include "trees.h"

/* Where the line ends whose numbers go to `out`; NULL for one that holds anything but numbers, or too many. */
static const char *read_line(const char *text, double *out, int64_t capacity, int64_t *count) {
  for (*count = 0;;) {
    while (*text == ' ') text++;
    if (*text == '\n' || *text == '\0') return text;
    char *end;
    double number = strtod(text, &end);
    if (end == text || *count == capacity || (*end != ' ' && *end != '\n' && *end != '\0')) return NULL;
    out[(*count)++] = number;
    text = end;
  }
}

/* All numbers of some lines, and how many each line has. Returns how many there are, or -1 where a line can't be read. `text`
   ends with a zero. */
int64_t hs_trees_numbers(const char *text, int64_t lines, double *out, int64_t capacity, int64_t *counts) {
  int64_t total = 0;
  for (int64_t line = 0; line < lines; line++) {
    text = read_line(text, out + total, capacity - total, counts + line);
    if (!text) return -1;
    total += counts[line];
    if (*text == '\n') text++;
  }
  return *text == '\0' ? total : -1;
}
