// The shop of training and of the held-out tasks: clothes and things of the house.
import type { Lexicon } from './lexicon.ts'

const SIZE = ['small', 'medium', 'large', 'huge']
const COLOR = ['red', 'blue', 'green', 'black', 'white', 'yellow']

export const TRAIN_LEXICON: Lexicon = {
  categories: [
    { name: 'shirt', makes: ['cotton', 'linen', 'silk', 'flannel'], features: ['striped', 'washable', 'soft', 'slim', 'warm'], options: { size: SIZE, color: COLOR }, price: [12, 70] },
    { name: 'jacket', makes: ['leather', 'denim', 'wool', 'nylon'], features: ['waterproof', 'hooded', 'padded', 'light', 'warm'], options: { size: SIZE, color: COLOR }, price: [35, 190] },
    { name: 'shoe', makes: ['leather', 'canvas', 'suede', 'rubber'], features: ['waterproof', 'light', 'padded', 'flat', 'wide'], options: { size: ['36', '38', '40', '42', '44'], color: COLOR }, price: [20, 150] },
    { name: 'bag', makes: ['leather', 'canvas', 'nylon', 'jute'], features: ['foldable', 'waterproof', 'lockable', 'light', 'padded'], options: { color: COLOR, strap: ['short', 'long'] }, price: [10, 120] },
    { name: 'lamp', makes: ['brass', 'glass', 'steel', 'paper'], features: ['dimmable', 'foldable', 'quiet', 'bright', 'heavy'], options: { color: COLOR, plug: ['round', 'square'] }, price: [15, 140] },
    { name: 'chair', makes: ['oak', 'pine', 'steel', 'plastic'], features: ['foldable', 'padded', 'stackable', 'heavy', 'wide'], options: { color: COLOR, legs: ['short', 'long'] }, price: [25, 220] },
    { name: 'mug', makes: ['glass', 'steel', 'clay', 'tin'], features: ['washable', 'stackable', 'insulated', 'wide', 'heavy'], options: { size: SIZE, color: COLOR }, price: [4, 40] },
    { name: 'towel', makes: ['cotton', 'linen', 'bamboo', 'velvet'], features: ['soft', 'striped', 'washable', 'thick', 'light'], options: { size: SIZE, color: COLOR }, price: [6, 45] },
    { name: 'blanket', makes: ['wool', 'cotton', 'fleece', 'velvet'], features: ['soft', 'striped', 'thick', 'washable', 'warm'], options: { size: SIZE, color: COLOR }, price: [15, 110] },
    { name: 'pan', makes: ['iron', 'steel', 'copper', 'ceramic'], features: ['coated', 'flat', 'heavy', 'stackable', 'deep'], options: { size: SIZE, handle: ['short', 'long'] }, price: [14, 130] },
    { name: 'clock', makes: ['brass', 'oak', 'plastic', 'glass'], features: ['quiet', 'round', 'waterproof', 'bright', 'flat'], options: { size: SIZE, color: COLOR }, price: [9, 95] },
    { name: 'rug', makes: ['wool', 'jute', 'cotton', 'bamboo'], features: ['striped', 'thick', 'washable', 'round', 'soft'], options: { size: SIZE, color: COLOR }, price: [25, 240] },
  ],
  brands: ['Norva', 'Balo', 'Tessin', 'Kirra', 'Ofelo', 'Damar', 'Quill', 'Zenta'],
  wording: {
    orders: ['buy {item}', 'order {item}', 'find {item} and buy it', 'get me {item}', 'I want {item}', 'I am looking for {item}'],
    features: ['it must be {list}', 'it should be {list}', '{list}', 'I like it {list}'],
    options: ['{name} {value}', 'in {name} {value}', 'with {name} {value}', 'the {name} is {value}'],
    caps: ['at most ${cap}', 'for ${cap} or less', 'not more than ${cap}', 'I can pay ${cap}'],
    questions: ['{order}; {rest}.', '{order}: {rest}.', '{order} ({rest}).'],
  },
}
