// Filter 11: secrets and personal data: some kinds reject, others are noted. Kind and place are told, never what was found.
import type { SecretKind } from '../../../shared/records/curation.ts'
import { ALWAYS, idOf, type Candidate, type Filter, type Finding } from './filter.ts'
import { findSecrets } from './secrets.ts'

const NAMES: Readonly<Record<SecretKind, string>> = {
  'key': 'a secret key',
  'private-key': 'a private key',
  'card': 'a card number',
  'card-form': 'a number in the form of a card number',
  'email': 'an e-mail address',
  'phone': 'a phone number',
  'ip': 'an IP address',
  'home-path': "a person's folder",
}

type Place = { readonly kind: SecretKind; readonly place: string }

export const secretsFilter: Filter<'secrets'> = {
  lacks: ALWAYS,
  async run(candidates, { settings: { reject, flag }, pace }) {
    const rejected: Finding[] = []
    const flagged: Finding[] = []
    for (const [index, candidate] of candidates.entries()) {
      await pace(index, candidates.length)
      const places = placesOf(candidate)
      const bad = places.filter(({ kind }) => reject.includes(kind))
      if (bad.length > 0) rejected.push(findingOf(candidate, bad))
      else for (const kind of flag) {
        const own = places.filter((place) => place.kind === kind)
        if (own.length > 0) flagged.push(findingOf(candidate, own))
      }
    }
    return { rejected, flagged }
  },
}

const SHOWN = 5

function findingOf(candidate: Candidate, places: readonly Place[]): Finding {
  const shown = places.slice(0, SHOWN).map(({ kind, place }) => `${NAMES[kind]} in ${place}`)
  const more = places.length - shown.length
  return { id: idOf(candidate), reason: NAMES[places[0]!.kind], detail: `${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}` }
}

/** In what is trained on or shown to the student: all turns, the tools' descriptions aside. */
const placesOf = ({ trajectory }: Candidate): Place[] =>
  trajectory.turns.flatMap(({ text }, turn) => findSecrets(text).map(({ kind, start, end }) => ({ kind, place: `turn ${turn + 1}, characters ${start} to ${end}` })))
