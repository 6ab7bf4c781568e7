import type { History } from '../history.ts'
import type { Finding } from './heard.ts'
import { time } from './heard.ts'

/**
 * Of several kernels only the one in office sends. From one that was frozen or cut off and goes on nothing reaches the provider but what it had
 * begun to send before another one took office: what was on the line cannot be called back.
 */
export function judgeOffice({ lives, begun = [], arrived = [] }: History): Finding[] {
  const terms = lives.filter(({ goesOn }) => !goesOn).sort((one, other) => one.began - other.began)
  return arrived.flatMap(({ kernel, effect, at }) => {
    const term = terms.findLast(({ began }) => began <= at)
    if (!term || term.kernel === kernel) return []
    const sending = begun.findLast((it) => it.kernel === kernel && it.effect === effect && it.at <= at)
    if (sending && sending.at < term.began) return []
    const what = `kernel ${kernel} sent a text at ${time(at)}, although another one was in office since ${time(term.began)}`
    return [{ kind: 'false' as const, what }]
  })
}
