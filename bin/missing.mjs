// What is not installed: the lock file against what npm recorded and what is really there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { needsPackagedNode, nodePackage } from './node.mjs'
import { Refusal } from './run.mjs'

export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

const suits = (list, value) => {
  const all = [list ?? []].flat()
  if (all.includes('!' + value)) return false
  const wanted = all.filter((name) => !name.startsWith('!'))
  return wanted.length === 0 || wanted.includes(value) || wanted.includes('any')
}

/** The lock file's packages that belong on this machine for a command. */
export function wanted(root, development) {
  const lock = readJson(path.join(root, 'package-lock.json'))
  if (!lock?.packages)
    throw new Refusal(
      `package-lock.json is missing or unreadable in ${root}: restore it with "git checkout package-lock.json".`,
    )
  return Object.entries(lock.packages).filter(
    ([place, entry]) =>
      place.includes('node_modules/') &&
      (development || !(entry.dev || entry.devOptional)) &&
      suits(entry.os, process.platform) &&
      suits(entry.cpu, process.arch),
  )
}

const givenUp = 'node_modules/.imok-given-up.json'

/** Remembers what npm could not install and need not, so that not every start tries it again. */
export function giveUpOn(root, optional) {
  if (optional.length > 0) writeFileSync(path.join(root, givenUp), JSON.stringify(optional))
}

/** What a command needs and does not find, by place: compares the lock file with what npm recorded and what is there. */
export function missing(root, development) {
  const recorded = readJson(path.join(root, 'node_modules/.package-lock.json'))?.packages ?? {}
  const packaged = `node_modules/${nodePackage()}`
  const required = []
  const optional = []
  for (const [place, entry] of wanted(root, development)) {
    if (place === packaged && !needsPackagedNode(root)) continue
    const there = entry.link
      ? existsSync(path.join(root, place))
      : readJson(path.join(root, place, 'package.json'))?.version === entry.version
    if (there && (entry.link || recorded[place]?.integrity === entry.integrity)) continue
    ;(entry.optional && place !== packaged ? optional : required).push(place)
  }
  return { required, optional: optional.join() === readJson(path.join(root, givenUp))?.join() ? [] : optional }
}
