import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min'

/**
 * Reads phone numbers as people of a region write them ("07700 900123", "+44 7700 900123", "0044…") into E.164; undefined for what
 * cannot be one. Possible, not valid: plans change faster than tables, and the UK's drama numbers are not "valid".
 * `region` is ISO 3166; in an unknown one only numbers with a country code can be read.
 */
export function phoneReader(region: string): (given: string) => string | undefined {
  const country = isSupportedCountry(region) ? region : undefined
  return (given) => {
    if (given.length > 40) return undefined
    const number = parsePhoneNumberFromString(given.trim(), {
      extract: false,
      ...(country && { defaultCountry: country }),
    })
    return number && number.ext === undefined && number.isPossible() ? number.number : undefined
  }
}
