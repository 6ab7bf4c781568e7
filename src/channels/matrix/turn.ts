/** One job after the other, each whatever became of the one before. */
export function createTurn(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (job) => {
    const mine = last.then(job, job)
    last = mine.catch(() => undefined)
    return mine
  }
}
