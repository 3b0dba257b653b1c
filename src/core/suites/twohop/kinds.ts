// What the encyclopaedia knows of each kind of thing, how its articles say it, and how questions ask for it.

export const KINDS = ['town', 'river', 'region', 'person', 'company', 'book', 'film', 'academy', 'band', 'museum'] as const
export type Kind = (typeof KINDS)[number]

/**
 * Something that is known of a kind. In the sentences `{S}` and `{s}` are the subject (at the beginning, within), `{v}` the value.
 * `noun`: what it is called, "the author" of a book. `keys`: words by which its sentence is found; each sentence holds one of them.
 */
export type Attribute = {
  readonly name: string
  readonly kind: Kind
  /** A kind: the value is a thing with an article of its own. */
  readonly value: Kind | 'year' | 'number' | 'text'
  readonly noun: string
  readonly sentences: readonly string[]
  readonly keys: readonly string[]
}

type Row = readonly [name: string, value: Attribute['value'], noun: string, sentences: readonly string[], keys: readonly string[]]
const of = (kind: Kind, rows: readonly Row[]): Attribute[] => rows.map(([name, value, noun, sentences, keys]) => ({ kind, name, value, noun, sentences, keys }))

export const ATTRIBUTES: readonly Attribute[] = [
  ...of('town', [
    ['river', 'river', 'the river', ['{S} lies on the river {v}', 'The river {v} flows past {s}', 'Through the middle of {s} runs the {v}'], ['river', 'runs']],
    ['region', 'region', 'the region', ['{S} belongs to the region of {v}', 'It is one of the towns of {v}', '{S} is part of {v}'], ['region', 'towns of', 'part of']],
    ['founded', 'year', 'the founding year', ['{S} was founded in {v}', 'The first houses of {s} were built in {v}', '{S} goes back to the year {v}'], ['founded', 'first houses', 'the year']],
    ['population', 'number', 'the population', ['{S} has {v} inhabitants', 'About {v} people live in {s}', 'The population is {v}'], ['inhabitants', 'people', 'population']],
    ['trade', 'text', 'the chief goods', ['{S} is known for its {v}', 'Traders come to {s} for its {v}', '{S} owes its wealth to {v}'], ['known for', 'Traders', 'wealth']],
  ]),
  ...of('river', [
    ['length', 'number', 'the length', ['{S} is {v} kilometres long', 'From end to end it measures {v} kilometres', 'Its course of {v} kilometres has been charted'], ['kilometres']],
    ['mouth', 'text', 'the mouth', ['{S} flows into the {v}', 'Its waters reach the {v}', '{S} ends in the {v}'], ['flows into', 'reach', 'ends in']],
    ['source', 'text', 'the source', ['{S} rises on {v}', 'Its source is on {v}', '{S} springs from {v}'], ['rises', 'source', 'springs']],
  ]),
  ...of('region', [
    ['capital', 'town', 'the capital', ['The capital of {s} is {v}', '{S} is governed from {v}', '{v} is its capital'], ['capital', 'governed']],
    ['language', 'text', 'the language', ['The people speak {v}', 'The language of {s} is {v}', 'At home and at school {v} is spoken'], ['speak', 'language', 'spoken']],
    ['area', 'number', 'the area', ['{S} covers {v} square kilometres', 'Its area is {v} square kilometres'], ['square']],
  ]),
  ...of('person', [
    ['birthplace', 'town', 'the birthplace', ['{S} was born in the town of {v}', '{S} is a native of {v}', '{S} came into the world in {v}'], ['born in the town', 'native', 'into the world']],
    ['born', 'year', 'the birth year', ['The year of birth is {v}', '{S} was born in the year {v}', 'The registers give {v} as the year of birth'], ['year']],
    ['academy', 'academy', 'the academy', ['{S} studied at {v}', '{S} is a graduate of {v}', '{S} took a degree at {v}'], ['studied', 'graduate', 'degree']],
    ['spouse', 'person', 'the spouse', ['{S} is married to {v}', 'The spouse of {s} is {v}', '{S} lives with {v}, to whom the wedding vows were given'], ['married', 'spouse', 'wedding']],
  ]),
  ...of('company', [
    ['founder', 'person', 'the founder', ['{S} was founded by {v}', 'The founder of {s} is {v}', '{v} set up the company'], ['founded by', 'founder', 'set up']],
    ['seat', 'town', 'the seat', ['The seat of {s} is in {v}', '{S} has its head office in {v}', '{S} is run from {v}'], ['seat', 'head office', 'run from']],
    ['founded', 'year', 'the founding year', ['{S} has been in business since {v}', 'It opened its doors in {v}', 'The first order was taken in {v}'], ['since', 'doors', 'first order']],
    ['product', 'text', 'the product', ['{S} makes {v}', '{S} is a maker of {v}', 'Its workshops turn out {v}'], ['make', 'workshops']],
  ]),
  ...of('book', [
    ['author', 'person', 'the author', ['{S} was written by {v}', 'The author of {s} is {v}', '{S} is a work of {v}'], ['written', 'author', 'work of']],
    ['published', 'year', 'the publication year', ['{S} was published in {v}', 'It came out in {v}', 'The first edition is of {v}'], ['published', 'came out', 'edition']],
    ['publisher', 'company', 'the publisher', ['{S} was brought out by {v}', 'The publisher of {s} is {v}', 'It was printed for {v}'], ['brought out', 'publisher', 'printed']],
  ]),
  ...of('film', [
    ['director', 'person', 'the director', ['{S} was directed by {v}', 'The director of {s} is {v}', '{v} was behind the camera'], ['directed', 'director', 'camera']],
    ['released', 'year', 'the release year', ['{S} was released in {v}', 'It reached the cinemas in {v}', 'The premiere was in {v}'], ['released', 'cinemas', 'premiere']],
    ['basis', 'book', 'the literary source', ['{S} is based on the novel {v}', 'The story is taken from the novel {v}', '{S} follows the novel {v}'], ['novel']],
  ]),
  ...of('academy', [
    ['town', 'town', 'the town', ['{S} stands in {v}', 'Its halls are in {v}', '{S} has always been at {v}'], ['stands', 'halls', 'always']],
    ['founded', 'year', 'the founding year', ['{S} was founded in {v}', 'The first students came in {v}', '{S} has taught since {v}'], ['founded', 'first students', 'since']],
  ]),
  ...of('band', [
    ['singer', 'person', 'the singer', ['The singer of {s} is {v}', '{v} sings for {s}', 'The songs are sung by {v}'], ['singer', 'sings', 'sung']],
    ['town', 'town', 'the home town', ['{S} comes from {v}', 'The band was formed in {v}', '{S} has its rehearsal room in {v}'], ['comes from', 'formed', 'rehearsal']],
  ]),
  ...of('museum', [
    ['architect', 'person', 'the architect', ['{S} was designed by {v}', 'The architect of {s} is {v}', 'The plans were drawn by {v}'], ['designed', 'architect', 'plans']],
    ['town', 'town', 'the town', ['{S} is found in {v}', 'Visitors have to travel to {v}', '{S} welcomes its guests in {v}'], ['found in', 'Visitors', 'guests']],
    ['opened', 'year', 'the opening year', ['{S} was opened in {v}', 'Its doors have been open since {v}', 'The ribbon was cut in {v}'], ['opened', 'doors', 'ribbon']],
  ]),
]

export const attributeOf = (kind: Kind, name: string): Attribute => ATTRIBUTES.find((one) => one.kind === kind && one.name === name)!

type Description = {
  /** Of an article's first sentence: "Kelwin is ...". */
  readonly is: readonly string[]
  /** How the first sentence shows the kind. */
  readonly sign: RegExp
  /** How the article speaks of its subject. */
  readonly subjects: readonly string[]
  /** Sentences that say nothing anybody asks for. */
  readonly fillers: readonly string[]
}

/** Professions of people, by what they have made. */
export const PROFESSIONS = { writer: 'novelist', director: 'film director', founder: 'engineer and merchant', singer: 'singer', architect: 'architect' } as const
export type Profession = keyof typeof PROFESSIONS

export const DESCRIPTIONS: { readonly [K in Kind]: Description } = {
  town: {
    is: ['a town', 'a small market town', 'an old town', 'a town of narrow streets'], sign: /\btown\b/, subjects: ['The town', 'It', 'This place'],
    fillers: ['Its market square is paved with grey stone', 'In spring the lime trees blossom in every street', 'A clock tower can be seen from afar', 'On Sundays a brass band plays in the park', 'The old walls have been turned into gardens'],
  },
  river: {
    is: ['a river', 'a slow river', 'a mountain river', 'a river of many bends'], sign: /\briver\b/, subjects: ['The river', 'It', 'This stream'],
    fillers: ['Herons nest on its banks', 'In dry summers it can be crossed on foot', 'Its water is brown after heavy rain', 'Old mills stand beside it', 'Anglers praise its trout'],
  },
  region: {
    is: ['a region', 'a hilly region', 'a region of lakes and woods', 'a quiet region'], sign: /\bregion\b/, subjects: ['The region', 'It'],
    fillers: ['Its flag shows a white heron', 'Sheep graze on the high pastures', 'Winters are long and dry', 'Its roads are lined with poplars'],
  },
  person: {
    is: [], sign: new RegExp(`\\b(?:${Object.values(PROFESSIONS).join('|')})\\b`), subjects: [],
    fillers: ['A portrait hangs in the national gallery', 'Few letters have survived', 'Long walks were a lifelong habit', 'Friends remember a quick wit', 'A collection of old maps was left to the nation'],
  },
  company: {
    is: ['a company', 'a company of good name', 'a trading company', 'a family company'], sign: /\bcompany\b/, subjects: ['The company', 'It', 'The firm'],
    fillers: ['Its emblem is a blue wheel', 'Apprentices are trained for four years', 'A yearly dinner brings all workers together', 'Its catalogues are collected'],
  },
  book: {
    is: ['a novel', 'a novel in three parts', 'a much-read novel', 'a short novel'], sign: /\bnovel\b/, subjects: ['The book', 'It'],
    fillers: ['It tells of two sisters and a debt', 'Critics praised its dry humour', 'Its last chapter is often quoted', 'It has been translated many times'],
  },
  film: {
    is: ['a film', 'a film in black and white', 'a much-praised film', 'a film of two hours'], sign: /\bfilm\b/, subjects: ['The film', 'It'],
    fillers: ['Most of its scenes were shot at night', 'Its music became popular', 'A scene on a staircase is famous', 'It won a prize for its costumes'],
  },
  academy: {
    is: ['an academy', 'an academy of arts and sciences', 'a well-known academy', 'a small academy'], sign: /\bacademy\b/, subjects: ['The academy', 'It'],
    fillers: ['Its library is open at night', 'A chestnut tree shades the yard', 'Rowing is its favourite sport', 'Gowns are worn on feast days'],
  },
  band: {
    is: ['a band', 'a band of five', 'a dance band', 'a band with two drummers'], sign: /\bband\b/, subjects: ['The band', 'It'],
    fillers: ['It tours in an old bus', 'Its concerts end with a waltz', 'A live recording sold well', 'It has never used a microphone stand'],
  },
  museum: {
    is: ['a museum', 'a small museum', 'a museum on four floors', 'a museum of local fame'], sign: /\bmuseum\b/, subjects: ['The museum', 'It'],
    fillers: ['Its roof is of green copper', 'School classes pay nothing', 'A whale skeleton hangs in its hall', 'Its cellar was flooded once'],
  },
}
