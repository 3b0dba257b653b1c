// What the databases are about: two tables of things, and a table of what happens between them, with the words of questions.

/** Words for values. A split draws from its own part of each list, so that no value is met in two splits. */
export type Pool = readonly string[]

export type TextColumn = { readonly names: readonly string[]; readonly pool: Pool; /** Behind the plural of the thing, `{v}` the value. */ readonly where: readonly string[] }
export type NumberColumn = {
  readonly names: readonly string[]
  readonly range: readonly [least: number, most: number]
  /** "price" */
  readonly says: string
  readonly above: readonly string[]
  readonly below: readonly string[]
}
/** A table of things. `names`: how the table may be called, with the singular for keys; the first are the words of questions. */
export type Entity = {
  readonly names: readonly (readonly [many: string, one: string])[]
  readonly label: { readonly names: readonly string[]; readonly pools: readonly Pool[] }
  readonly text: TextColumn
  readonly number: NumberColumn
}
/** Questions on what happens between the things; `{x}` is the name of one. `a...` ask from the side of the first table's things, `b...` of the second's. */
export type LinkWords = {
  readonly count: readonly string[]
  readonly sum: readonly string[]
  readonly most: readonly string[]
  readonly none: readonly string[]
  /** Which things of the other table. */
  readonly across: readonly string[]
}
export type Schema = {
  readonly name: string
  readonly seen: boolean
  readonly a: Entity
  readonly b: Entity
  readonly event: { readonly names: readonly string[]; readonly number: Pick<NumberColumn, 'names' | 'range' | 'says'> }
  readonly words: { readonly a: LinkWords; readonly b: LinkWords }
}

const words = (text: string): Pool => text.split(' ')
const FIRST = words('Ada Boris Clara Dorian Elsa Felix Greta Hugo Ines Jonas Karla Leo Mona Nils Olga Pavel Rosa Silas Tilda Urban Vera Walter Yara Zeno Anton Berta Cyril Dina Emil Flora Gustav Hilda Ivan Jana Kurt Lidia Marek Nora Oskar Petra')
const LAST = words('Abel Brandt Cermak Dahl Ekberg Falk Gruber Holm Iversen Jansen Kovac Lind Moser Novak Olsen Prochaska Quist Richter Sorg Thorn Unger Vogel Weiss Zoll Adler Berg Conrad Dietz Engel Frost Garber Hahn Imhof Jung Keller Lorenz Marx Nagel Otto Pohl')
/** First names and last names. */
export const PEOPLE = [FIRST, LAST] as const
const TOWNS = words('Alden Birkby Corran Dunmore Elstow Farley Glenn Harrow Ilford Jarrow Kelso Lynton Marlow Norham Otley Penrith Quorn Redcar Selby Thirsk')
const ADJECTIVES = words('Blue Crooked Dusty Eager Faint Grand Heavy Icy Jolly Keen Little Misty Noble Odd Plain Quick Rusty Steep Tidy Upper Vivid Warm Young Zigzag')
const THINGS = words('Anchor Basket Candle Drum Engine Feather Goblet Hammer Inkwell Jug Kettle Ladle Mirror Needle Oar Pillow Quilt Rope Saddle Trowel Urn Vase Whistle Yoke')
const SUBJECTS = words('Algebra Botany Ceramics Drawing Ethics French Geometry History Italian Logic Music Optics Physics Rhetoric Statistics Typing Weaving Zoology Chemistry Dance')

export const SCHEMAS: readonly Schema[] = [
  {
    name: 'shop', seen: true,
    a: {
      names: [['customers', 'customer'], ['clients', 'client'], ['buyers', 'buyer']], label: { names: ['name', 'full_name'], pools: [FIRST, LAST] },
      text: { names: ['city', 'town', 'place'], pool: TOWNS, where: ['from {v}', 'living in {v}'] },
      number: { names: ['points', 'bonus', 'credits'], range: [10, 990], says: 'bonus', above: ['with a bonus above {v}', 'with a bonus over {v}'], below: ['with a bonus below {v}', 'with a bonus under {v}'] },
    },
    b: {
      names: [['products', 'product'], ['articles', 'article'], ['goods', 'good']], label: { names: ['title', 'name', 'label'], pools: [ADJECTIVES, THINGS] },
      text: { names: ['category', 'kind', 'section'], pool: words('toys tools books garden kitchen sports music office travel pets lamps shoes'), where: ['of the category {v}', 'in the category {v}'] },
      number: { names: ['price', 'cost', 'price_eur'], range: [5, 480], says: 'price', above: ['costing more than {v}', 'with a price above {v}'], below: ['costing less than {v}', 'with a price below {v}'] },
    },
    event: { names: ['orders', 'purchases', 'sales'], number: { names: ['quantity', 'pieces', 'amount'], range: [1, 12], says: 'pieces' } },
    words: {
      a: { count: ['How many orders did {x} place?', 'How many orders came from {x}?'], sum: ['How many pieces did {x} order altogether?', 'How many pieces were ordered by {x}?'], most: ['Which customer placed the most orders?', 'Who placed the most orders?'], none: ['Which customers have placed no order?', 'Name the customers without any order.'], across: ['Which products did {x} order?', 'List the products that {x} ordered.'] },
      b: { count: ['How many orders are there for {x}?', 'In how many orders was {x} sold?'], sum: ['How many pieces of {x} were ordered?', 'How many pieces of {x} have been sold?'], most: ['Which product has the most orders?'], none: ['Which products have no order?', 'Name the products that nobody ordered.'], across: ['Which customers ordered {x}?', 'Who has ordered {x}?'] },
    },
  },
  {
    name: 'school', seen: true,
    a: {
      names: [['students', 'student'], ['pupils', 'pupil'], ['learners', 'learner']], label: { names: ['name', 'student_name', 'full_name'], pools: [FIRST, LAST] },
      text: { names: ['house', 'group_name', 'home'], pool: words('Ash Beech Cedar Elm Fir Hazel Larch Maple Oak Pine Rowan Willow'), where: ['of house {v}', 'in house {v}'] },
      number: { names: ['height', 'height_cm', 'size_cm'], range: [131, 197], says: 'height', above: ['taller than {v}', 'with a height above {v}'], below: ['shorter than {v}', 'with a height below {v}'] },
    },
    b: {
      names: [['courses', 'course'], ['classes', 'class'], ['lessons', 'lesson']], label: { names: ['title', 'subject', 'course_name'], pools: [ADJECTIVES, SUBJECTS] },
      text: { names: ['room', 'hall', 'location'], pool: words('attic barn cellar chapel studio annex library gym pavilion tower lodge gallery'), where: ['held in the {v}', 'in the {v}'] },
      number: { names: ['hours', 'duration', 'length_hours'], range: [8, 120], says: 'duration', above: ['longer than {v} hours', 'lasting over {v} hours'], below: ['shorter than {v} hours', 'lasting under {v} hours'] },
    },
    event: { names: ['exams', 'tests', 'results'], number: { names: ['score', 'marks', 'points'], range: [20, 100], says: 'score' } },
    words: {
      a: { count: ['How many exams did {x} take?', 'How many exams has {x} taken?'], sum: ['What total score has {x} reached?', 'What is the total score of {x}?'], most: ['Which student took the most exams?', 'Who took the most exams?'], none: ['Which students took no exam?', 'Name the students without any exam.'], across: ['In which courses was {x} examined?', 'List the courses that examined {x}.'] },
      b: { count: ['How many exams were held in {x}?', 'How many exams belong to {x}?'], sum: ['What total score was reached in {x}?', 'What do all scores in {x} add to?'], most: ['Which course had the most exams?'], none: ['Which courses had no exam?', 'Name the courses without any exam.'], across: ['Which students were examined in {x}?', 'Who took an exam in {x}?'] },
    },
  },
  {
    name: 'library', seen: true,
    a: {
      names: [['members', 'member'], ['readers', 'reader'], ['patrons', 'patron']], label: { names: ['name', 'member_name', 'full_name'], pools: [FIRST, LAST] },
      text: { names: ['district', 'quarter', 'area'], pool: words('Harbour Northgate Oldtown Riverside Southend Westhill Eastfield Millbank Parkside Castle Market Station'), where: ['from the district {v}', 'of the district {v}'] },
      number: { names: ['age', 'years', 'age_years'], range: [9, 92], says: 'age', above: ['older than {v}', 'over {v}'], below: ['younger than {v}', 'under {v}'] },
    },
    b: {
      names: [['books', 'book'], ['volumes', 'volume'], ['titles', 'title']], label: { names: ['heading', 'book_name', 'caption'], pools: [ADJECTIVES, THINGS] },
      text: { names: ['genre', 'type', 'style'], pool: words('poetry drama crime fantasy biography history humour science romance satire essays legends'), where: ['of the genre {v}', 'in the genre {v}'] },
      number: { names: ['pages', 'page_count', 'num_pages'], range: [60, 940], says: 'number of pages', above: ['with more than {v} pages', 'of over {v} pages'], below: ['with fewer than {v} pages', 'of under {v} pages'] },
    },
    event: { names: ['loans', 'borrowings', 'checkouts'], number: { names: ['days', 'days_out', 'duration'], range: [1, 42], says: 'days' } },
    words: {
      a: { count: ['How many loans does {x} have?', 'How often did {x} borrow a book?'], sum: ['How many days of loans has {x}?', 'For how many days did {x} borrow altogether?'], most: ['Which member has the most loans?', 'Who borrowed most often?'], none: ['Which members have no loan?', 'Name the members without any loan.'], across: ['Which books did {x} borrow?', 'List the books that {x} borrowed.'] },
      b: { count: ['How often was {x} borrowed?', 'How many loans does {x} have?'], sum: ['For how many days was {x} borrowed altogether?', 'How many days was {x} out in all?'], most: ['Which book has the most loans?', 'Which book was borrowed most often?'], none: ['Which books were never borrowed?', 'Name the books without any loan.'], across: ['Which members borrowed {x}?', 'Who borrowed {x}?'] },
    },
  },
  {
    name: 'garage', seen: true,
    a: {
      names: [['mechanics', 'mechanic'], ['workers', 'worker'], ['employees', 'employee']], label: { names: ['name', 'worker_name', 'full_name'], pools: [FIRST, LAST] },
      text: { names: ['branch', 'site', 'location'], pool: TOWNS, where: ['at the branch {v}', 'of the branch {v}'] },
      number: { names: ['wage', 'pay', 'salary'], range: [1400, 5200], says: 'wage', above: ['earning more than {v}', 'with a wage above {v}'], below: ['earning less than {v}', 'with a wage below {v}'] },
    },
    b: {
      names: [['cars', 'car'], ['vehicles', 'vehicle'], ['autos', 'auto']], label: { names: ['model', 'make', 'car_name'], pools: [ADJECTIVES, words('Ariel Bison Condor Dingo Elk Falcon Gazelle Heron Ibex Jaguar Koala Lynx Mustang Newt Otter Puma Quail Raven Stork Tapir')] },
      text: { names: ['colour', 'paint', 'color'], pool: words('red blue green white black silver yellow brown orange purple beige grey'), where: ['painted {v}', 'with the colour {v}'] },
      number: { names: ['mileage', 'km', 'distance'], range: [900, 240000], says: 'mileage', above: ['with a mileage above {v}', 'with a mileage over {v}'], below: ['with a mileage below {v}', 'with a mileage under {v}'] },
    },
    event: { names: ['repairs', 'jobs', 'services'], number: { names: ['cost', 'price', 'charge'], range: [40, 1900], says: 'cost' } },
    words: {
      a: { count: ['How many repairs did {x} do?', 'How many repairs were done by {x}?'], sum: ['What did all repairs by {x} cost?', 'What is the total cost of {x}’s repairs?'], most: ['Which mechanic did the most repairs?', 'Who did the most repairs?'], none: ['Which mechanics did no repair?', 'Name the mechanics without any repair.'], across: ['Which cars did {x} repair?', 'List the cars that {x} repaired.'] },
      b: { count: ['How many repairs did the {x} have?', 'How often was the {x} repaired?'], sum: ['What did all repairs of the {x} cost?', 'What did repairing the {x} cost altogether?'], most: ['Which car had the most repairs?', 'Which car was repaired most often?'], none: ['Which cars had no repair?', 'Name the cars without any repair.'], across: ['Which mechanics repaired the {x}?', 'Who repaired the {x}?'] },
    },
  },
  {
    name: 'hospital', seen: false,
    a: {
      names: [['doctors', 'doctor'], ['physicians', 'physician'], ['medics', 'medic']], label: { names: ['name', 'doctor_name', 'doctor'], pools: [FIRST, LAST] },
      text: { names: ['ward', 'department', 'unit'], pool: words('surgery oncology radiology maternity cardiology urology dentistry neurology orthopaedics emergency'), where: ['on the ward {v}', 'working in {v}'] },
      number: { names: ['service_years', 'experience', 'seniority'], range: [1, 41], says: 'experience', above: ['with over {v} years of experience', 'serving longer than {v} years'], below: ['with under {v} years of experience', 'serving less than {v} years'] },
    },
    b: {
      names: [['patients', 'patient'], ['cases', 'case'], ['admissions', 'admission']], label: { names: ['patient_name', 'name', 'person'], pools: [LAST.map((name) => `${name}son`), FIRST] },
      text: { names: ['residence', 'home_town', 'address'], pool: TOWNS, where: ['resident in {v}', 'coming from {v}'] },
      number: { names: ['weight', 'weight_kg', 'kilos'], range: [41, 128], says: 'weight', above: ['weighing more than {v}', 'heavier than {v}'], below: ['weighing less than {v}', 'lighter than {v}'] },
    },
    event: { names: ['visits', 'treatments', 'consultations'], number: { names: ['minutes', 'minutes_spent', 'time_min'], range: [5, 95], says: 'minutes' } },
    words: {
      a: { count: ['How many visits did {x} make?', 'How many treatments were given by {x}?'], sum: ['How many minutes did {x} spend on visits?', 'How many minutes of treatment gave {x}?'], most: ['Which doctor made the most visits?'], none: ['Which doctors made no visit?'], across: ['Which patients has {x} treated?', 'Give the patients seen by {x}.'] },
      b: { count: ['How often was {x} visited?', 'How many visits did {x} receive?'], sum: ['How many minutes of treatment did {x} get?'], most: ['Which patient was visited most often?'], none: ['Which patients were never visited?'], across: ['Which doctors have treated {x}?', 'By which doctors was {x} seen?'] },
    },
  },
  {
    name: 'festival', seen: false,
    a: {
      names: [['bands', 'band'], ['acts', 'act'], ['ensembles', 'ensemble']], label: { names: ['band_name', 'name', 'act_name'], pools: [ADJECTIVES, words('Arrows Beetles Crows Dolphins Echoes Flames Ghosts Hornets Idols Jesters Kites Lizards Moths Nomads Owls Pirates')] },
      text: { names: ['country', 'nation', 'origin'], pool: words('Norway Spain Iceland Portugal Chile Japan Kenya Canada Greece Ireland Peru Turkey'), where: ['hailing from {v}', 'representing {v}'] },
      number: { names: ['fee', 'fee_eur', 'pay'], range: [300, 9800], says: 'fee', above: ['charging more than {v}', 'with a fee over {v}'], below: ['charging less than {v}', 'with a fee under {v}'] },
    },
    b: {
      names: [['stages', 'stage'], ['venues', 'venue'], ['tents', 'tent']], label: { names: ['stage_name', 'name', 'called'], pools: [ADJECTIVES, words('Arena Bowl Circus Deck Esplanade Floor Grove Hill Island Jetty Lawn Meadow')] },
      text: { names: ['surface', 'ground', 'flooring'], pool: words('grass sand gravel concrete timber mud stone rubber carpet steel'), where: ['standing on {v}', 'with {v} underfoot'] },
      number: { names: ['capacity', 'places', 'seats'], range: [150, 12000], says: 'capacity', above: ['holding more than {v} people', 'with a capacity over {v}'], below: ['holding fewer than {v} people', 'with a capacity under {v}'] },
    },
    event: { names: ['concerts', 'gigs', 'shows'], number: { names: ['tickets', 'tickets_sold', 'visitors'], range: [20, 900], says: 'tickets' } },
    words: {
      a: { count: ['How many concerts did {x} give?', 'How often did {x} play?'], sum: ['How many tickets did {x} sell altogether?', 'How many tickets were sold for {x}?'], most: ['Which band gave the most concerts?'], none: ['Which bands gave no concert?'], across: ['On which stages did {x} play?', 'Give the stages that heard {x}.'] },
      b: { count: ['How many concerts took place at {x}?'], sum: ['How many tickets were sold at {x}?'], most: ['Which stage saw the most concerts?'], none: ['Which stages saw no concert?'], across: ['Which bands played at {x}?', 'Whom could one hear at {x}?'] },
    },
  },
]
