import { expect } from 'chai'
import { tell } from '../support/story.ts'

describe('what is over', () => {
  it('is erased on schedule: a place and a text after a day, an incident after thirty', async () => {
    const story = await tell()
    await story.phone().texts('IN 60 behind the old mill')
    await story.phone().texts('', { attachment: { kind: 'location', latitude: 51.47321, longitude: -0.01234 } })
    await story.phone().texts('SOS he is at the barn')
    await story.admin('note 1 wears a red coat')
    await story.admin('resolve 1 found at her sister’s')
    await story.phone().texts('OUT')
    const [{ id } = { id: '' }] = [...story.engine.house.overview.all()]
    const kept = async (): Promise<string> => JSON.stringify(await story.store.documents.read(id))
    expect(await kept()).to.match(/51\.47321/)

    await story.stops()
    await story.passes(25 * 3_600_000)
    await story.starts()
    await story.engine.kernel.wake(id)
    expect(await kept()).not.to.match(/old mill|51\.47|barn|red coat/)
    expect(await kept()).to.match(/sister/)

    await story.stops()
    await story.passes(30 * 24 * 3_600_000)
    await story.starts()
    await story.engine.kernel.wake(id)
    expect(await kept()).not.to.match(/sister/)
    expect(await kept()).to.match(/Mo Member/)
  })
})
