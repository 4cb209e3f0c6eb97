/* Ranks of values: the only place that sees numbers of the caller. */
#include <math.h>

#include "trees.h"

#define STEP 8 /* searches that run side by side, to hide the memory's latency */

static double value_at(const hs_rows *rows, int64_t features, int64_t row, int64_t feature) {
  int64_t place = row * features + feature;
  double value = rows->is_float ? (double)((const float *)rows->values)[place] : ((const double *)rows->values)[place];
  return fabs(value) <= rows->zero ? 0.0 : value;
}

static void store_ranks(const hs_group *group, const int32_t *ranks, int64_t lanes, int8_t *out) {
  for (int32_t column = 0; column < group->columns; column++) {
    for (int i = 0; i < STEP; i++) {
      int32_t rank = ranks[i] - column * HS_RANKS;
      rank = rank < 0 ? 0 : rank > HS_RANKS ? HS_RANKS : rank;
      out[column * lanes + (lanes == 1 ? 0 : i)] = (int8_t)(rank - 128);
      if (lanes == 1) break;
    }
  }
}

/* NaN exceeds everything, also a threshold of infinity, by which LightGBM parts missing values from all others. */
static int exceeds(double value, double threshold) { return !(value <= threshold); }

/* How many of the thresholds each value exceeds. */
static void search(const double *thresholds, int32_t count, const double *values, int32_t *ranks) {
  int32_t low[STEP] = {0};
  int32_t left = count;
  while (left > 1) {
    int32_t half = left / 2;
    for (int i = 0; i < STEP; i++) low[i] += exceeds(values[i], thresholds[low[i] + half - 1]) ? half : 0;
    left -= half;
  }
  for (int i = 0; i < STEP; i++) ranks[i] = low[i] + exceeds(values[i], thresholds[low[i]]);
}

static int32_t search_one(const double *thresholds, int32_t count, double value) {
  int32_t low = 0;
  while (count > 1) {
    int32_t half = count / 2;
    low += exceeds(value, thresholds[low + half - 1]) ? half : 0;
    count -= half;
  }
  return low + exceeds(value, thresholds[low]);
}

static double told_apart(const hs_group *group, double value) {
  value = isnan(value) ? group->nan_to : value;
  return value == 0.0 ? group->zero_to : value;
}

static void rank_group(const hs_model *model, const hs_rows *rows, int64_t first, int64_t count, int64_t lanes,
                       const hs_group *group, int8_t *out) {
  const double *thresholds = model->thresholds + group->thresholds;
  if (lanes == 1) {
    int32_t rank = search_one(thresholds, group->count, told_apart(group, value_at(rows, model->features, first, group->feature)));
    store_ranks(group, &rank, 1, out);
    return;
  }
  for (int64_t start = 0; start < count; start += STEP) {
    double values[STEP];
    int32_t ranks[STEP];
    for (int i = 0; i < STEP; i++) {
      int64_t row = start + i < count ? start + i : count - 1; /* past the last row, the last row again */
      values[i] = told_apart(group, value_at(rows, model->features, first + row, group->feature));
    }
    search(thresholds, group->count, values, ranks);
    store_ranks(group, ranks, lanes, out + start);
  }
}

/* Truncated as LightGBM truncates: -0.5 is category 0. NaN, and what no set holds, is the last bit. */
static uint32_t category_of(double value, int32_t words) {
  uint32_t none = (uint32_t)words * 32 - 1;
  return value > -1.0 && value < (double)none ? (uint32_t)(int32_t)value : none;
}

static void rank_categories(const hs_model *model, const hs_rows *rows, int64_t first, int64_t count, int64_t lanes,
                            const hs_categories *said, int8_t *out) {
  uint32_t found[HS_LANES];
  for (int64_t row = 0; row < count; row++)
    found[row] = category_of(value_at(rows, model->features, first + row, said->feature), said->words);
  const uint32_t *set = model->bits + said->bits;
  for (int32_t column = 0; column < said->columns; column++, set += said->words, out += lanes)
    for (int64_t row = 0; row < count; row++) out[row] = (set[found[row] / 32] >> (found[row] % 32)) & 1 ? -128 : -127;
}

/* The ranks of rows `first` to `first + count`: [columns, lanes]. Lanes past `count` hold anything. */
void hs_rank_rows(const hs_model *model, const hs_rows *rows, int64_t first, int64_t count, int64_t lanes, int8_t *ranks) {
  for (int64_t i = 0; i < model->n_groups; i++)
    rank_group(model, rows, first, count, lanes, model->groups + i, ranks + model->groups[i].column * lanes);
  for (int64_t i = 0; i < model->n_categories; i++)
    rank_categories(model, rows, first, count, lanes, model->categories + i, ranks + model->categories[i].column * lanes);
}
