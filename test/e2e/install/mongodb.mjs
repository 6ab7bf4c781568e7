import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { lib, sources } from '../mongodb/stand-in-home.mjs'
import { aptInstall, run } from '../run.mjs'

/** Written last, so that half an installation is none. */
const notes = sources.map((file) => [file, path.join(lib, path.basename(file))])
const isJavaThere = async () => {
  try {
    await run('javac', ['-version'], { stdio: 'ignore' })
    await run('mvn', ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export const name = 'a server that speaks MongoDB (mongo-java-server)'
export const isThere = () =>
  notes.every(([from, note]) => existsSync(note) && readFileSync(note, 'utf8') === readFileSync(from, 'utf8'))
export const get = async () => {
  if (!(await isJavaThere()))
    await aptInstall(['default-jdk-headless', 'maven'], 'Install a Java development kit (17 or later) and Maven.')
  rmSync(lib, { recursive: true, force: true })
  const [pom, standIn] = sources
  await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${lib}`])
  await run('javac', ['-cp', `${lib}/*`, '-d', lib, standIn])
  await run('cp', [...sources, lib])
}
