// Short articles about towns, rivers, people and books that do not exist, and questions that one sentence answers.
import { listed, type Draw } from '../draw.ts'
import { put, type Asked, type Genre, type Piece } from '../genre.ts'
import { inventedName, NAMES, PROFESSIONS, TOPICS, WEATHER } from '../words.ts'

type Sentence = readonly [text: string, question: string, answer: string]

const year = (draw: Draw): string => String(draw.int(1100, 1999))
const person = (draw: Draw): string => `${draw.pick(NAMES)} ${inventedName(draw)}`

function town(draw: Draw): readonly [string, Sentence[]] {
  const [name, river, founder, built, people, twin] = [inventedName(draw), inventedName(draw), person(draw), year(draw), draw.numeral(3, 6), inventedName(draw)]
  const topic = draw.pick(TOPICS)
  return [name, [
    [`${name} is a town on the river ${river}.`, `On which river is ${name}?`, `On the ${river}.`],
    [`It was founded in ${built} by ${founder}.`, `Who founded ${name}?`, `${founder}.`],
    [`About ${people} people live there.`, `How many people live in ${name}?`, `About ${people}.`],
    [`The town is known for its ${topic}.`, `What is ${name} known for?`, `For its ${topic}.`],
    [`Its twin town is ${twin}.`, `What is the twin town of ${name}?`, `${twin}.`],
    [`In winter there is often ${draw.pick(WEATHER)}.`, `When was ${name} founded?`, `In ${built}.`],
  ]]
}

function someone(draw: Draw): readonly [string, Sentence[]] {
  const [name, place, born, work, friend, died] = [person(draw), inventedName(draw), draw.int(1100, 1900), draw.pick(PROFESSIONS), person(draw), draw.int(30, 90)]
  const topic = draw.pick(TOPICS)
  return [name, [
    [`${name} was a ${work} from ${place}.`, `Where was ${name} from?`, `From ${place}.`],
    [`${name} was born in ${born} and died in ${born + died}.`, `When was ${name} born?`, `In ${born}.`],
    [`${friend} was a friend for many years.`, `Who was a friend of ${name}?`, `${friend}.`],
    [`The best known work is about ${topic}.`, `What is the best known work of ${name} about?`, `About ${topic}.`],
    [`Later the ${work} moved to ${inventedName(draw)}.`, `What was ${name}?`, `A ${work}.`],
  ]]
}

function book(draw: Draw): readonly [string, Sentence[]] {
  const [topic, author, written, pages, printed] = [draw.pick(TOPICS), person(draw), year(draw), draw.numeral(2, 4), inventedName(draw)]
  const name = draw.pick([`The Book of ${topic}`, `On ${topic}`, `All about ${topic}`, `The ${topic} of ${inventedName(draw)}`])
  return [name, [
    [`"${name}" is a book by ${author}.`, `Who wrote "${name}"?`, `${author}.`],
    [`It was written in ${written}.`, `When was "${name}" written?`, `In ${written}.`],
    [`It has ${pages} pages.`, `How many pages has "${name}"?`, `${pages} pages.`],
    [`It was printed in ${printed}.`, `Where was "${name}" printed?`, `In ${printed}.`],
  ]]
}

function piece(draw: Draw): Piece {
  const articles = Array.from({ length: draw.pick([1, 1, 2, 3]) }, () => draw.pick([town, someone, book])(draw)).map(([name, [first, ...rest]]) => ({ name, sentences: [first as Sentence, ...draw.some(rest, draw.int(1, rest.length))] }))
  const passage = articles.map(({ name, sentences }) => `${draw.chance(0.4) ? `${name}: ` : ''}${sentences.map(([text]) => text).join(' ')}`).join('\n')
  const answerable = articles.flatMap(({ sentences }) => sentences).filter(([text, , answer]) => text.includes(answer.replace(/^(?:On the|For its|From|In|About|A) |\.$/g, '').replace(/\.$/, '')))
  const asked = draw.some(answerable, draw.int(1, 4)).map(([, question, answer]): Asked => [question, answer])
  return { passage, asked: [...asked, ...(draw.chance(0.2) ? [['What is the text about?', `${listed(articles.map(({ name }) => name))}.`] as const] : [])] }
}

export const encyclopaedia: Genre = { name: 'encyclopaedia', share: 0.1, write: (draw) => put(draw, piece(draw)) }
