import { expect } from 'chai'
import { command, parse } from './english.ts'

const alone = [
  ...[
    'SOS',
    'sos',
    ' sos. ',
    'SOS!!!',
    '*SOS*',
    '#sos',
    '/sos',
    '/sos@imok_bot',
    '“SOS”',
    'sos?',
    'ＳＯＳ',
    '𝗦𝗢𝗦',
    'SÓS',
  ],
  ...[
    'S.O.S',
    'S.O.S.',
    's-o-s',
    'S O S',
    's  o  s',
    's/o/s',
    'S_O_S',
    'SO S',
    'S OS',
    'S O S S O S',
    's\u200bo\u200bs',
  ],
  ...['S0S', 's 0 s', '505', '5 0 5', '5.0.5', '5O5', 'S05', '50s', 'SO5'],
  ...['SSOS', 'SOSS', 'SOOS', 'SOOOOS', 'ssssoooosssss', 'sossos', 'sosos', 'SOS SOS SOS', 'sos🆘'],
  ...['OSS', 'SSO', 'OS', 'SS', 'aos', 'sps', 'soa', 'dos', 'sis', 'sosd', 'spos', 'sobs', 'soso', 'sosh'],
  ...['🆘', '🆘🆘', '🇸🇴🇸', 'СОС', 'ΣΟΣ', '... --- ...', '…---…', '···−−−···'],
  ...['soshelp', 'SOSplease', 'sos1', 'helpsos'],
]

const withWords: [string, string][] = [
  ['sos help', 'help'],
  ['SOS by the bridge', 'by the bridge'],
  ['sos, they have Mo', 'they have Mo'],
  ['S.O.S. by the  bridge', 'by the  bridge'],
  ['🆘 room 12', 'room 12'],
  ['505 by the bridge', 'by the bridge'],
  ['sso they are here', 'they are here'],
  ['help 🆘', 'help 🆘'],
  ['please send an sos', 'please send an sos'],
  ['this is not an sos', 'this is not an sos'],
  ['by the bridge S O S quick', 'by the bridge S O S quick'],
  ['they are here sso', 'they are here sso'],
  ['call 505', 'call 505'],
]

/** No command word ever swallows a cry for help. */
const behindCommands = [
  ...['in sos', 'in 60 sos', 'in 60 bridge SOS', 'IN 🆘', 'in90 sos', 'i s o s', 'in ssos', 'in 505'],
  ...['out sos', 'OUT. SOS!', 'o sos', 'out 🆘', 'out S0S', 'ok sos', 'okay, sos', 'k sos', '👍🆘', 'ok S.O.S.'],
  ...['more sos', 'more 30 sos', 'yes sos', 'no sos', 'status sos', 'name sos', 'NAME Mo SOS', 'menu sos', 'help sos'],
  ...['stop sos', 'start sos', 'cancel 🆘', '/start sos', '/end sos', '? sos', '/in sos', '/out@imok_bot sos'],
]

const weaker = [
  ...['so', 'sort', 'so so', 'so-so', 'so what', 'sorry', 'son', 'boss', 'soon', 'as so', 'is so', 'toss', 'loss'],
  ...[
    'in 50s',
    'in 50 s',
    'meet at 505 Main Street',
    'so sorry',
    'my sis is here',
    'the dos and donts',
    'pass us',
    '...',
    '5:05',
  ],
]

describe('SOS in every spelling', () => {
  for (const text of alone) {
    it(`${JSON.stringify(text)} is an SOS`, () => expect(command(text)).to.deep.equal({ type: 'sos' }))
  }
  for (const [text, words] of withWords) {
    it(`${JSON.stringify(text)} passes its words on`, () => expect(command(text)).to.deep.equal({ type: 'sos', words }))
  }
  for (const text of behindCommands) {
    it(`${JSON.stringify(text)}: the command word swallows nothing`, () => expect(command(text).type).to.equal('sos'))
  }
  for (const text of weaker) {
    it(`${JSON.stringify(text)} is no SOS`, () => expect(command(text).type).not.to.equal('sos'))
  }
})

describe('HELP and NO', () => {
  const cases: [string, object, boolean][] = [
    ['help', { type: 'help' }, false],
    ['HELP!!', { type: 'help' }, false],
    ['/help', { type: 'help' }, false],
    ['hlep', { type: 'help' }, false],
    ['please help', { type: 'help' }, false],
    ['help please', { type: 'help' }, false],
    ['help me', { type: 'help', words: 'me' }, true],
    ['HELP they took Ana', { type: 'help', words: 'they took Ana' }, true],
    ['i need help', { type: 'help' }, false],
    ['no', { type: 'no' }, false],
    ['N', { type: 'no' }, false],
    ['👎', { type: 'no' }, false],
    ['NOT OK', { type: 'no' }, true],
    ['not okay!', { type: 'no' }, true],
    ["I'm not ok", { type: 'no' }, true],
    ['I’m not okay', { type: 'no' }, true],
    ['no worries', { type: 'no', words: 'worries' }, false],
    ['not ok, send someone', { type: 'no', words: 'send someone' }, true],
  ]
  for (const [text, wanted, danger] of cases) {
    it(text, () => expect(parse(text)).to.deep.equal({ command: wanted, danger }))
  }
})

describe('a cry for help behind a command word', () => {
  const cases: [string, object][] = [
    ['OUT help', { type: 'out', words: 'help' }],
    ['out, they are following me', { type: 'out', words: 'they are following me' }],
    ['OK HELP', { type: 'ok', words: 'HELP' }],
    ['in trouble', { type: 'in', words: 'trouble' }],
    ['IN help me', { type: 'in', words: 'help me' }],
    ['more police are coming', { type: 'more', words: 'police are coming' }],
    ['out 🔪', { type: 'out', words: '🔪' }],
    ['name help me', { type: 'other' }],
    ['yes help', { type: 'other' }],
    ['stop him he has a knife', { type: 'other' }],
    ['status: bleeding', { type: 'other' }],
  ]
  for (const [text, wanted] of cases) {
    it(`${text}: loud, and not swallowed`, () => expect(parse(text)).to.deep.equal({ command: wanted, danger: true }))
  }
})
