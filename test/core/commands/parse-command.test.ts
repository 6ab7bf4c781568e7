import { expect } from 'chai'
import { carrierWords } from '../../../src/core/commands/carrier-words.ts'
import { command, parse } from './english.ts'

const plain: [string, object][] = [
  ['yes', { type: 'yes' }],
  ['YES!', { type: 'yes' }],
  ['y', { type: 'yes' }],
  ['Yes please 😀', { type: 'yes' }],
  ['yes but later', { type: 'other' }],
  ['out', { type: 'out' }],
  ['O', { type: 'out' }],
  ['OUT.', { type: 'out' }],
  [' “Out”  ', { type: 'out' }],
  ['OUT 👍🏾', { type: 'out' }],
  ['/out@imok_bot', { type: 'out' }],
  ['/end', { type: 'out' }],
  ['/end please', { type: 'out', words: 'please' }],
  ['out now', { type: 'out', words: 'now' }],
  ['out please', { type: 'out', words: 'please' }],
  ['out 60', { type: 'out', words: '60' }],
  ['out out', { type: 'out', words: 'out' }],
  ['out bridge', { type: 'out', words: 'bridge' }],
  ['OUT of  money', { type: 'out', words: 'of  money' }],
  ['ok', { type: 'ok' }],
  ['Okay.', { type: 'ok' }],
  ['K', { type: 'ok' }],
  ['👍', { type: 'ok' }],
  ['👍🏽👍🏿', { type: 'ok' }],
  ['ok thanks', { type: 'ok' }],
  ['ok ok', { type: 'ok' }],
  ['ok but come quick', { type: 'ok', words: 'but come quick' }],
  ['ok 90', { type: 'ok', words: '90' }],
  ['status', { type: 'status' }],
  ['Status?', { type: 'status' }],
  ['status of what', { type: 'other' }],
  ['menu', { type: 'menu' }],
  ['INFO', { type: 'menu' }],
  ['?', { type: 'menu' }],
  ['？？', { type: 'menu' }],
  ['name', { type: 'name' }],
  ['NAME?', { type: 'name' }],
  ['name ' + 'x'.repeat(41), { type: 'name' }],
  ['Name Mo Member', { type: 'name', name: 'Mo Member' }],
  ['NAME: “Zoë  O’Brien”.', { type: 'name', name: 'Zoë O’Brien' }],
  ['name محمد', { type: 'name', name: 'محمد' }],
  ['name a\u202eb\u0000c', { type: 'name', name: 'ab c' }],
  ['start', { type: 'start', word: 'START' }],
  ['Start!', { type: 'start', word: 'START' }],
  ['/start AbC-123', { type: 'start', word: 'START' }],
  ['start walking', { type: 'other' }],
  ['unstop', { type: 'start', word: 'UNSTOP' }],
  ['', { type: 'blank' }],
  [' \u00a0\n\u200b\u2800', { type: 'blank' }],
  ['😀', { type: 'other' }],
  ['🇮🇳', { type: 'other' }],
  ['...', { type: 'other' }],
  ['see you at 8', { type: 'other' }],
  ['90', { type: 'other' }],
]

describe('the plain commands', () => {
  for (const [text, wanted] of plain) {
    it(JSON.stringify(text), () => expect(command(text)).to.deep.equal(wanted))
  }
})

describe("carriers' words", () => {
  for (const word of carrierWords) {
    for (const text of [word, word.toUpperCase(), ` ${word}. `, `"${word}"!`, word.replace(' ', '-')]) {
      it(`${JSON.stringify(text)} is the carrier's`, () => expect(command(text).type).to.equal('carrier'))
    }
    it(`${word} with words behind it is words`, () =>
      expect(command(`${word} him now`)).to.deep.equal({ type: 'other' }))
  }
  it('accents and full width change nothing', () => {
    expect(command('ARRÊT')).to.deep.equal({ type: 'carrier', word: 'ARRET' })
    expect(command('arrêté')).to.deep.equal({ type: 'carrier', word: 'ARRETE' })
    expect(command('ＳＴＯＰ')).to.deep.equal({ type: 'carrier', word: 'STOP' })
  })
})

const near: Record<string, string[]> = {
  IN: ['on', 'ON 60', 'iin', 'inn', 'im', 'i n', 'un', 'ni', 'check in', "I'm in", '/begin', 'inn 90 please'],
  OUT: [
    'otu',
    'OTU!',
    'but',
    'BUT?',
    'outt',
    'oout',
    'ot',
    'oit',
    '0ut',
    'o u t',
    'our',
    'i am out',
    'done',
    'home safe',
  ],
  OK: ['okk', 'kk', 'ol', '0k', 'o k', "I'm ok", 'i am okay', 'okya', 'all good'],
  MORE: ['mroe', 'moer', 'mor', 'moer 30', 'm o r e', 'mode'],
  YES: ['yse', 'yess', 'yep', 'yeah', 'oui', 'y e s'],
  STATUS: ['satus', 'statsu', 'statuss', 'stattus'],
}

describe('near misses are asked, never done', () => {
  for (const [meant, texts] of Object.entries(near)) {
    for (const text of texts) {
      it(`${text}: ${meant}?`, () => expect(command(text)).to.deep.equal({ type: 'near-miss', meant }))
    }
  }
  for (const text of [
    'on my way',
    'but I am not sure',
    'outside',
    'our house',
    'moreover',
    'onion',
    'yesterday',
    'not',
  ]) {
    it(`${text} is just words`, () => expect(command(text)).to.deep.equal({ type: 'other' }))
  }
  it('somebody in danger is passed on instead', () => expect(command('gun')).to.deep.equal({ type: 'other' }))
})

describe('danger', () => {
  const loud = [
    ...[
      "can't breathe",
      'I can’t breathe',
      'CANT BREATHE',
      'cannot breathe',
      'they took me',
      'someone is following me',
    ],
    ...[
      'A KNIFE!',
      'knife',
      'the police are here',
      'I was arrested',
      'attacked',
      'kidnapped',
      'he has a gun',
      'scared',
    ],
    ...[
      'blood everywhere',
      'trapped',
      'hurt',
      'ambulance',
      'emergency',
      'danger',
      'raped',
      'call 999',
      '🚨',
      'please 🔪',
    ],
    ...['ＨＥＬＰ ＭＥ', 'mayday', "we're in trouble"],
  ]
  for (const text of loud) it(`${text} is loud`, () => expect(parse(text).danger).to.equal(true))
  const quiet = [
    'gunk',
    'policy',
    'bloom',
    'all well',
    'in 112',
    'see you',
    'hurtle',
    'stable',
    'skilled',
    'out',
    'begun',
  ]
  for (const text of quiet) it(`${text} is not`, () => expect(parse(text).danger).to.equal(false))
})
