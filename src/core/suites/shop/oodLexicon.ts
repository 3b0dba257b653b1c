// The shop out of domain: tools, instruments and garden, with makes, features and options that training never has.
import type { Lexicon } from './lexicon.ts'

const VOLTAGE = ['12V', '18V', '24V', '36V']
const LENGTH = ['60cm', '90cm', '120cm', '150cm']
const FINISH = ['matte', 'glossy', 'raw']

export const OOD_LEXICON: Lexicon = {
  categories: [
    { name: 'drill', makes: ['cordless', 'pneumatic', 'magnetic'], features: ['brushless', 'reversible', 'compact', 'shockproof'], options: { voltage: VOLTAGE, finish: FINISH }, price: [45, 320] },
    { name: 'ladder', makes: ['aluminium', 'fibreglass', 'birch'], features: ['telescopic', 'slip-proof', 'hinged', 'certified'], options: { length: LENGTH, finish: FINISH }, price: [40, 280] },
    { name: 'guitar', makes: ['mahogany', 'spruce', 'maple'], features: ['handmade', 'amplified', 'left-handed', 'vintage'], options: { strings: ['six', 'seven', 'twelve'], finish: FINISH }, price: [90, 900] },
    { name: 'tent', makes: ['polyester', 'ripstop', 'tarpaulin'], features: ['ventilated', 'windproof', 'self-standing', 'mosquito-proof'], options: { berths: ['one', 'two', 'four'], season: ['summer', 'winter'] }, price: [50, 450] },
    { name: 'rake', makes: ['bronze', 'titanium', 'birch'], features: ['extendable', 'rustproof', 'ergonomic', 'hinged'], options: { length: LENGTH, teeth: ['nine', 'twelve', 'sixteen'] }, price: [11, 75] },
    { name: 'telescope', makes: ['refracting', 'reflecting', 'catadioptric'], features: ['motorised', 'compact', 'collimated', 'shockproof'], options: { aperture: ['70mm', '90mm', '130mm'], mount: ['azimuthal', 'equatorial'] }, price: [80, 990] },
    { name: 'printer', makes: ['laser', 'inkjet', 'thermal'], features: ['wireless', 'duplex', 'silent', 'certified'], options: { tray: ['single', 'double'], voltage: ['110V', '230V'] }, price: [60, 520] },
    { name: 'keyboard', makes: ['mechanical', 'membrane', 'optical'], features: ['backlit', 'wireless', 'ergonomic', 'silent'], options: { layout: ['qwerty', 'azerty', 'dvorak'], finish: FINISH }, price: [18, 210] },
    { name: 'saw', makes: ['carbide', 'diamond', 'tungsten'], features: ['reversible', 'rustproof', 'foldaway', 'compact'], options: { length: LENGTH, teeth: ['fine', 'coarse'] }, price: [13, 140] },
    { name: 'violin', makes: ['spruce', 'maple', 'ebony'], features: ['handmade', 'varnished', 'vintage', 'antique'], options: { scale: ['half', 'three-quarter', 'whole'], finish: FINISH }, price: [120, 990] },
  ],
  brands: ['Hexar', 'Vondel', 'Myrtle', 'Osprei', 'Calvo', 'Jutta', 'Pexon'],
  wording: {
    orders: ['our club lacks {item}', 'could you see to it that we own {item} soon', 'the next purchase on the list is {item}'],
    features: ['only {list} models will do', 'my colleague insists upon {list}', 'essential properties: {list}'],
    options: ['as for {name}, take {value}', '{value} is the {name} that fits us', 'pick {value} when asked about {name}'],
    caps: ['our budget ends at ${cap}', 'anything above ${cap} is out of the question', 'spend ${cap} if you have to, never a cent beyond'],
    questions: ['Hello! {order}. Mind this: {rest}. Thank you.', 'A request from the club: {order}; {rest}.'],
  },
}
