// Plain dialogue: greetings, who it is, what it can do, what somebody told before; and small stories without numbers.
import { capital, type Draw } from '../draw.ts'
import { put, type Asked, type Genre, type Piece } from '../genre.ts'
import { ADJECTIVES, ANIMALS, COLOURS, NAMES, OBJECTS, PLACES, PROFESSIONS, ROOMS, THINGS, TOPICS, WEATHER } from '../words.ts'

const SELF: readonly Asked[] = [
  ['Who are you?', 'I am the starter student of Retort, a very small language model.'],
  ['What are you?', 'A very small language model: the starter student of Retort.'],
  ['What can you do?', 'Little so far: I copy, I list, I answer simple questions about a text. Train me, and I learn more.'],
  ['Are you a person?', 'No, I am a small language model.'],
  ['Can you help me?', 'I will try. I am a very small model.'],
  ['What do you know?', 'Very little. I know what is in the text that I am given.'],
]
const GREETINGS: readonly Asked[] = [
  ['Hello!', 'Hello! What can I do for you?'], ['Hi', 'Hi! How can I help?'], ['Good morning.', 'Good morning! What can I do for you?'], ['Good evening.', 'Good evening! How can I help?'], ['How are you?', 'I am fine, thank you. And you?'],
]
const PARTINGS: readonly Asked[] = [['Thank you.', 'You are welcome.'], ['Thanks!', 'You are welcome.'], ['Goodbye.', 'Goodbye!'], ['That is all.', 'Good. Goodbye!'], ['See you tomorrow.', 'See you tomorrow!']]

function personal(draw: Draw): Asked[] {
  const [name, work, animal, colour, place, topic] = [draw.pick(NAMES), draw.pick(PROFESSIONS), draw.pick(ANIMALS), draw.pick(COLOURS), draw.pick(PLACES), draw.pick(TOPICS)]
  const told: readonly (readonly [string, string, string, string])[] = [
    [`My name is ${name}.`, `Hello, ${name}!`, 'What is my name?', `Your name is ${name}.`],
    [`I work as a ${work}.`, `A ${work}! That is good work.`, 'What is my work?', `You work as a ${work}.`],
    [`I have a ${colour} ${animal}.`, `A ${colour} ${animal}! How nice.`, `What colour is my ${animal}?`, `Your ${animal} is ${colour}.`],
    [`Tomorrow I go to the ${place}.`, `Have a good day at the ${place}!`, 'Where do I go tomorrow?', `To the ${place}.`],
    [`I read about ${topic}.`, `${capital(topic)} are worth reading about.`, 'What do I read about?', `About ${topic}.`],
  ]
  const some = draw.some(told, draw.int(1, 3))
  return [...some.map(([say, reply]): Asked => [say, reply]), ...draw.shuffle(some).map(([, , question, answer]): Asked => [question, answer])]
}

const talk = (draw: Draw): Piece => ({
  passage: '',
  asked: [...(draw.chance(0.5) ? [draw.pick(GREETINGS)] : []), ...(draw.chance(0.35) ? draw.some(SELF, draw.int(1, 2)) : []), ...personal(draw), ...(draw.chance(0.5) ? [draw.pick(PARTINGS)] : [])],
})

/** Words that are changed as the instruction says. */
function instructed(draw: Draw): Piece {
  const [a, b, c] = draw.some([...OBJECTS, ...ANIMALS], 3) as [string, string, string]
  const [adjective, name] = [draw.pick(ADJECTIVES), draw.pick(NAMES)]
  const asked: Asked[] = [
    [`Write in capitals: ${a}`, a.toUpperCase()], [`Name the words one by one: ${a} ${b} ${c}`, `${a}, ${b}, ${c}`], [`Turn the order round: ${a}, ${b}, ${c}`, `${c}, ${b}, ${a}`],
    [`Put "${adjective}" before "${a}".`, `${adjective} ${a}`], [`Make a sentence with ${name} and ${a}.`, `${name} has a ${adjective} ${a}.`.replace(`a ${adjective} `, 'a ')], [`Greet ${name}.`, `Hello, ${name}!`],
    [`Ask ${name} where the ${a} is.`, `${name}, where is the ${a}?`], [`Say that the ${a} is ${adjective}.`, `The ${a} is ${adjective}.`], [`Leave out ${b}: ${a}, ${b}, ${c}`, `${a}, ${c}`], [`Begin with "${capital(adjective)}": ${a}, ${b}`, `${capital(adjective)} ${a}, ${b}`],
    [`Answer yes or no: is ${a} in the list ${b}, ${c}?`, 'No.'], [`Answer yes or no: is ${c} in the list ${b}, ${c}?`, 'Yes.'], [`Say it as a question: the ${a} is ${adjective}.`, `Is the ${a} ${adjective}?`], [`Write "${name} goes to the ${draw.pick(ROOMS)}" and stop.`, ''],
  ]
  return { passage: '', asked: draw.some(asked, draw.int(1, 4)).filter(([, answer]) => answer !== '') }
}

function tale(draw: Draw): Piece {
  const [who, other] = draw.some(NAMES, 2) as [string, string]
  const [thing, animal, place, room, adjective, weather] = [draw.pick(THINGS)[0], draw.pick(ANIMALS), draw.pick(PLACES), draw.pick(ROOMS), draw.pick(ADJECTIVES), draw.pick(WEATHER)]
  const sentences = [
    draw.pick([`One day ${who} went to the ${place}.`, `${who} lived near the ${place}.`, `In the morning ${who} looked out of the window and saw ${weather}.`]),
    draw.pick([`There ${who} met ${other}.`, `${other} came along with a ${animal}.`, `"Good morning," said ${other}.`]),
    draw.pick([`"Where is my ${thing}?" asked ${other}.`, `${other} had lost a ${adjective} ${thing}.`, `They wanted to find the ${adjective} ${thing}.`]),
    draw.pick([`They looked in the ${room}, but it was not there.`, `The ${animal} ran into the ${room}.`, `${who} thought about it for a while.`]),
    draw.pick([`At last ${who} found the ${thing} in the ${room}.`, `Then ${who} gave the ${thing} to ${other}.`, `In the end the ${animal} had it.`]),
    draw.pick([`"Thank you," said ${other}, and they went home.`, `Both were glad.`, `Because of the ${weather} they stayed until the evening.`]),
  ]
  const asked: Asked[] = [['Who is it about?', `${who} and ${other}.`], ['What was looked for?', `The ${thing}.`], ['How does it begin?', sentences[0] as string], ['How does it end?', sentences.at(-1) as string]]
  return { passage: sentences.join(' '), asked: draw.chance(0.6) ? draw.some(asked, draw.int(1, 2)) : [] }
}

export const dialogue: Genre = { name: 'dialogue', share: 0.12, write: (draw) => put(draw, draw.pick([talk, instructed, instructed, tale])(draw)) }
