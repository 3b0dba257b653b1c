// The filters, a row each; settings say which of them run and in which order.
import type { CurationFilterName } from '../../../shared/records/curation.ts'
import { capacityFilter } from './capacityFilter.ts'
import { contaminationFilter } from './contaminationFilter.ts'
import { criticFilter } from './criticFilter.ts'
import { duplicatesFilter } from './duplicatesFilter.ts'
import type { Filter } from './filter.ts'
import { judgeFilter } from './judgeFilter.ts'
import { lengthFilter } from './lengthFilter.ts'
import { loopsFilter } from './loopsFilter.ts'
import { mixtureFilter } from './mixtureFilter.ts'
import { outcomeFilter } from './outcomeFilter.ts'
import { rejectsFilter } from './rejectsFilter.ts'
import { schemaFilter } from './schemaFilter.ts'
import { secretsFilter } from './secretsFilter.ts'

/** In the order of methods.md 7. */
export const FILTERS: { readonly [Name in CurationFilterName]: Filter<Name> } = {
  schema: schemaFilter,
  rejects: rejectsFilter,
  outcome: outcomeFilter,
  critic: criticFilter,
  loops: loopsFilter,
  length: lengthFilter,
  duplicates: duplicatesFilter,
  capacity: capacityFilter,
  judge: judgeFilter,
  contamination: contaminationFilter,
  secrets: secretsFilter,
  mixture: mixtureFilter,
}
