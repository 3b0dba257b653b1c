// End-to-end tests: the real web host in a real browser. scripts/e2e.mjs finds the browser and the build, then starts this.
import { defineConfig } from '@playwright/test'

const executablePath = process.env['PW_CHROMIUM']

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  // Each file has a host and an engine of its own; while one trains, another waits for its page most of the time.
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: process.env['CI'] !== undefined,
  outputDir: 'out/e2e',
  preserveOutput: 'failures-only',
  reporter: 'list',
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 20_000,
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      // Chromium's sandbox does not run as root.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
})
