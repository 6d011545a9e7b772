import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // dist/ holds compiled copies of the tests.
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
