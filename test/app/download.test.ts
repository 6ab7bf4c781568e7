import { expect } from 'chai'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { download } from '../../src/app/download.ts'
import { MediaError } from '../../src/ports/media.ts'

const failure = (fetching: Promise<unknown>): Promise<string> =>
  fetching.then(
    () => 'none',
    (error: unknown) => (error instanceof MediaError ? `${error.kind} ${error.trouble}` : String(error)),
  )

describe('a file is fetched', () => {
  let server: Server
  let url: string
  let asked: { path: string; authorization: string | undefined }[]
  let answer: (request: IncomingMessage, response: ServerResponse) => void

  beforeEach(async () => {
    asked = []
    server = createServer((request, response) => {
      asked.push({ path: request.url ?? '', authorization: request.headers.authorization })
      answer(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })
  const get = (most = 1000): Promise<Uint8Array> =>
    download(new URL(`${url}/file`), { headers: { authorization: 'Basic secret' }, most })

  it('as it is', async () => {
    answer = (_request, response) => void response.end(Buffer.from([1, 2, 3]))
    expect([...(await get())]).to.deep.equal([1, 2, 3])
    expect(asked).to.deep.equal([{ path: '/file', authorization: 'Basic secret' }])
  })

  it('from where the provider keeps it, which is not told our secret', async () => {
    const other = createServer((request, response) => {
      asked.push({ path: request.url ?? '', authorization: request.headers.authorization })
      response.end('elsewhere')
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    answer = ({ url: path }, response) => {
      if (path === '/file') response.writeHead(307, { location: '/moved' }).end()
      else
        response
          .writeHead(307, { location: `http://127.0.0.1:${String((other.address() as AddressInfo).port)}/cdn` })
          .end()
    }
    expect(await failure(get())).to.equal('gone redirects')
    expect(asked.map(({ path }) => path)).to.deep.equal(['/file', '/moved'])
    other.close()
  })

  it('and no further than three times onward', async () => {
    answer = (_request, response) => void response.writeHead(302, { location: '/again' }).end()
    expect(await failure(get())).to.equal('gone redirects')
    expect(asked).to.have.length(4)
  })

  for (const [status, what] of [
    [404, 'gone http-404'],
    [403, 'gone http-403'],
    [500, 'later http-500'],
    [429, 'later http-429'],
  ] as const)
    it(`or not: ${String(status)} is ${what}`, async () => {
      answer = (_request, response) => void response.writeHead(status).end('no')
      expect(await failure(get())).to.equal(what)
    })

  it('up to a size, whether it is said before or not', async () => {
    answer = (_request, response) => void response.end(Buffer.alloc(1001))
    expect(await failure(get())).to.equal('too-large too-large')
    answer = (_request, response) => {
      for (let part = 0; part < 50; part++) response.write(Buffer.alloc(100))
      response.end()
    }
    expect(await failure(get())).to.equal('too-large too-large')
  })

  it('later, when the line is cut', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    }
    expect(await failure(get())).to.equal('later connection')
    server.closeAllConnections()
    server.close()
    expect(await failure(get())).to.equal('later connection')
  })
})
