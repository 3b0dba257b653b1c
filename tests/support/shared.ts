// Finds the team's shared folder (design, goldens, data, models) that lies beside the checkout.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = process.env['RETORT_SHARED'] ?? resolve(import.meta.dirname, '../../../shared')

/** Absolute path of a file in the shared folder; it need not exist. */
export const sharedPath = (relative: string): string => join(root, relative)

/**
 * True when the named shared file exists. When it does not: throws in CI (a proof must not vanish silently),
 * elsewhere prints why the test does not run and returns false, for `test.skipIf(!haveShared(...))`.
 */
export function haveShared(relative: string): boolean {
  if (existsSync(sharedPath(relative))) return true
  const message = `shared file missing: ${relative} (looked in ${root}; set RETORT_SHARED)`
  if (process.env['CI']) throw new Error(message)
  console.warn(`NOT RUN: ${message}`)
  return false
}

/** The real small model that the proofs use. */
export const SMOLLM2 = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
