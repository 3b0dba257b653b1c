// The words that the starter's text is made of.
const list = (words: string): readonly string[] => words.trim().split(/\s+/)

export const NAMES = list(`
  Ada Ben Cleo Dan Eva Finn Gina Hugo Ida Jonas Kira Leo Mara Nils Olga Paul Rosa Sam Tara Uwe Vera Will Yara Zeno Anna Bruno Clara David Emma Felix Greta Henri
  Irma Jack Karin Luis Mia Nora Omar Petra Quinn Ravi Sara Tom Ursula Victor Wanda Xenia Yusuf Zoe Alma Boris Carla Dora Emil Fatma Georg Hanna Ivan Julia Kofi Lena`)

/** Singular and plural of what is counted. */
export const THINGS: readonly (readonly [one: string, many: string])[] = list(`
  apple:apples pear:pears book:books coin:coins tile:tiles brick:bricks card:cards ticket:tickets bottle:bottles candle:candles pencil:pencils stamp:stamps shell:shells button:buttons
  marble:marbles letter:letters parcel:parcels chair:chairs lamp:lamps plate:plates cup:cups towel:towels blanket:blankets nail:nails screw:screws seed:seeds flower:flowers tree:trees
  egg:eggs loaf:loaves cake:cakes orange:oranges lemon:lemons potato:potatoes onion:onions fish:fish sheep:sheep goat:goats hen:hens poster:posters photo:photos toy:toys ball:balls
  kite:kites drum:drums flag:flags badge:badges key:keys ring:rings bead:beads shirt:shirts sock:socks hat:hats glove:gloves shoe:shoes envelope:envelopes notebook:notebooks pen:pens
  magnet:magnets battery:batteries bulb:bulbs wheel:wheels plank:planks barrel:barrels sack:sacks bolt:bolts pipe:pipes cable:cables robot:robots bicycle:bicycles seat:seats visitor:visitors
  guest:guests worker:workers soldier:soldiers pupil:pupils`).map((pair) => pair.split(':') as [string, string])

export const CONTAINERS = list('boxes crates shelves baskets rows bags trays drawers rooms halls carts trucks wagons ships towers villages schools tents pallets cabinets buses trains houses stacks bundles')
export const GROUPS = list('teams classes families shops friends schools villages workers clubs groups offices camps children neighbours guests houses cities branches stalls tables')
export const UNITS = list('grams kilograms litres metres centimetres coins euros dollars minutes hours points pages steps kilometres miles crowns pounds')
export const PLACES = list('farm factory shop school library market museum station harbour bakery garden workshop office warehouse theatre hotel castle mill bank church port studio stadium zoo camp')
export const SPANS: readonly (readonly [one: string, many: string])[] = [['day', 'days'], ['week', 'weeks'], ['hour', 'hours'], ['month', 'months'], ['year', 'years'], ['minute', 'minutes']]

export const ADJECTIVES = list('red blue green yellow white black grey brown old new small large long short round flat heavy light clean dirty broken empty full cold warm wet dry soft hard quiet bright dark wooden golden silver')
export const COLOURS = list('red blue green yellow white black grey brown orange purple pink silver golden beige')
export const SIZES = list('small medium large tiny huge wide narrow tall short')
export const MATERIALS = list('wood cotton steel glass leather paper stone wool clay plastic silk copper')
export const ANIMALS = list('dog cat horse cow bird fox bear mouse rabbit duck goose owl frog hare wolf deer')
export const WEATHER = list('rain snow wind sunshine fog frost hail thunder')
export const TOPICS = list('rivers bridges gardens birds numbers maps bread music trains stars boats winter clocks paper glass wool honey salt')

export const ROOMS = list('kitchen bathroom bedroom office hall cellar attic study pantry nursery garage lounge workshop laundry')
export const RECEPTACLES = list('cabinet drawer shelf countertop table desk fridge microwave sinkbasin stove bed sofa armchair dresser nightstand cart garbagecan toilet bathtub safe sidetable coffeetable diningtable ottoman laundryhamper')
export const OPENABLE: ReadonlySet<string> = new Set(list('cabinet drawer fridge microwave safe'))
export const OBJECTS = list(`
  apple bread egg lettuce potato tomato plate bowl cup mug pan pot knife fork spoon spatula ladle kettle glass soap towel cloth sponge candle book pen pencil newspaper laptop phone keychain
  creditcard watch pillow vase statue box remote lamp alarmclock cd basketball tissuebox toiletpaper saltshaker peppershaker butterknife dishsponge handtowel spraybottle winebottle teddybear`)

const STARTS = list('Ma Bel Cor Dra El Fan Gor Hal Is Jor Kel Lun Mor Nar Ost Pel Quin Ros Sel Tor Ul Ver Wes Yor Zan Bra Cal Den Fer Gal Hol')
const MIDDLES = list('a e i o u an er in ol ar en is or al il am')
const ENDS = list('ton ville berg dale field mar stad ria na rin dor well ford gate haven mont wick by lo sk mere nia')
/** Made-up names of towns, rivers, houses. */
export const inventedName = (draw: { pick<T>(items: readonly T[]): T }): string => draw.pick(STARTS) + draw.pick(MIDDLES) + draw.pick(ENDS)
export const PROFESSIONS = list('painter baker engineer poet farmer doctor teacher sailor singer architect chemist printer lawyer carpenter astronomer gardener historian composer')
