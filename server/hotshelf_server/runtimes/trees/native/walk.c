/* From root to leaf without branches, several walks side by side. */
#include "trees.h"

#define WALKS 8

static inline uint32_t step(const hs_node *nodes, uint32_t place, const int8_t *ranks, int64_t lanes) {
  const hs_node node = nodes[place];
  uint32_t right = -(uint32_t)(ranks[node.column * lanes] > node.k);
  return node.left ^ ((uint32_t)(node.left ^ node.right) & right);
}

static void walk_several(const hs_model *model, const hs_tree *trees, const int8_t *ranks, uint16_t *leaves) {
  uint32_t place[WALKS] = {0};
  const hs_node *nodes[WALKS];
  int32_t depth = 0;
  for (int i = 0; i < WALKS; i++) {
    nodes[i] = model->nodes + trees[i].nodes;
    depth = trees[i].depth > depth ? trees[i].depth : depth;
  }
  for (int32_t level = 0; level < depth; level++)
    for (int i = 0; i < WALKS; i++) place[i] = step(nodes[i], place[i], ranks, 1);
  for (int i = 0; i < WALKS; i++) leaves[i] = (uint16_t)(place[i] - (uint32_t)trees[i].inner);
}

/* The leaves of one row, whose ranks are [columns], in each of some trees. */
void hs_walk_trees(const hs_model *model, int64_t first, int64_t count, const int8_t *ranks, uint16_t *leaves) {
  const hs_tree *trees = model->trees + first;
  int64_t i = 0;
  for (; i + WALKS <= count; i += WALKS) walk_several(model, trees + i, ranks, leaves + i);
  for (; i < count; i++) {
    uint32_t place = 0;
    for (int32_t level = 0; level < trees[i].depth; level++) place = step(model->nodes + trees[i].nodes, place, ranks, 1);
    leaves[i] = (uint16_t)(place - (uint32_t)trees[i].inner);
  }
}

/* The leaves of a block's rows, whose ranks are [columns, lanes], in one tree. Lanes are a multiple of 8. */
void hs_walk_rows(const hs_model *model, const hs_tree *tree, const int8_t *ranks, int64_t lanes, uint16_t *leaves) {
  const hs_node *nodes = model->nodes + tree->nodes;
  for (int64_t row = 0; row < lanes; row += WALKS) {
    uint32_t place[WALKS] = {0};
    for (int32_t level = 0; level < tree->depth; level++)
      for (int i = 0; i < WALKS; i++) place[i] = step(nodes, place[i], ranks + row + i, lanes);
    for (int i = 0; i < WALKS; i++) leaves[row + i] = (uint16_t)(place[i] - (uint32_t)tree->inner);
  }
}
