// What the check must refuse (test/mps/declarations.test.ts).
#import "../../../shim/mps/shim.h"

id wrong(MPSGraph *graph) { return [graph thisWithThat:graph]; }
