// How a curation shows in a project: what it rejects is rejected in review and tagged with its filter; so is what it notes, by tag alone.
import type { CurationFilterName } from '../../shared/records/curation.ts'
import type { ReviewState } from '../../shared/records/correction.ts'

const REJECTED = 'curated: '
const FLAGGED = 'noted: '

export const rejectedTag = (filter: CurationFilterName): string => `${REJECTED}${filter}`
export const flaggedTag = (filter: CurationFilterName): string => `${FLAGGED}${filter}`

/** Whether it was a curation, not a person, that rejected it. */
export const isCurated = (tags: readonly string[]): boolean => tags.some((tag) => tag.startsWith(REJECTED))

export const withoutMarks = (tags: readonly string[]): string[] => tags.filter((tag) => !tag.startsWith(REJECTED) && !tag.startsWith(FLAGGED))

/** `score: 4`: a label by hand that judges are calibrated on. */
export function scoreOf(tags: readonly string[]): number | null {
  for (const tag of tags) {
    const found = /^score:\s*([1-5])$/.exec(tag)
    if (found) return Number(found[1])
  }
  return null
}

export type Marks = { readonly review: ReviewState; readonly tags: readonly string[] }

/** A person's rejection is not looked at; one that a curation made is looked at anew. */
export const isSetAside = ({ review, tags }: Marks): boolean => review === 'rejected' && !isCurated(tags)
