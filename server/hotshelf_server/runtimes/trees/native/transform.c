/* From sums to predictions, by LightGBM's formulas in its order of computing (its src/objective, ConvertOutput). */
#include "trees.h"

static double sigmoid(const hs_model *model, double value) { return 1.0 / (1.0 + model->exp(-model->sigmoid * value)); }

static void softmax(const hs_model *model, double *values) {
  double most = values[0], total = 0.0;
  for (int64_t i = 1; i < model->classes; i++) most = values[i] > most ? values[i] : most;
  for (int64_t i = 0; i < model->classes; i++) {
    values[i] = model->exp(values[i] - most);
    total += values[i];
  }
  for (int64_t i = 0; i < model->classes; i++) values[i] /= total;
}

static double one(const hs_model *model, double value) {
  switch (model->transform) {
    case HS_SIGMOID: return sigmoid(model, value);
    case HS_EXP: return model->exp(value);
    case HS_SQUARE: return ((value > 0.0) - (value < 0.0)) * value * value;
    case HS_LOG1P_EXP: return model->log1p(model->exp(value));
    default: return value;
  }
}

/* One row: its sums lie `stride` apart. */
void hs_transform(const hs_model *model, const double *sums, int64_t stride, int kind, double *output) {
  for (int64_t i = 0; i < model->classes; i++) output[i] = sums[i * stride];
  if (kind != HS_PREDICTION) return;
  for (int64_t i = 0; i < model->classes; i++) output[i] /= model->divisor;
  if (model->transform == HS_SOFTMAX)
    softmax(model, output);
  else
    for (int64_t i = 0; i < model->classes; i++) output[i] = one(model, output[i]);
}
