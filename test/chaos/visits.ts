import type { Actor } from './person.ts'

/** What members go through, in real milliseconds; each visit leaves nothing open, as far as its actors can see. */
export type Visit = (who: Actor) => Promise<void>

/** Real milliseconds between the times at which people meet. */
const TOGETHER = 5_000
/** For so long people leave an alarm open where many have one. */
const LINGERS = 8_000

/** How long an alarm may take to be seen by somebody who looks at the room, restarts included. */
const ALARM_SEEN = 25_000

/** Out and home again in good time. */
const home: Visit = async (who) => {
  await who.textsIn(who.dice.between(8_000, 12_000))
  await who.answer(/Text OUT by/)
  for (let more = who.dice.whole(0, 2); more > 0; more--) await small(who)
  await who.pause(0, 1_200)
  await who.texts('out', 'OUT')
  await who.answer(/^OUT /)
}

/** Something that ends nothing. */
async function small(who: Actor): Promise<void> {
  switch (who.dice.whole(0, 3)) {
    case 0:
      await who.textsWords()
      break
    case 1:
      await who.texts('ok', 'OK')
      break
    case 2: {
      const { words, ...length } = who.length(who.dice.between(2_000, 4_000))
      await who.texts('more', `MORE ${words}`, length)
      break
    }
    default:
      await who.texts('status', 'STATUS')
  }
  if (who.dice.chance(0.7)) await who.answer()
}

/** No OUT in time: the alarm, and one of its ends. */
export const late: Visit = (who) => missed(who, who.dice.between(1_200, 2_500))

/** The same at a time at which others miss theirs, too. */
export const together: Visit = (who) => {
  const real = 1_200 + TOGETHER - ((Date.now() + 1_200) % TOGETHER)
  return missed(who, real + who.dice.between(0, who.dice.pick([20, 500, 2_000])), LINGERS)
}

async function missed(who: Actor, real: number, lingers = 0): Promise<void> {
  const { place } = who
  await who.textsIn(real)
  const number = await who.alarm('OVERDUE', place, ALARM_SEEN)
  await who.pause(0, lingers)
  if (who.dice.chance(0.4)) await small(who)
  if (number === undefined || who.dice.chance(0.35)) {
    await who.texts('out', 'OUT')
    await who.answer(/^OUT /)
    return
  }
  if (who.dice.chance(0.3)) await cry(who)
  await endByRoom(who, number)
}

async function cry(who: Actor): Promise<number | undefined> {
  const { place } = who
  await who.textsSos()
  return who.alarm('SOS', place, ALARM_SEEN)
}

/** Somebody takes it, perhaps loses it again, and ends it. */
async function endByRoom(who: Actor, number: number): Promise<void> {
  const incident = { incident: number }
  if (who.dice.chance(0.2)) await who.pause(2_000, 7_000)
  if (who.dice.chance(0.3)) {
    const token = who.token()
    await who.order('note', `note ${number} ${token}`, { ...incident, token })
    await who.room(/^Noted for/)
  }
  if (who.dice.chance(0.8)) {
    const { words, ...length } = who.length(who.dice.between(2_000, 4_000))
    const isShort = who.dice.chance(0.3)
    // Several are taken in another way than one, and here the other one is nobody's.
    const which = who.dice.chance(0.4) ? `${number}, ${number + 1_000}` : String(number)
    await who.order(
      'take',
      isShort ? `take ${which} ${words}` : `take ${which}`,
      isShort ? { ...incident, ...length } : incident,
    )
    await who.room(new RegExp(`^#${number} TAKEN`, 'm'))
    if (isShort) await who.room(new RegExp(`^#${number} OPEN AGAIN`, 'm'), ALARM_SEEN)
  }
  if (who.dice.chance(0.3)) {
    const token = who.token()
    await who.order('say', `say ${number} ${token}`, { ...incident, token })
    await who.answer(new RegExp(token))
  }
  await resolve(who, number)
}

async function resolve(who: Actor, number: number): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    const token = who.token()
    await who.order('resolve', `resolve ${number} ${token}`, { incident: number, token })
    if (await who.room(new RegExp(`^#${number} CLOSED|^Nothing is open`))) return
  }
}

/** In danger, with or without a session. */
const danger: Visit = async (who) => {
  const isOut = who.dice.chance(0.6)
  if (isOut) {
    await who.textsIn(who.dice.between(1_500, 9_000))
    if (who.dice.chance(0.7)) await who.answer()
  }
  const number = await cry(who)
  if (who.dice.chance(0.3)) await small(who)
  if (who.dice.chance(0.2)) await cry(who)
  if (isOut && who.dice.chance(0.4)) {
    await who.texts('out', 'OUT')
    await who.answer(/^OUT /)
  }
  if (number !== undefined) await endByRoom(who, number)
  if (isOut) await goHome(who)
}

/** Whatever is still open of the session ends with it. */
async function goHome(who: Actor): Promise<void> {
  await who.texts('out', 'OUT')
  await who.answer(/^OUT /)
}

/** OUT in the very moment of the deadline. */
const photoFinish: Visit = async (who) => {
  const { place } = who
  const real = who.dice.between(1_200, 2_200)
  const began = await who.textsIn(real)
  await who.until(began.end + real + who.dice.between(-250, 150))
  await goHome(who)
  const number = await who.alarm('OVERDUE', place, 300)
  if (number !== undefined && !(await who.room(new RegExp(`^#${number} STOOD DOWN`), 3_000))) await goHome(who)
}

/** OUT so late that a kernel which dawdles over it alarms, and so early that nobody may. */
export const closeCall: Visit = async (who) => {
  const real = who.dice.between(1_600, 2_600)
  const began = await who.textsIn(real)
  await who.until(began.end + real - who.dice.between(400, 1_000))
  await goHome(who)
}

/** Several texts at once, faster than anybody answers. */
const flurry: Visit = async (who) => {
  for (let rounds = who.dice.whole(1, 2); rounds > 0; rounds--) {
    await who.textsIn(who.dice.between(8_000, 12_000))
    if (who.dice.chance(0.5)) await who.textsWords()
    if (who.dice.chance(0.5)) await who.texts('ok', 'OK')
    await who.texts('out', 'OUT')
  }
  await who.answer(/^OUT /)
}

/** An admin does it for them. */
const byAdmin: Visit = async (who) => {
  const { words, ...length } = who.length(who.dice.between(8_000, 12_000))
  await who.order('admin-in', `in ${who.person.name} ${words}`, length)
  await who.room(/^Checked in|^Not done/)
  if (who.dice.chance(0.5)) {
    const further = who.length(who.dice.between(2_000, 3_000))
    const { words: more, ...moreLength } = further
    await who.order('extend', `extend ${who.person.name} ${more}`, moreLength)
    await who.room(/^More time|^Not done|^Not checked in/)
  }
  await who.pause(0, 800)
  if (who.dice.chance(0.5)) await goHome(who)
  else {
    await who.order('admin-out', `out ${who.person.name}`)
    if (!(await who.room(/^Checked out|^Not done/))) await goHome(who)
  }
}

const visits: readonly [Visit, ...Visit[]] = [
  home,
  home,
  late,
  late,
  danger,
  photoFinish,
  photoFinish,
  closeCall,
  flurry,
  byAdmin,
  small,
]

/** A member's round: one visit after the other until nobody begins anything any more; every second one is the `favourite`, or most are. */
export async function live(who: Actor, favourite?: Visit): Promise<void> {
  const share = favourite === together ? 0.85 : 0.5
  if (!who.person.isSeeded) await join(who)
  while (!who.isOver) {
    await who.pause(0, 600)
    const visit = who.dice.pick(visits)
    await (favourite && who.dice.chance(share) ? favourite : visit)(who)
  }
}

async function join(who: Actor): Promise<void> {
  const { name, number } = who.person
  for (let tries = 0; tries < 3; tries++) {
    const { place } = who
    await who.order('invite', `invite ${number} ${name}`)
    if (await who.world.hears(number, /invites you/, place, 10_000)) break
  }
  if (who.dice.chance(0.8)) {
    await who.texts('yes', 'YES')
    await who.answer(/registered/)
  }
}

/** Asked at the very end: what the phone is told of itself must be what happened. */
export async function lastWord(who: Actor): Promise<void> {
  await who.texts('status', 'STATUS')
  await who.answer()
}
