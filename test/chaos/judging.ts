// Judges a round in a thread of its own: looking at thousands of courses of events must not hold up the worlds of the rounds beside it.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { History } from './history.ts'
import type { Judgement } from './model/judge.ts'
import { judge } from './model/judge.ts'
import type { Kind } from './settings.ts'
import { rungsOf } from './settings.ts'

interface Case {
  history: History
  kind: Kind
}

/** What everybody got against what they should have got. */
export function judgeAside(it: Case): Promise<Judgement> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { history: it.history, kind: it.kind } })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** Of a round that was kept in this folder. */
export function judgeKept(folder: string): Promise<Judgement> {
  return judgeAside(JSON.parse(readFileSync(path.join(folder, 'history.json'), 'utf8')) as Case)
}

if (!isMainThread) {
  const { history, kind } = workerData as Case
  parentPort?.postMessage(judge(history, rungsOf(kind)))
}
