// The lexicon out of domain: rooms, places and things that training never has, and goals in other words.
import { type Lexicon, things } from './lexicon.ts'

export const OOD_LEXICON: Lexicon = {
  places: [
    { name: 'bench', at: 'on' },
    { name: 'rack', at: 'on' },
    { name: 'trolley', at: 'on' },
    { name: 'locker', at: 'in', opens: true },
    { name: 'crate', at: 'in', opens: true },
    { name: 'chest', at: 'in', opens: true },
    { name: 'barrel', at: 'in' },
    { name: 'bucket', at: 'in' },
    { name: 'tray', at: 'on' },
    { name: 'ledge', at: 'on' },
    { name: 'washtub', at: 'in', does: 'clean' },
    { name: 'hose', at: 'on', does: 'clean' },
    { name: 'furnace', at: 'in', opens: true, does: 'heat' },
    { name: 'burner', at: 'on', does: 'heat' },
    { name: 'cooler', at: 'in', opens: true, does: 'cool' },
    { name: 'icebox', at: 'in', opens: true, does: 'cool' },
    { name: 'lantern', at: 'on', does: 'light' },
    { name: 'spotlight', at: 'on', does: 'light' },
  ],
  things: [
    ...things('hammer wrench/wrenches chisel drill', { usual: ['rack', 'bench', 'chest', 'locker'], can: ['clean', 'light'] }),
    ...things('bolt nail screw magnet', { usual: ['tray', 'crate', 'bench', 'bucket'], can: ['clean', 'heat', 'light'] }),
    ...things('rope glove helmet', { usual: ['locker', 'trolley', 'chest', 'ledge'], can: ['clean', 'light'] }),
    ...things('flask beaker jar', { usual: ['ledge', 'rack', 'tray', 'bench'], can: ['clean', 'heat', 'cool'] }),
    ...things('funnel tube lens/lenses', { usual: ['tray', 'bench', 'locker'], can: ['clean', 'light'] }),
    ...things('battery/batteries coil', { usual: ['crate', 'ledge', 'trolley'], can: ['heat', 'cool', 'light'] }),
    ...things('melon turnip carrot', { usual: ['barrel', 'crate', 'bucket'], can: ['clean', 'heat', 'cool'] }),
    ...things('shovel rake sickle', { usual: ['rack', 'ledge', 'trolley'], can: ['clean', 'light'] }),
  ],
  rooms: [
    {
      name: 'workshop',
      places: { bench: 2, rack: 2, trolley: 1, locker: 3, crate: 2, chest: 1, bucket: 1 },
      devices: [['washtub', 'hose'], ['furnace'], ['cooler'], ['lantern', 'spotlight']],
      things: 'hammer wrench chisel drill bolt nail screw magnet rope glove helmet battery coil flask'.split(' '),
    },
    {
      name: 'laboratory',
      places: { bench: 2, rack: 1, tray: 2, locker: 3, ledge: 1, trolley: 1, crate: 1 },
      devices: [['washtub'], ['burner', 'furnace'], ['icebox', 'cooler'], ['spotlight']],
      things: 'flask beaker jar funnel tube lens battery coil magnet glove'.split(' '),
    },
    {
      name: 'barn',
      places: { barrel: 2, bucket: 2, crate: 3, chest: 2, rack: 1, ledge: 1, trolley: 1 },
      devices: [['hose', 'washtub'], ['burner'], ['icebox'], ['lantern']],
      things: 'melon turnip carrot shovel rake sickle rope glove jar nail'.split(' '),
    },
  ],
  wording: {
    goals: {
      put: ['bring {a} over, it belongs {place}', 'the owner wants {a} to end up {place}', 'leave {a} {place} for the next shift'],
      light: ['inspect {a} closely by {lamp}', 'the owner asks what {a} looks like when {lamp} shines upon it', 'study {a} with the help of {lamp}'],
      clean: ['rinse the dirt off {a} and leave it {place}', 'there should be {a} without a speck of dirt {place}', 'scrub {a} and bring it back, it belongs {place}'],
      heat: ['make {a} really warm and leave it {place}', 'there should be {a} fresh from the fire {place}', 'bring {a} to a high temperature, it then belongs {place}'],
      cool: ['make {a} ice-cold and leave it {place}', 'there should be {a} as cold as winter {place}', 'lower the temperature of {a}, it then belongs {place}'],
      two: ['bring a pair of {things} over, they belong {place}', 'the owner wants a couple of {things} to end up {place}', 'leave {things} {place}, exactly a pair'],
    },
    questions: [
      'Please {goal}. The job is done inside {room}. Around stand {places}. {devices}',
      'Request from the owner of {room}: {goal}. Spots that can be reached are {places}. {devices}',
    ],
    devices: {
      clean: ['whatever is dirty gets clean with {device}'],
      heat: ['whatever must be hot goes to {device}'],
      cool: ['whatever must be cold goes to {device}'],
      light: ['the dark is driven away by {device}'],
    },
  },
}
