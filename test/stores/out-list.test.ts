import { expect } from 'chai'
import { readOutList, writeOutList } from '../../src/stores/out-list.ts'
import { ForgetfulDisk } from '../support/forgetful-disk.ts'

describe('the list of when whose time is over', () => {
  it('holds times and nothing else, in order, after a power cut too', async () => {
    const disk = new ForgetfulDisk()
    await writeOutList(disk, { at: 10, due: [30, 20] })
    await writeOutList(disk, { at: 11, due: [40, 30, 20] })
    const after = disk.after('unsynced')
    expect(String(after.files().get('out.json'))).to.equal('{"format":1,"at":11,"due":[20,30,40]}\n')
    expect(await readOutList(after)).to.deep.equal({ at: 11, due: [20, 30, 40] })
  })

  for (const text of [
    '',
    'null',
    '{}',
    '{"format":1,"at":1,"due":["x"]}',
    '{"format":2,"at":1,"due":[]}',
    '{"format":1,"due":[]}',
  ])
    it(`that is not one (${text || 'empty'}) is none`, async () => {
      const disk = new ForgetfulDisk()
      disk.overwrite('out.json', Buffer.from(text))
      expect(await readOutList(disk)).to.equal(undefined)
    })

  it('that is far too long is none, and so is one that is not there', async () => {
    const disk = new ForgetfulDisk()
    expect(await readOutList(disk)).to.equal(undefined)
    disk.overwrite('out.json', Buffer.from(`{"format":1,"at":1,"due":[${'1,'.repeat(2_000_000)}1]}`))
    expect(await readOutList(disk)).to.equal(undefined)
  })
})
