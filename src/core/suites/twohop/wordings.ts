// How questions speak of what is known: a thing by way of another, what is asked of it, two things compared.
// Few words stand beside a name: eight in a row always hold one, so that questions on different things share no eight.
import { type Attribute, attributeOf, type Kind } from './kinds.ts'

/** `unseen`: words of the split `ood` alone. An empty `seen`: the whole attribute is never asked for in training. */
export type Wording = { readonly attribute: Attribute; readonly seen: readonly string[]; readonly unseen: readonly string[] }

const row = ([kind, name]: readonly [Kind, string], seen: readonly string[], unseen: readonly string[]): Wording => ({ attribute: attributeOf(kind, name), seen, unseen })

/** A thing by way of another, `{x}`. */
export const HOPS: readonly Wording[] = [
  row(['book', 'author'], ['the author of {x}', 'the writer of {x}', "{x}'s author", 'the novelist who wrote {x}'], ['whoever penned {x}', 'the creator of {x}']),
  row(['film', 'director'], ['the director of {x}', "{x}'s director", 'the director who made {x}'], ['whoever filmed {x}', 'the maker of {x}']),
  row(['company', 'founder'], ['the founder of {x}', "{x}'s founder", 'the person who founded {x}'], ['whoever started {x}', 'the mind behind {x}']),
  row(['museum', 'architect'], ['the architect of {x}', "{x}'s architect", 'the designer of {x}'], ['whoever drew {x}', 'the planner of {x}']),
  row(['band', 'singer'], [], ['the singer of {x}', "{x}'s singer", 'whoever sings in {x}']),
  row(['museum', 'town'], ['the town of {x}', 'the town that houses {x}', "{x}'s town"], ['the place around {x}']),
  row(['academy', 'town'], ['the town of {x}', 'the seat of {x}', "{x}'s town"], ['the place around {x}']),
  row(['company', 'seat'], ['the seat of {x}', "{x}'s home town", 'the town where {x} is based'], ["{x}'s business address"]),
  row(['band', 'town'], ['the home town of {x}', 'the town {x} comes from'], ["{x}'s place of origin"]),
  row(['person', 'birthplace'], ['the birthplace of {x}', "{x}'s birthplace", "{x}'s native town"], ["{x}'s cradle"]),
  row(['region', 'capital'], ['the capital of {x}', "{x}'s capital"], ['the town governing {x}']),
  row(['town', 'river'], ['the river at {x}', "{x}'s river", 'the river that passes {x}'], ['the stream by {x}']),
  row(['town', 'region'], ['the region of {x}', "{x}'s region", 'the region around {x}'], ['the land around {x}']),
  row(['book', 'publisher'], ['the publisher of {x}', "{x}'s publisher", 'the company behind {x}'], ['whoever printed {x}']),
  row(['person', 'academy'], ["{x}'s academy", 'the academy of {x}'], ["{x}'s place of study"]),
  row(['film', 'basis'], [], ['the novel behind {x}', "{x}'s literary source", 'the book that became {x}']),
]

/** What is asked of a thing. */
export const ASKS: readonly Wording[] = [
  row(['person', 'birthplace'], ['Where was {x} born?', 'In which town was {x} born?', 'What is {x}’s birthplace?', 'Tell me where {x} was born.'], ['Which town saw {x} come into the world?']),
  row(['person', 'born'], ['When was {x} born?', 'In which year was {x} born?', 'Tell me when {x} was born.'], ['What year brought {x} into the world?']),
  row(['person', 'academy'], ['Where did {x} study?', 'Which academy did {x} attend?', 'Tell me where {x} studied.'], ['Whose degree does {x} hold?']),
  row(['person', 'spouse'], [], ['Who is {x} married to?', 'With whom is {x} married?', 'Name {x}’s spouse.']),
  row(['town', 'river'], ['Which river flows past {x}?', 'On which river is {x}?', 'Name the river at {x}.'], ['What water runs by {x}?']),
  row(['town', 'region'], ['In which region is {x}?', 'What region does {x} belong to?', 'Name the region around {x}.'], ['Which land can claim {x} as its own?']),
  row(['town', 'founded'], ['When was {x} founded?', 'In which year was {x} founded?', 'Tell me when {x} was founded.'], ['Since what year does {x} exist?']),
  row(['town', 'population'], ['How many people live in {x}?', 'How many inhabitants has {x}?', 'What is the population of {x}?'], ['How many souls does {x} count?']),
  row(['town', 'trade'], [], ['What is {x} known for?', 'Which goods made {x} rich?']),
  row(['river', 'length'], ['How long is {x} in kilometres?', 'How many kilometres long is {x}?'], ['Tell me the kilometres that {x} measures.']),
  row(['river', 'mouth'], ['Which sea does {x} flow into?', 'Into which sea flows {x}?'], ['Where do the waters of {x} end?']),
  row(['river', 'source'], ['Where does {x} rise?', 'On which mountain rises {x}?'], ['From what peak comes {x}?']),
  row(['region', 'capital'], ['What is the capital of {x}?', 'Name the capital of {x}.'], ['Who governs {x}, which town?']),
  row(['region', 'area'], ['How many square kilometres has {x}?', 'How large is {x} in square kilometres?'], ['What area has {x}?']),
  row(['region', 'language'], [], ['What language has {x}?', 'What do people in {x} speak?']),
  row(['company', 'founder'], ['Who founded {x}?', 'Name the founder of {x}.'], ['Who started {x}?']),
  row(['company', 'seat'], ['Where is {x} based?', 'In which town is {x} based?', 'Tell me where {x} is based.'], ['Where are the offices of {x}?']),
  row(['company', 'founded'], ['In which year did {x} open?', 'When did {x} open?', 'When was {x} founded?'], ['What year did {x} begin trading?']),
  row(['company', 'product'], [], ['What does {x} make?', 'Name the goods of {x}.']),
  row(['academy', 'town'], ['Where is {x}?', 'In which town is {x}?'], ['What place is home to {x}?']),
  row(['academy', 'founded'], ['When was {x} founded?', 'In which year did {x} open?'], ['How long has {x} taught, since which year?']),
  row(['book', 'author'], [], ['Who wrote {x}?', 'Name the author of {x}.']),
  row(['book', 'published'], [], ['When was {x} published?', 'In which year appeared {x}?']),
]

/** `more`, `less`: the name of the thing with the larger, the smaller value; `same`: whether the values are equal, yes or no. */
export type Comparison = { readonly attribute: Attribute; readonly by: 'more' | 'less' | 'same'; readonly seen: boolean; readonly forms: readonly string[] }

type Compared = readonly [kind: Kind, name: string, by: Comparison['by'], forms: readonly string[]]
const compared = ({ seen }: { seen: boolean }, rows: readonly Compared[]): Comparison[] => rows.map(([kind, name, by, forms]) => ({ attribute: attributeOf(kind, name), by, seen, forms }))

/** Of two things, `{a}` and `{b}`. */
export const COMPARISONS: readonly Comparison[] = [
  ...compared({ seen: true }, [
    ['person', 'born', 'less', ['Who was born first, {a} or {b}?', 'Who is older, {a} or {b}?', 'Of {a} and {b}, who was born earlier?']],
    ['person', 'born', 'more', ['Who was born later, {a} or {b}?', 'Who is younger, {a} or {b}?', 'Of {a} and {b}, who is younger?']],
    ['river', 'length', 'more', ['Which river is longer, {a} or {b}?', 'Of the rivers {a} and {b}, which is longer?']],
    ['river', 'length', 'less', ['Which river is shorter, {a} or {b}?', 'Of the rivers {a} and {b}, which is shorter?']],
    ['town', 'founded', 'less', ['Which town is older, {a} or {b}?', 'Which town was founded first, {a} or {b}?']],
    ['company', 'founded', 'more', ['Which company is younger, {a} or {b}?', 'Which company opened later, {a} or {b}?']],
    ['person', 'academy', 'same', ['Did {a} and {b} study at the same academy?', 'Have {a} and {b} attended one academy?']],
  ]),
  ...compared({ seen: false }, [
    ['book', 'published', 'less', ['Which novel came out first, {a} or {b}?', 'Between {a} and {b}, which book appeared earlier?']],
    ['town', 'population', 'more', ['Which place is more populous, {a} or {b}?', 'Between {a} and {b}, where do more people live?']],
    ['academy', 'founded', 'less', ['Which school is more venerable, {a} or {b}?']],
    ['town', 'region', 'same', ['Are {a} and {b} in the same region?', 'Do {a} and {b} share a region?']],
  ]),
]

/** The pairs that training never joins, though it has both parts. */
const UNSEEN_PAIRS: ReadonlySet<string> = new Set([
  'book-author-academy', 'film-director-born', 'company-founder-birthplace', 'museum-architect-academy', 'company-seat-founded',
  'person-birthplace-population', 'museum-town-region', 'band-town-river', 'book-publisher-seat',
])

export type Pair = { readonly family: string; readonly hop: Wording; readonly ask: Wording }

const PAIRS: readonly Pair[] = HOPS.flatMap((hop) =>
  ASKS.filter(({ attribute }) => attribute.kind === hop.attribute.value && !(hop.attribute.name === 'capital' && attribute.name === 'region')).map((ask) => ({
    family: `${hop.attribute.kind}-${hop.attribute.name}-${ask.attribute.name}`, hop, ask,
  })),
)

const isUnseen = ({ family, hop, ask }: Pair): boolean => hop.seen.length === 0 || ask.seen.length === 0 || UNSEEN_PAIRS.has(family)

/** What can be asked with two steps, as training has it and as only `ood` has it. */
export const SEEN_PAIRS = PAIRS.filter((pair) => !isUnseen(pair))
export const OOD_PAIRS = PAIRS.filter(isUnseen)

export const comparisonFamily = ({ attribute, by }: Comparison): string => `compare-${attribute.kind}-${attribute.name}-${by}`
