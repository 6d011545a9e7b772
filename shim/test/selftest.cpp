// selftest.cpp: runs the native self-tests. `selftest --accuracy 1` instead checks the float32 functions on every float32 argument (a larger number:
// on every n-th), and prints the largest errors.
#include <cstdlib>

#include "check.h"

int main(int count, char **arguments) {
  if (count > 2 && strcmp(arguments[1], "--accuracy") == 0) {
    const long stride = atol(arguments[2]);
    test::test_accuracy(stride > 0 ? uint64_t(stride) : 1, true);
  } else {
    test::test_accuracy(40009, false);
    test::test_values();
    test::test_programs();
    test::test_sweeps();
    test::test_steps();
    test::test_sort();
    test::test_abi();
    test::test_mutations(20000);
  }
  printf("selftest: %d checks, %d failures\n", test::checks, test::failures);
  return test::failures ? 1 : 0;
}
