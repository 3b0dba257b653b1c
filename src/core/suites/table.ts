// The table of suites.
import { RetortError } from '../../shared/errors.ts'
import type { SuiteName } from '../../shared/records/suite.ts'
import { arith } from './arith/index.ts'
import { game24 } from './game24/index.ts'
import { household } from './household/index.ts'
import { sql } from './sql/index.ts'
import { shop } from './shop/index.ts'
import type { Suite } from './suite.ts'
import { twohop } from './twohop/index.ts'

export const SUITES: readonly Suite[] = [
  arith,
  game24,
  twohop,
  household,
  shop,
  sql,
]

/** Throws RetortError `no-suite` for a name without a row. */
export function suiteNamed(name: SuiteName): Suite {
  const suite = SUITES.find((row) => row.name === name)
  if (suite) return suite
  throw new RetortError({ code: 'no-suite', message: 'there is no such suite', found: name, expected: `one of ${SUITES.map((row) => row.name).join(', ')}` })
}
