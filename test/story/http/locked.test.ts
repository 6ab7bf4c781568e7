import { createSecretKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { handKey } from '../../../src/compose/unlock-socket.ts'
import { loadDataKey } from '../../../src/crypto/data-key.ts'
import type { DataKey } from '../../../src/crypto/data-key.ts'
import { openKeyFile, sealKeyFile } from '../../../src/crypto/key-files.ts'
import { World } from '../../support/kernel-in-process.ts'
import { sideBySide } from '../../support/side-by-side.ts'

const FIFI = '+447700900002'
const GUS = '+447700900003'
const BEN = '+447700900200'
const cheap = { N: 2 ** 14, r: 8, p: 1 }

interface Told {
  world: World
  key: DataKey
  readyz: () => Promise<string>
  /** Stops it, seals its key with a passphrase, and starts it again. */
  locks: (settings?: Record<string, string>) => Promise<void>
  unlocks: () => Promise<void>
}

/** Fifi and Gus are members; texts that Twilio only lists are not to be had, so that what is applied was kept by us. */
const locked = (story: (it: Told) => Promise<void>) => (): Promise<void> =>
  World.tell(async (world) => {
    await world.invites('Fifi', FIFI)
    await world.invites('Gus', GUS)
    const key = await loadDataKey(world.folder)
    await story({
      world,
      key,
      readyz: async () => {
        const response = await fetch(`${world.url}/readyz`)
        return `${String(response.status)} ${await response.text()}`.trim()
      },
      locks: async (settings) => {
        await world.stops()
        await sealKeyFile(world.folder, key, 'five words that nobody says', { cost: cheap })
        await world.starts(settings)
        world.twilio.fail({ status: 500 }, { on: 'list' })
      },
      unlocks: async () => {
        expect(await handKey(world.folder, key)).to.equal('opened')
        await world.running?.watching
      },
    })
  })

const isWithOthers = process.env['STORY_STORE'] === 'mongodb'

const LOCKED = '503 {"ready":false,"reasons":["locked"]}'
const sealedFile = (world: World): string => path.join(world.folder, 'locked-inbox')

describe('through real HTTP: a locked kernel', () => {
  const everywhere = {
    'has nothing in clear on the disk, in its log or on its pages': locked(async (it) => {
      const { world } = it
      await it.locks()
      await world.twilio.text(GUS, 'SOS behind the mill')
      const sealed = readFileSync(sealedFile(world), 'latin1')
      expect(sealed.length).to.be.greaterThan(100)
      expect(sealed).not.to.match(/mill|7700900|message/)
      for (const page of ['/', '/simulator', '/simulator/messages', '/jobs']) {
        const response = await fetch(world.url + page)
        expect([response.status, await response.text()], page).to.deep.equal([
          503,
          `{"error":"imok is locked: it cannot read its records, and does not watch. To unlock it: IMOK_DATA_DIR=${world.folder} npm run unlock"}\n`,
        ])
      }
      const posted = await fetch(`${world.url}/simulator/messages`, { method: 'POST', body: '{}' })
      expect(posted.status).to.equal(503)
    }),

    'believes no more than one that watches: an unsigned text is not kept': locked(async (it) => {
      const { world } = it
      await it.locks()
      const { sid } = await world.twilio.text(GUS, 'SOS', { deliver: false })
      expect((await world.twilio.deliver(sid, { signature: 'bm90IGl0' })).status).to.equal(403)
      expect(existsSync(sealedFile(world))).to.equal(false)
    }),

    'takes no other key, however often': locked(async (it) => {
      const { world, readyz } = it
      await it.locks()
      for (let n = 0; n < 3; n++)
        expect(await handKey(world.folder, createSecretKey(randomBytes(32)))).to.equal('wrong-key')
      expect(await readyz()).to.equal(LOCKED)
      await world.twilio.text(GUS, 'SOS')
      await it.unlocks()
      await world.roomHears(/^#\d SOS: Gus/)
    }),

    'keeps what came in when it ends before it is unlocked, and another start takes it up': locked(async (it) => {
      const { world } = it
      await it.locks()
      await world.twilio.text(GUS, 'SOS behind the mill')
      await world.stops()
      await world.starts()
      await world.twilio.text(GUS, 'by the river')
      await world.stops()
      await openKeyFile(world.folder, it.key)
      await world.starts()
      expect(await world.roomHears(/^#\d SOS: Gus/)).to.match(/behind the mill/)
      await world.roomHears(/by the river/)
    }),

    'waits for a secret that is mounted late': locked(async (it) => {
      const { world, readyz } = it
      await world.stops()
      const [here, mount] = [path.join(world.folder, 'key'), path.join(world.folder, 'mounted')]
      await world.starts({ IMOK_SECRET_KEY_FILE: mount })
      expect(await readyz(), 'the key file is not the one that was named').to.equal(LOCKED)
      renameSync(here, mount)
      await world.running?.watching
      expect(await readyz()).to.match(/^200/)
    }),
  }

  /** Of a kernel that is alone: beside a database another one may watch, and nobody is told while it does (docs/adr/0008). */
  const alone = {
    'keeps what comes in, tells who is on duty, and alarms when it is unlocked': locked(async (it) => {
      const { world, readyz } = it
      world.twilio.receipts = ['sent', 'delivered']
      await world.twilio.text(FIFI, 'IN 1s')
      await world.twilio.sent(FIFI, /^Noted/)
      await it.locks()
      expect(await readyz()).to.equal(LOCKED)
      expect((await fetch(`${world.url}/healthz`)).status).to.equal(200)
      expect(await (await fetch(`${world.url}/metrics`)).text()).to.match(/^imok_locked 1$/m)

      await world.twilio.sent(BEN, /^imok: it is locked, and nobody watches. Somebody must unlock it now. \d\d:\d\d$/)
      expect((await world.twilio.text(GUS, 'SOS behind the mill')).status).to.equal(200)
      expect(world.logged.join('\n')).to.match(
        /locked; 1 out, [01] overdue; unlock: IMOK_DATA_DIR=\/\S+ npm run unlock/,
      )
      expect(world.attempts.join('\n')).not.to.match(/SOS|OVERDUE/)

      await it.unlocks()
      expect(existsSync(sealedFile(world)), 'what is kept aside when it watches').to.equal(false)
      expect(await world.roomHears(/^#\d SOS: Gus/)).to.match(/behind the mill/)
      await world.roomHears(/^#\d OVERDUE, unconfirmed: Fifi/)
      await world.roomHears(/^BLIND to everything/)
      expect(await readyz()).to.equal('200 {"ready":true,"reasons":[]}')
      expect(world.logged.join('\n'), 'reports of how the texts to those on duty went').not.to.match(/not be applied/)
      // Twilio lists it as well: it is the same one.
      world.twilio.heal()
      await world.stops()
      await world.starts({ IMOK_SECRET_KEY: it.key.export().toString('base64') })
      expect(world.times(/behind the mill/)).to.equal(1)
    }),

    'hears an OUT that came while it was locked before it raises an alarm': locked(async (it) => {
      const { world } = it
      await world.twilio.text(FIFI, 'IN 1s')
      await world.twilio.sent(FIFI, /^Noted/)
      await it.locks()
      await world.twilio.sent(BEN, /it is locked/)
      await world.twilio.text(FIFI, 'OUT')
      await it.unlocks()
      expect(await world.roomHears(/^BLIND to everything/)).to.match(/not any more: Fifi/)
      expect(world.times(/OVERDUE/)).to.equal(0)
      await world.twilio.sent(FIFI, /^OUT noted/)
    }),

    'does not ping the heartbeat': locked(async (it) => {
      let pings = 0
      const heart = createServer((_request, response) => {
        pings++
        response.end()
      }).listen(0, '127.0.0.1')
      await once(heart, 'listening')
      try {
        const url = `http://127.0.0.1:${String((heart.address() as AddressInfo).port)}/`
        await it.world.twilio.text(FIFI, 'IN 1s')
        await it.world.twilio.sent(FIFI, /^Noted/)
        await it.locks({ IMOK_HEARTBEAT_URL: url })
        await it.world.twilio.sent(BEN, /it is locked/)
        expect(pings, 'pings while locked').to.equal(0)
        await it.unlocks()
        expect(pings, 'pings in all, one of them when it watches').to.equal(1)
      } finally {
        heart.closeAllConnections()
        heart.close()
      }
    }),

    'goes on by itself when the key file that was missing is there': locked(async (it) => {
      const { world, readyz } = it
      await world.stops()
      const [here, away] = [path.join(world.folder, 'key'), path.join(world.folder, 'away')]
      renameSync(here, away)
      await world.starts()
      expect(await readyz()).to.equal(LOCKED)
      await world.twilio.text(GUS, 'SOS behind the mill')
      renameSync(away, here)
      await world.running?.watching
      await world.roomHears(/^#\d SOS: Gus/)
    }),
  }

  if (isWithOthers)
    console.log(
      `      told of a data folder only, see test/e2e/mongodb/locked.test.ts: ${Object.keys(alone).join('; ')}`,
    )
  sideBySide(isWithOthers ? everywhere : { ...alone, ...everywhere })
})
