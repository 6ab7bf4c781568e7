import path from 'node:path'
import { expect } from 'chai'
import { typedCommand } from '../../src/compose/typed-command.ts'

describe('a command that somebody is told to type', () => {
  it('names the data folder, unless it is the one that is meant without a name', () => {
    expect(typedCommand('unlock', path.resolve('data'))).to.equal('npm run unlock')
    expect(typedCommand('unlock', '/var/lib/imok')).to.equal('IMOK_DATA_DIR=/var/lib/imok npm run unlock')
    expect(typedCommand('key -- file', "/srv/o'hara/my data")).to.equal(
      "IMOK_DATA_DIR='/srv/o'\\''hara/my data' npm run key -- file",
    )
  })
})
