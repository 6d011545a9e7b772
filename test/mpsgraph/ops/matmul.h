// Shapes of matrix products.
#ifndef EMULATED_MATMUL_H
#define EMULATED_MATMUL_H
#import "../core.h"

// [..., M, K] times [..., K, N], with the leading dimensions broadcast.
Shape productShape(Shape one, Shape other, SEL selector);

// count matrices; those of the operands are at broadcastIndex of the number of the result's.
typedef struct {
  int64_t count, rows, inner, columns;
  Broadcast one, other;
} Batches;
Batches batchesOf(Shape one, Shape other, Shape result);

#endif
