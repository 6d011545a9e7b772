// Convolutions in two and three dimensions, depthwise ones in two, and their gradients. All of them are sums of products of one element of the data, one of
// the weights and one of the result; which of the three is the sum is all that differs.
#import "../core.h"

// Spatial dimensions are z, y, x; a convolution in two dimensions has one z.
typedef struct {
  int64_t stride[3], dilation[3], low[3], high[3], groups;
} Window;

// Sizes of a tensor and distances between its elements, in the order of the roles: batch and channel, or output and input channel, then z, y, x.
typedef struct {
  int64_t size[5], step[5];
} View;

typedef struct {
  Window window;
  View data, weights, result;
} Products;

enum { roleFirst, roleSecond, roleZ };

// `order`: which axis has each role, -1 for a z that is not there.
static View viewOf(Shape shape, const int order[5]) {
  int64_t strides[maxRank];
  stridesOf(shape, strides);
  View view;
  for (int role = 0; role < 5; role++) {
    view.size[role] = order[role] < 0 ? 1 : shape.size[order[role]];
    view.step[role] = order[role] < 0 ? 0 : strides[order[role]];
  }
  return view;
}

static const int firstOf2[5] = {0, 1, -1, 2, 3}, lastOf2[5] = {0, 3, -1, 1, 2}, firstOf3[5] = {0, 1, 2, 3, 4}, lastOf3[5] = {0, 4, 1, 2, 3};
static const int hwio[5] = {3, 2, -1, 0, 1}, dhwio[5] = {4, 3, 0, 1, 2};

static const int *dataOrder(MPSGraphTensorNamedDataLayout layout, bool three, SEL selector) {
  if (layout == (three ? MPSGraphTensorNamedDataLayoutNCDHW : MPSGraphTensorNamedDataLayoutNCHW)) return three ? firstOf3 : firstOf2;
  if (layout == (three ? MPSGraphTensorNamedDataLayoutNDHWC : MPSGraphTensorNamedDataLayoutNHWC)) return three ? lastOf3 : lastOf2;
  refuse(selector, @"data layout %lu", (unsigned long)layout);
}

static const int *weightsOrder(MPSGraphTensorNamedDataLayout layout, bool three, SEL selector) {
  if (layout == (three ? MPSGraphTensorNamedDataLayoutOIDHW : MPSGraphTensorNamedDataLayoutOIHW)) return three ? firstOf3 : firstOf2;
  if (layout == (three ? MPSGraphTensorNamedDataLayoutDHWIO : MPSGraphTensorNamedDataLayoutHWIO)) return three ? dhwio : hwio;
  refuse(selector, @"weights layout %lu", (unsigned long)layout);
}

static void checkRank(Shape shape, bool three, SEL selector) {
  if (shape.rank != (three ? 5 : 4)) refuse(selector, @"a tensor of rank %d where %d is wanted", shape.rank, three ? 5 : 4);
}

// How often the kernel fits; the framework ends the process where it does not.
static int64_t countAlong(const Window *window, int d, int64_t size, int64_t kernel, SEL selector) {
  if (window->stride[d] < 1 || window->dilation[d] < 1) refuse(selector, @"a stride or dilation of 0");
  const int64_t left = size + window->low[d] + window->high[d] - (kernel - 1) * window->dilation[d] - 1;
  if (left < 0) refuse(selector, @"a kernel larger than the padded source");
  return left / window->stride[d] + 1;
}

// Refuses data, weights and a result that do not belong together.
static void checkProducts(const Products *products, SEL selector) {
  const View *data = &products->data, *weights = &products->weights, *result = &products->result;
  const int64_t groups = products->window.groups;
  if (groups < 1) refuse(selector, @"%lld groups", (long long)groups);
  if (data->size[roleSecond] != groups * weights->size[roleSecond]) {
    refuse(selector, @"%lld input channels for %lld groups of %lld", (long long)data->size[roleSecond], (long long)groups, (long long)weights->size[roleSecond]);
  }
  if (weights->size[roleFirst] % groups != 0) refuse(selector, @"%lld groups of %lld output channels", (long long)groups, (long long)weights->size[roleFirst]);
  bool fits = result->size[roleFirst] == data->size[roleFirst] && result->size[roleSecond] == weights->size[roleFirst];
  for (int d = 0; d < 3; d++) {
    fits = countAlong(&products->window, d, data->size[roleZ + d], weights->size[roleZ + d], selector) == result->size[roleZ + d] && fits;
  }
  if (!fits) refuse(selector, @"the shapes of source, weights and result do not belong together");
}

static int64_t at(const View *view, int64_t first, int64_t second, const int64_t spatial[3]) {
  int64_t index = first * view->step[roleFirst] + second * view->step[roleSecond];
  for (int d = 0; d < 3; d++) index += spatial[d] * view->step[roleZ + d];
  return index;
}

// Adds all products to `total`, which is laid out as the one of the three that is NULL.
static void addProducts(const Products *products, const Array *data, const Array *weights, const Array *result, double *total) {
  const Window *window = &products->window;
  const int64_t *kernel = products->weights.size + roleZ, *counts = products->result.size + roleZ, *sizes = products->data.size + roleZ;
  const int64_t inputs = products->weights.size[roleSecond], outputs = products->weights.size[roleFirst], perGroup = outputs / window->groups;
  const int64_t taps = kernel[0] * kernel[1] * kernel[2], places = counts[0] * counts[1] * counts[2];
  for (int64_t item = 0; item < products->data.size[roleFirst] * outputs * places; item++) {
    const int64_t batch = item / (outputs * places), output = item / places % outputs, place = item % places;
    const int64_t here[3] = {place / (counts[1] * counts[2]), place / counts[2] % counts[1], place % counts[2]};
    for (int64_t i = 0; i < inputs * taps; i++) {
      const int64_t input = i / taps, tap = i % taps;
      const int64_t there[3] = {tap / (kernel[1] * kernel[2]), tap / kernel[2] % kernel[1], tap % kernel[2]};
      int64_t from[3];
      bool inside = true;
      for (int d = 0; d < 3; d++) {
        from[d] = here[d] * window->stride[d] + there[d] * window->dilation[d] - window->low[d];
        inside = inside && from[d] >= 0 && from[d] < sizes[d];
      }
      if (!inside) continue;
      const int64_t x = at(&products->data, batch, output / perGroup * inputs + input, from);
      const int64_t w = at(&products->weights, output, input, there), y = at(&products->result, batch, output, here);
      const double left = data ? flushed(data->type, loadDouble(data, x)) : flushed(result->type, loadDouble(result, y));
      const double right = weights ? flushed(weights->type, loadDouble(weights, w)) : flushed(result->type, loadDouble(result, y));
      total[data == NULL ? x : weights == NULL ? w : y] += left * right;
    }
  }
}

typedef enum { SumResult, SumData, SumWeights } Sum;

// A node of the first two of data, weights and result that are operands, in the order given by `reversed`.
static MPSGraphTensor *makeProducts(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *one, MPSGraphTensor *other, Shape shape, Sum sum,
                                    Products products) {
  checkProducts(&products, selector);
  return makeNode(graph, selector, name, @[ one, other ], one->_dataType, shape, ^(const Array *in, const Array *out) {
    double *total = calloc((size_t)out[0].count, sizeof(double));
    const Array *data = sum == SumData ? NULL : sum == SumResult ? &in[0] : &in[1];
    const Array *weights = sum == SumWeights ? NULL : &in[1];
    addProducts(&products, data, weights, sum == SumResult ? NULL : &in[0], total);
    for (int64_t i = 0; i < out[0].count; i++) storeDouble(&out[0], i, flushed(out[0].type, total[i]));
    free(total);
  });
}

static void checkOperands(MPSGraph *graph, MPSGraphTensor *one, MPSGraphTensor *other, bool three, SEL selector) {
  checkOperand(graph, one, KindFloat, selector);
  checkOperand(graph, other, KindFloat, selector);
  checkSameType(one, other, selector);
  checkRank(shapeOf(one), three, selector);
  checkRank(shapeOf(other), three, selector);
}

static void checkStyle(MPSGraphPaddingStyle style, SEL selector) {
  if (style != MPSGraphPaddingStyleExplicit) refuse(selector, @"padding style %lu is not emulated", (unsigned long)style);
}

typedef struct {
  Window window;
  const int *data, *weights;
  bool three;
} Form;

static Form formOf2(MPSGraphConvolution2DOpDescriptor *own, SEL selector) {
  if (own == nil) refuse(selector, @"no descriptor");
  checkStyle(own.paddingStyle, selector);
  const Window window = {
    {1, (int64_t)own.strideInY, (int64_t)own.strideInX}, {1, (int64_t)own.dilationRateInY, (int64_t)own.dilationRateInX},
    {0, (int64_t)own.paddingTop, (int64_t)own.paddingLeft}, {0, (int64_t)own.paddingBottom, (int64_t)own.paddingRight}, (int64_t)own.groups,
  };
  return (Form){window, dataOrder(own.dataLayout, false, selector), weightsOrder(own.weightsLayout, false, selector), false};
}

static Form formOf3(MPSGraphConvolution3DOpDescriptor *own, SEL selector) {
  if (own == nil) refuse(selector, @"no descriptor");
  checkStyle(own.paddingStyle, selector);
  const Window window = {
    {(int64_t)own.strideInZ, (int64_t)own.strideInY, (int64_t)own.strideInX},
    {(int64_t)own.dilationRateInZ, (int64_t)own.dilationRateInY, (int64_t)own.dilationRateInX},
    {(int64_t)own.paddingFront, (int64_t)own.paddingTop, (int64_t)own.paddingLeft},
    {(int64_t)own.paddingBack, (int64_t)own.paddingBottom, (int64_t)own.paddingRight},
    (int64_t)own.groups,
  };
  return (Form){window, dataOrder(own.dataLayout, true, selector), weightsOrder(own.weightsLayout, true, selector), true};
}

static MPSGraphTensor *forward(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *source, MPSGraphTensor *weights, Form form) {
  checkOperands(graph, source, weights, form.three, selector);
  Products products = {form.window, viewOf(shapeOf(source), form.data), viewOf(shapeOf(weights), form.weights), {{0}, {0}}};
  const int64_t sizes[2] = {products.data.size[roleFirst], products.weights.size[roleFirst]};
  Shape shape = {form.three ? 5 : 4, {0}};
  for (int role = 0; role < 5; role++) {
    if (form.data[role] < 0) continue;
    shape.size[form.data[role]] =
      role < roleZ ? sizes[role] : countAlong(&form.window, role - roleZ, products.data.size[role], products.weights.size[role], selector);
  }
  checkShape(shape, selector);
  products.result = viewOf(shape, form.data);
  return makeProducts(graph, selector, name, source, weights, shape, SumResult, products);
}

static MPSGraphTensor *dataGradient(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *gradient, MPSGraphTensor *weights, MPSShape *outputShape,
                                    Form form) {
  checkOperands(graph, gradient, weights, form.three, selector);
  const Shape shape = shapeFrom(outputShape, selector);
  checkRank(shape, form.three, selector);
  const Products products = {form.window, viewOf(shape, form.data), viewOf(shapeOf(weights), form.weights), viewOf(shapeOf(gradient), form.data)};
  return makeProducts(graph, selector, name, gradient, weights, shape, SumData, products);
}

static MPSGraphTensor *weightsGradient(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *gradient, MPSGraphTensor *source, MPSShape *outputShape,
                                       Form form) {
  checkOperands(graph, gradient, source, form.three, selector);
  const Shape shape = shapeFrom(outputShape, selector);
  checkRank(shape, form.three, selector);
  const Products products = {form.window, viewOf(shapeOf(source), form.data), viewOf(shape, form.weights), viewOf(shapeOf(gradient), form.data)};
  return makeProducts(graph, selector, name, gradient, source, shape, SumWeights, products);
}

// Weights [1, C, H, W]: a convolution in as many groups as channels, whose weights are [C, 1, H, W]. Where several filters of a channel go is not documented.
static Form depthwiseForm(MPSGraphDepthwiseConvolution2DOpDescriptor *own, MPSGraphTensor *weights, SEL selector) {
  static const int turned[5] = {1, 0, -1, 2, 3};
  if (own == nil) refuse(selector, @"no descriptor");
  checkStyle(own.paddingStyle, selector);
  if (own.weightsLayout != MPSGraphTensorNamedDataLayoutOIHW) refuse(selector, @"weights layout %lu is not emulated", (unsigned long)own.weightsLayout);
  checkRank(shapeOf(weights), false, selector);
  const Shape shape = shapeOf(weights);
  if (shape.size[0] != 1) refuse(selector, @"%lld filters per channel: their order is not documented", (long long)shape.size[0]);
  const Window window = {
    {1, (int64_t)own.strideInY, (int64_t)own.strideInX}, {1, (int64_t)own.dilationRateInY, (int64_t)own.dilationRateInX},
    {0, (int64_t)own.paddingTop, (int64_t)own.paddingLeft}, {0, (int64_t)own.paddingBottom, (int64_t)own.paddingRight}, shape.size[1],
  };
  return (Form){window, dataOrder(own.dataLayout, false, selector), turned, false};
}

@implementation MPSGraph (Convolution)
- (MPSGraphTensor *)convolution2DWithSourceTensor:(MPSGraphTensor *)source
                                    weightsTensor:(MPSGraphTensor *)weights
                                       descriptor:(MPSGraphConvolution2DOpDescriptor *)descriptor
                                             name:(NSString *)name {
  return forward(self, _cmd, name, source, weights, formOf2(descriptor, _cmd));
}

- (MPSGraphTensor *)convolution2DDataGradientWithIncomingGradientTensor:(MPSGraphTensor *)incomingGradient
                                                          weightsTensor:(MPSGraphTensor *)weights
                                                            outputShape:(MPSShape *)outputShape
                                           forwardConvolutionDescriptor:(MPSGraphConvolution2DOpDescriptor *)forwardConvolutionDescriptor
                                                                   name:(NSString *)name {
  return dataGradient(self, _cmd, name, incomingGradient, weights, outputShape, formOf2(forwardConvolutionDescriptor, _cmd));
}

- (MPSGraphTensor *)convolution2DWeightsGradientWithIncomingGradientTensor:(MPSGraphTensor *)incomingGradient
                                                              sourceTensor:(MPSGraphTensor *)source
                                                               outputShape:(MPSShape *)outputShape
                                              forwardConvolutionDescriptor:(MPSGraphConvolution2DOpDescriptor *)forwardConvolutionDescriptor
                                                                      name:(NSString *)name {
  return weightsGradient(self, _cmd, name, incomingGradient, source, outputShape, formOf2(forwardConvolutionDescriptor, _cmd));
}

- (MPSGraphTensor *)convolution3DWithSourceTensor:(MPSGraphTensor *)source
                                    weightsTensor:(MPSGraphTensor *)weights
                                       descriptor:(MPSGraphConvolution3DOpDescriptor *)descriptor
                                             name:(NSString *)name {
  return forward(self, _cmd, name, source, weights, formOf3(descriptor, _cmd));
}

- (MPSGraphTensor *)convolution3DDataGradientWithIncomingGradientTensor:(MPSGraphTensor *)incomingGradient
                                                          weightsTensor:(MPSGraphTensor *)weights
                                                            outputShape:(MPSShape *)outputShape
                                           forwardConvolutionDescriptor:(MPSGraphConvolution3DOpDescriptor *)forwardConvolutionDescriptor
                                                                   name:(NSString *)name {
  return dataGradient(self, _cmd, name, incomingGradient, weights, outputShape, formOf3(forwardConvolutionDescriptor, _cmd));
}

- (MPSGraphTensor *)convolution3DWeightsGradientWithIncomingGradientTensor:(MPSGraphTensor *)incomingGradient
                                                              sourceTensor:(MPSGraphTensor *)source
                                                               outputShape:(MPSShape *)outputShape
                                              forwardConvolutionDescriptor:(MPSGraphConvolution3DOpDescriptor *)forwardConvolutionDescriptor
                                                                      name:(NSString *)name {
  return weightsGradient(self, _cmd, name, incomingGradient, source, outputShape, formOf3(forwardConvolutionDescriptor, _cmd));
}

- (MPSGraphTensor *)depthwiseConvolution2DWithSourceTensor:(MPSGraphTensor *)source
                                             weightsTensor:(MPSGraphTensor *)weights
                                                descriptor:(MPSGraphDepthwiseConvolution2DOpDescriptor *)descriptor
                                                      name:(NSString *)name {
  checkOperand(self, weights, KindFloat, _cmd);
  return forward(self, _cmd, name, source, weights, depthwiseForm(descriptor, weights, _cmd));
}

- (MPSGraphTensor *)depthwiseConvolution2DDataGradientWithIncomingGradientTensor:(MPSGraphTensor *)incomingGradient
                                                                   weightsTensor:(MPSGraphTensor *)weights
                                                                     outputShape:(MPSShape *)outputShape
                                                                      descriptor:(MPSGraphDepthwiseConvolution2DOpDescriptor *)descriptor
                                                                            name:(NSString *)name {
  checkOperand(self, weights, KindFloat, _cmd);
  return dataGradient(self, _cmd, name, incomingGradient, weights, outputShape, depthwiseForm(descriptor, weights, _cmd));
}
@end
