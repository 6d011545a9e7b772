import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // dist/ holds compiled copies of the tests.
    include: ['test/**/*.test.ts'],
    // The suite is about the CPU everywhere, on Macs too; tests of other devices name them.
    env: { SINTER_DEVICE: 'cpu' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
