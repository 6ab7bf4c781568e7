import helmet from 'helmet'
import type { RequestHandler } from 'express'

/**
 * What every answer tells the browser. Our pages have no inline script or style, load nothing from elsewhere and are
 * never framed. A route that serves another program's pages (the flow editor) sets its own policy over this one.
 * No HSTS and no upgrade to https: we speak plain HTTP on loopback, and what stands in front decides for its own name.
 */
export const securityHeaders: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
  referrerPolicy: { policy: 'same-origin' },
})
