// Asked by the container's health check: ends with 0 when somebody watches (/readyz), else says why not.
const port = process.env.IMOK_HTTP_PORT || '8080'
try {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(8000) })
  console.log((await answer.text()).trim())
  process.exitCode = answer.ok ? 0 : 1
} catch (error) {
  console.log(`imok does not answer at port ${port} (${error.cause?.code ?? error.name})`)
  process.exitCode = 1
}
