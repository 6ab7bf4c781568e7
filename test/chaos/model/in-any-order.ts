import type { Act, AdminVerb, Verb } from '../history.ts'

const byAdmins: Record<AdminVerb, true> = {
  invite: true,
  take: true,
  resolve: true,
  note: true,
  say: true,
  'admin-in': true,
  'admin-out': true,
  extend: true,
}
const isOrder = (verb: Verb): boolean => verb in byAdmins

/** The acts, in their order, in groups whose order nobody outside can know: each begins before one of those before it has ended. */
export function groupsOf(acts: readonly Act[]): Act[][] {
  const groups: Act[][] = []
  let until = -Infinity
  for (const act of acts) {
    if (act.sent > until) groups.push([])
    groups.at(-1)?.push(act)
    until = Math.max(until, act.end)
  }
  return groups
}

/**
 * Which of these, in their order, may be applied next. What one person wrote stays in its order, unless the database may have got it after all when
 * we had been told that it could not be stored. What a member and an admin wrote at about the same time does not: it waits in two lines, and two
 * kernels may have taken it in.
 */
export function mayBeNext(acts: readonly Act[]): Act[] {
  return acts.filter((one, place) => {
    const isFixed = (it: Act): boolean => isOrder(it.verb) === isOrder(one.verb) && it.isLoose !== true
    return !acts.slice(0, place).some((it) => isFixed(it) || one.sent > it.end)
  })
}
